"""The server's own log: one line an event in the form that the settings say, which names requests as their answers do."""
import json
import shlex

from harness.server import http
from harness.waiting import until


def test_logfmt_and_json_say_the_same(fresh_kiln, repo, name):
    for form in ("logfmt", "json"):
        kiln = fresh_kiln(f'[server]\nlog_format = "{form}"\n')
        kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
        repo.commit({"a": form})
        (uuid,) = repo.push()
        kiln.wait(uuid)
        lines = until(lambda: [line for line in fields(kiln, form) if line.get("build") == uuid and line["msg"] == "build stopped"], "the end in the log")
        assert lines[0]["outcome"] == "success" and lines[0]["level"] == "info" and lines[0]["program"] == "kiln"
        assert any(line["program"] == "kiln-runner" and line["msg"] == "starts in" for line in fields(kiln, form))
        assert all({"time", "level", "program", "msg"} <= set(line) for line in fields(kiln, form))
        kiln.stop()


def fields(kiln, form):
    lines = kiln.log().splitlines()
    if form == "json":
        return [json.loads(line) for line in lines]
    return [dict(word.split("=", 1) for word in shlex.split(line)) for line in lines]


def test_an_error_is_named_alike_in_its_answer_and_in_the_log(fresh_kiln):
    kiln = fresh_kiln('[server]\nlog_level = "debug"\ntrusted_proxies = ["127.0.0.1"]\n')
    refused = http("GET", kiln.builds_api + "/tokens", headers={"authorization": "Bearer wrong"})
    request = refused.headers["x-request-id"]
    assert refused.status == 401 and len(request) == 16
    line = until(lambda: [one for one in fields(kiln, "logfmt") if one.get("request") == request], "the request in the log")[0]
    assert (line["msg"], line["method"], line["status"]) == ("answered", "GET", "401") and "wrong" not in kiln.log()
    told = http("GET", kiln.builds_api + "/tokens", headers={"authorization": "Bearer wrong", "x-request-id": "proxy-7"})
    assert told.headers["x-request-id"] == "proxy-7"
    for odd in ("a b", "x" * 65, 'a"b'):
        told = http("GET", kiln.builds_api + "/tokens", headers={"authorization": "Bearer wrong", "x-request-id": odd})
        assert len(told.headers["x-request-id"]) == 16
