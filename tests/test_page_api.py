"""What the page asks for: a build's story, its log by lines, lists, the queue, events; and the CLI that speaks the same."""
import http.client
import json
import threading
from urllib.parse import quote, urlsplit

import pytest

from harness.githost import Repo
from harness.openapi import document
from harness.waiting import until

LOCKED = '{"name":"shop","lockfileVersion":3,"requires":true,"packages":{"":{"name":"shop"}}}'
TALK = "sh talk.sh --loud 'error: none'"
TALKS = """i=0; while [ $i -lt 3000 ]; do echo "line $i of many"; i=$((i+1)); done; printf '\\033[31mERR\\033[0mOR: red\\n'"""


class Events:
    """A stream of server-sent events, read on a thread of its own."""

    def __init__(self, kiln, path, headers=None):
        there = urlsplit(kiln.builds_api + path)
        self.connection = http.client.HTTPConnection(there.hostname, there.port, timeout=60)
        self.connection.request("GET", there.path + ("?" + there.query if there.query else ""),
                                headers={"authorization": f"Bearer {kiln.token}", "accept": "text/event-stream"} | (headers or {}))
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()
        assert self.answer.headers["content-type"] == "text/event-stream"
        self.seen, self.wrong, self.over = [], [], False
        self.path = there.path
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        event = {}
        try:
            for raw in self.answer:
                line = raw.decode().rstrip("\n")
                if not line:
                    if event:
                        self._take(event.get("event"), event.get("id"), json.loads(event.get("data", "null")))
                    event = {}
                elif not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    event[name] = value
        except (OSError, ValueError, http.client.HTTPException, AttributeError):
            pass
        self.over = True

    def _take(self, name, event_id, data):
        try:
            document().check_event(self.path, name, data)
        except AssertionError as wrong:
            self.wrong.append(str(wrong))
        self.seen.append((name, event_id, data))

    def named(self, name):
        assert not self.wrong, "\n".join(self.wrong)
        return [data for event, _, data in self.seen if event == name]

    def wait(self, name, fits=lambda data: True, seconds=60):
        return until(lambda: next((data for data in self.named(name) if fits(data)), None), f"an event {name}, of {self.seen}", seconds)

    def close(self):
        self.connection.close()


@pytest.fixture(scope="module")
def talker(kiln, tmp_path_factory):
    """(kiln, uuid): a build that printed 3,001 lines and then failed."""
    repo = Repo(tmp_path_factory.mktemp("talk"), "talker")
    repo.commit({"talk.sh": TALKS + "\nexit 7\n", "a.txt": "a"}, "Talk")
    kiln.connect(repo.bare, "talker", build_command=TALK, deploy_command="true")
    (uuid,) = repo.push()
    assert kiln.wait(uuid)["build_outcome"] == "fail"
    return kiln, uuid


def texts(window):
    return [text for _, text, _ in window["lines"]]


def whole_log(kiln, uuid):
    return kiln.build_log(uuid)


def test_a_log_is_read_by_line_numbers_from_either_side(talker):
    kiln, uuid = talker
    log = whole_log(kiln, uuid)
    window = kiln.get(f"/builds/{uuid}/logs/lines?from=1&count=1000").result
    assert window["first"] == 1 and texts(window) == log[:1000] and window["total"] == len(log) and window["complete"]
    window = kiln.get(f"/builds/{uuid}/logs/lines?from=1500&count=20").result
    assert window["first"] == 1500 and texts(window) == log[1499:1519]
    window = kiln.get(f"/builds/{uuid}/logs/lines?before=1500&count=20").result
    assert window["first"] == 1480 and texts(window) == log[1479:1499]
    window = kiln.get(f"/builds/{uuid}/logs/lines").result
    assert texts(window) == log[-200:] and window["first"] == len(log) - 199
    assert kiln.get(f"/builds/{uuid}/logs/lines?from=999999").result["lines"] == []
    for wrong in ("from=0", "from=x", "count=1001", "before=0", "from=1&before=2"):
        assert kiln.get(f"/builds/{uuid}/logs/lines?{wrong}").status == 400, wrong
    assert kiln.get("/builds/00000000-0000-4000-8000-000000000000/logs/lines").status == 404


def test_a_log_is_searched_on_the_server(talker):
    kiln, uuid = talker
    log = whole_log(kiln, uuid)
    found = kiln.get(f"/builds/{uuid}/logs/search?q={quote('line 29')}&limit=5").result
    expected = [n for n, text in enumerate(log, 1) if "line 29" in text]
    assert found["count"] == len(expected) and found["lines"] == expected and found["total"] == len(log)
    assert [hit["line"] for hit in found["hits"]] == expected[:5] and found["next"] == expected[5]
    more = kiln.get(f"/builds/{uuid}/logs/search?q={quote('line 29')}&from={found['next']}&limit=1000").result
    assert [hit["line"] for hit in more["hits"]] == expected[5:] and more["next"] is None
    assert kiln.get(f"/builds/{uuid}/logs/search?q=ERROR").result["count"] == 1, "colours part nothing"
    assert kiln.get(f"/builds/{uuid}/logs/search?q=error&ignore_case=true").result["count"] >= 1
    assert kiln.get(f"/builds/{uuid}/logs/search?q=nothing-like-it").result["hits"] == []
    assert kiln.get(f"/builds/{uuid}/logs/search").status == 400


def test_marks_lead_to_the_first_error_of_the_step_that_failed(talker):
    kiln, uuid = talker
    marks = kiln.get(f"/builds/{uuid}/logs/marks").result
    log = whole_log(kiln, uuid)
    assert "ERR" in log[marks["first_error"] - 1]
    assert not any("error: none" in error["text"] for error in marks["errors"]), "a command that is told is no error"
    steps = {step["step"]: step for step in marks["steps"]}
    assert list(steps)[:2] == ["initialize", "clone"] and steps["build"]["state"] == "failed"
    assert log[steps["build"]["first_line"] - 1] == f"Executing user build command: {TALK}"
    assert steps["initialize"]["first_line"] == 1 and steps["clone"]["state"] == "done"


def test_the_raw_log_is_text_and_nothing_else(talker):
    kiln, uuid = talker
    answer = kiln.get(f"/builds/{uuid}/logs/raw?colours=false")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8" and answer.headers["x-content-type-options"] == "nosniff"
    lines = answer.raw.decode().splitlines()
    assert len(lines) == len(whole_log(kiln, uuid)) and "ERROR: red" in lines and "\x1b" not in answer.raw.decode()
    stamped = kiln.get(f"/builds/{uuid}/logs/raw?timestamps=true&download=true")
    assert stamped.raw.decode().split(" ", 1)[0].endswith("Z") and "attachment" in stamped.headers["content-disposition"]


def test_a_build_says_in_one_sentence_what_became_of_it(talker):
    kiln, uuid = talker
    detail = kiln.get(f"/builds/{uuid}/detail").result
    summary = detail["summary"]
    assert summary["sentence"] == "sh talk.sh failed: red", summary
    assert summary["failed_step"] == "build" and summary["attempt"] == 1 and summary["duration_ms"] >= 0
    assert detail["build"]["build_uuid"] == uuid and detail["log_lines"] == len(whole_log(kiln, uuid))
    build = next(step for step in detail["steps"] if step["step"] == "build")
    assert build["exit_code"] == 7 and build["command"] == TALK and build["stopped_on"]
    assert {tool["name"] for tool in detail["tools"]} >= {"nodejs", "npm"}
    assert detail["waiting"] is None and detail["runner_id"] and detail["usage"]["build_minutes"] >= 1
    shown = kiln.cli("show", uuid).stdout
    assert shown.startswith("fail: ") and "exit code 7" in shown and "talker" in shown
    assert kiln.cli_json("show", uuid)["summary"] == summary


def test_a_lock_file_out_of_step_is_named(kiln, repo, name):
    repo.commit({"package.json": '{"name":"shop","dependencies":{"left-pad":"1.3.0"}}', "package-lock.json": LOCKED}, "Out of step")
    kiln.connect(repo.bare, name, deploy_command="true")
    (uuid,) = repo.push()
    kiln.wait(uuid)
    summary = kiln.get(f"/builds/{uuid}/detail").result["summary"]
    assert summary["sentence"] == "npm clean-install failed: lock file out of step with package.json"
    assert summary["failed_step"] == "install"


def test_lists_find_builds_by_what_is_remembered_of_them(kiln, repo, name):
    repo.commit({"a.txt": "a"}, "First")
    kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    (uuid,) = repo.push()
    kiln.wait(uuid)
    second = kiln.cli_json("build", name)["build_uuid"]
    kiln.wait(second)
    build = kiln.build(uuid)
    meta, tag = build["build_trigger_metadata"], build["trigger"]["external_script_id"]

    def listed(query):
        return [b["build_uuid"] for b in kiln.get(f"/builds/list?script_tag={tag}&{query}").result["builds"]]

    assert listed("") == [second, uuid]
    assert listed(f"commit={meta['commit_hash'][:7]}") == [second, uuid]
    assert listed(f"author={quote(meta['author'])}&outcome=success&branch=main") == [second, uuid]
    assert listed("outcome=fail") == [] and listed("outcome=running") == [] and listed("branch=other") == []
    assert listed("since=2999-01-01T00:00:00Z") == []
    page = kiln.get(f"/builds/list?script_tag={tag}&limit=1").result
    assert [b["build_uuid"] for b in page["builds"]] == [second] and page["cursor"]
    rest = kiln.get(f"/builds/list?script_tag={tag}&limit=1&cursor={page['cursor']}").result
    assert [b["build_uuid"] for b in rest["builds"]] == [uuid] and rest["cursor"] is None
    for wrong in ("commit=xyz", "outcome=odd", "since=yesterday", "limit=201", "cursor=x"):
        assert kiln.get(f"/builds/list?{wrong}").status == 400, wrong


def test_a_build_is_compared_with_the_last_good_one(kiln, repo, name):
    repo.commit({"ok": "", "a.txt": "a"}, "Good")
    made = kiln.connect(repo.bare, name, build_command="test -e ok", deploy_command="true")
    (good,) = repo.push()
    assert kiln.wait(good)["build_outcome"] == "success"
    first = kiln.get(f"/builds/{good}/compare").result
    assert first["other"] is None and first["changes"] == []
    for trigger in made["triggers"]:
        kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}/environment_variables",
                  {"SECRET": {"is_secret": True, "value": "hush"}}).result
    (repo.work / "ok").unlink()
    repo.commit({"a.txt": "b"}, "Bad")
    (bad,) = repo.push()
    assert kiln.wait(bad)["build_outcome"] == "fail"
    compared = kiln.get(f"/builds/{bad}/compare?to=last_good")
    assert compared.result["other"]["build_uuid"] == good and not compared.result["same_commit"]
    subjects = {(change["subject"], change["name"]) for change in compared.result["changes"]}
    assert ("commit", None) in subjects and ("variable", "SECRET") in subjects
    assert b"hush" not in compared.raw
    assert kiln.get(f"/builds/{bad}/compare?to=nothing").status == 400


def test_the_queue_says_why_a_build_waits(fresh_kiln, tmp_path):
    kiln = fresh_kiln("[builds]\nconcurrency = 1\n")
    repo = Repo(tmp_path, "waits")
    repo.commit({"a.txt": "a"}, "First")
    kiln.connect(repo.bare, "waits", build_command="while :; do sleep 1; done", deploy_command="true")
    (running,) = repo.push()
    kiln.wait_status(running, "running")
    events = Events(kiln, "/events")
    waiting = kiln.cli_json("build", "waits")["build_uuid"]
    queue = kiln.get("/queue").result
    assert [b["build_uuid"] for b in queue["running"]] == [running] and queue["slots"] == 1
    (line,) = queue["waiting"]
    assert line["build"]["build_uuid"] == waiting and line["waiting"]["position"] == 1
    assert line["waiting"]["reason"] == "branch" and line["waiting"]["build_uuid"] == running
    assert kiln.get(f"/builds/{waiting}/detail").result["waiting"]["reason"] == "branch"
    (runner,) = kiln.get("/runners").result
    assert runner["state"] == "taking" and [b["build_uuid"] for b in runner["builds"]] == [running]
    overview = kiln.get("/overview").result
    (worker,) = overview["workers"]
    assert worker["worker_name"] == "waits" and worker["connected"] and worker["latest_build"]["build_uuid"] == waiting
    assert overview["queue"] == {"running": 1, "waiting": 1, "slots": 1, "no_builds": None}
    events.wait("hello")
    events.wait("build", lambda data: data["build_uuid"] == waiting and data["status"] == "queued")
    events.wait("queue", lambda data: data["waiting"] == 1)
    for uuid in (waiting, running):
        kiln.cli("cancel", uuid)
    events.wait("build", lambda data: data["build_uuid"] == running and data["build_outcome"] == "cancelled")
    assert "cancelled" in kiln.get(f"/builds/{running}/detail").result["summary"]["sentence"]
    events.wait("queue", lambda data: data["waiting"] == 0 and data["running"] == 0)
    last = events.seen[-1][1]
    events.close()
    again = Events(kiln, f"/events?since={overview['event_id']}")
    again.wait("build", lambda data: data["build_uuid"] == running)
    again.close()
    lost = Events(kiln, "/events", {"last-event-id": str(int(last) + 1000)})
    lost.wait("reset")
    lost.close()


def test_a_log_is_followed_in_batches_and_resumed(kiln, repo, name):
    repo.commit({"a.txt": "a"}, "First")
    kiln.connect(repo.bare, name, deploy_command="true",
                 build_command="i=0; while [ $i -lt 400 ]; do echo tick $i; i=$((i+1)); sleep 0.01; done")
    (uuid,) = repo.push()
    live = Events(kiln, f"/builds/{uuid}/logs/live?from=1")
    until(lambda: sum(len(w["lines"]) for w in live.named("lines")) > 100, "a hundred lines")
    live.close()
    last = [id for event, id, _ in live.seen if event == "lines"][-1]
    rest = Events(kiln, f"/builds/{uuid}/logs/live", {"last-event-id": last})
    end = rest.wait("end")
    assert end == {"build_uuid": uuid, "build_outcome": "success"}
    windows = live.named("lines") + rest.named("lines")
    numbers = [(w["first"] + i, line[1]) for w in windows for i, line in enumerate(w["lines"])]
    assert [n for n, _ in numbers] == list(range(1, len(numbers) + 1)), "each line once, none missing"
    assert [text for _, text in numbers] == kiln.build_log(uuid)
    assert rest.named("state")[-1]["build_outcome"] == "success"
    told = [(step["step"], step["state"]) for step in live.named("step") + rest.named("step")]
    assert ("build", "running") in told and told.index(("build", "running")) < told.index(("build", "done")) < told.index(("deploy", "done"))
    tail = Events(kiln, f"/builds/{uuid}/logs/live?tail=3")
    tail.wait("end")
    assert [text for w in tail.named("lines") for _, text, _ in w["lines"]] == kiln.build_log(uuid)[-3:]
