"""A build as a trace: what a collector is sent, held against the published form, and what commands of the build find."""
import json
import subprocess

import pytest

from harness.receivers import Receiver
from harness.server import BUILD, NODE, ROOT
from harness.waiting import until

CHECK = ROOT / "tests" / "telemetry" / "check.js"
TRANSFORMER = ROOT / "build" / "telemetry" / "node_modules" / "@opentelemetry" / "otlp-transformer"


@pytest.fixture
def collector():
    receiver = Receiver(lambda request: 200)
    yield receiver
    receiver.stop()


def spans_of(request):
    body = json.loads(request.text)
    return body["resourceSpans"][0]["scopeSpans"][0]["spans"]


def check(text):
    return subprocess.run([NODE, CHECK, TRANSFORMER], input=text, capture_output=True, text=True)


def attributes(span):
    return {one["key"]: next(iter(one["value"].values())) for one in span["attributes"]}


def test_a_build_is_a_trace_that_its_commands_go_on_with(collector, fresh_kiln, worker_repo, name):
    kiln = fresh_kiln(f'[traces]\nendpoint = "{collector.url}/v1/traces"\nauthorization = "Bearer collector"\n')
    kiln.connect(worker_repo.bare, name, build_command="echo parent=$TRACEPARENT")
    (uuid,) = worker_repo.push()
    build = kiln.wait(uuid)
    assert build["build_outcome"] == "success", kiln.build_log(uuid)
    (sent,) = collector.wait(1)
    assert sent.path == "/v1/traces" and sent.headers["authorization"] == "Bearer collector"
    checked = check(sent.text)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    spans = spans_of(sent)
    trace = kiln.get(f"/builds/{uuid}/detail").result["trace_id"]
    assert trace == uuid.replace("-", "") and {span["traceId"] for span in spans} == {trace}
    (root,) = [span for span in spans if "parentSpanId" not in span]
    named = {span["name"]: span for span in spans if span is not root}
    assert {"queue", "initialize", "clone", "install", "build", "deploy", "upload"} - {"install"} <= set(named)
    assert attributes(root)["cicd.pipeline.name"] == name and root["status"] == {"code": 1}
    assert named["upload"]["parentSpanId"] == named["deploy"]["spanId"]
    assert int(named["queue"]["startTimeUnixNano"]) == int(root["startTimeUnixNano"])
    assert f"parent=00-{trace}-{named['build']['spanId']}-01" in kiln.build_log(uuid)


def test_a_collector_that_is_away_holds_up_nobody_and_hears_of_it_after_a_restart(fresh_kiln, repo, name):
    answers = [503]
    receiver = Receiver(lambda request: answers[0])
    try:
        kiln = fresh_kiln(f'[traces]\nendpoint = "{receiver.url}/v1/traces"\n')
        kiln.connect(repo.bare, name, build_command="exit 3", deploy_command="true")
        repo.commit({"a": "1"})
        (uuid,) = repo.push()
        assert kiln.wait(uuid)["build_outcome"] == "fail"
        receiver.wait(1)
        kiln.kill9()
        answers[0] = 200
        before = len(receiver.requests)
        kiln.start()
        until(lambda: len(receiver.requests) > before, "the trace to be sent again", 30)
        first, last = spans_of(receiver.requests[0]), spans_of(receiver.requests[-1])
        assert first == last
        (root,) = [span for span in last if "parentSpanId" not in span]
        assert root["status"]["code"] == 2 and "exit 3" in root["status"]["message"]
    finally:
        receiver.stop()


def test_the_check_sees_what_is_wrong():
    """A word that the messages do not have, and an id that is none."""
    good = {"resourceSpans": [{"scopeSpans": [{"spans": [
        {"traceId": "1" * 32, "spanId": "2" * 16, "name": "x", "kind": 1, "startTimeUnixNano": "1", "endTimeUnixNano": "2"}]}]}]}
    assert check(json.dumps(good)).returncode == 0
    for key, value in (("spanID", "3" * 16), ("spanId", "3"), ("startTimeUnixNano", 1), ("kind", "loud")):
        bad = json.loads(json.dumps(good))
        bad["resourceSpans"][0]["scopeSpans"][0]["spans"][0][key] = value
        assert check(json.dumps(bad)).returncode != 0, key
