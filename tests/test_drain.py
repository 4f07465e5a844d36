"""A server that is taken out of service: builds that run end, none begins, and nothing that is pushed meanwhile is lost."""
import signal
import threading

import pytest

from harness.receivers import Receiver
from harness.server import http
from harness.waiting import until


@pytest.fixture
def gate():
    """What a build's command can wait for: `gate.command` ends once `gate.open` is set."""
    opened = threading.Event()

    def answer(request):
        opened.wait(120)
        return 204

    receiver = Receiver(answer)
    receiver.open = opened
    receiver.command = f"curl -sS -X POST -m 300 http://127.0.0.1:{receiver.port}/"
    yield receiver
    opened.set()
    receiver.stop()


def server_with_a_build(fresh_kiln, repo, name, gate, settings):
    kiln = fresh_kiln(f"[builds]\nconcurrency = 1\n[runner]\nforward_ports = [{gate.port}]\n[server]\n{settings}\n")
    kiln.connect(repo.bare, name, build_command=gate.command, deploy_command="true")
    repo.commit({"a": "1"})
    (uuid,) = repo.push()
    gate.wait(1, 60)
    return kiln, uuid


def test_sigterm_lets_a_running_build_end_and_begins_no_other(fresh_kiln, repo, name, gate):
    kiln, uuid = server_with_a_build(fresh_kiln, repo, name, gate, "drain_seconds = 100")
    kiln.process.send_signal(signal.SIGTERM)
    until(lambda: "draining" in kiln.log(), "the drain to begin", 20)
    repo.commit({"a": "2"})
    (later,) = repo.push()  # is taken in all the same
    assert kiln.build(later)["status"] == "queued" and kiln.process.poll() is None
    gate.open.set()
    assert kiln.process.wait(60) == 0
    assert "handing back" not in kiln.log()
    kiln.start()
    assert kiln.build(uuid)["build_outcome"] == "success"
    assert kiln.get(f"/builds/{uuid}/detail").result["summary"]["attempt"] == 1
    assert kiln.wait(later)["build_outcome"] == "success"


def test_what_has_not_ended_in_time_is_handed_back_and_runs_again(fresh_kiln, repo, name, gate):
    kiln, uuid = server_with_a_build(fresh_kiln, repo, name, gate, "drain_seconds = 1")
    kiln.process.send_signal(signal.SIGTERM)
    assert kiln.process.wait(30) == 0
    assert "handing back builds" in kiln.log()
    gate.open.set()
    kiln.start()
    assert kiln.wait(uuid)["build_outcome"] == "success"
    assert kiln.get(f"/builds/{uuid}/detail").result["summary"]["attempt"] == 2


def test_a_second_signal_ends_the_drain(fresh_kiln, repo, name, gate):
    kiln, _ = server_with_a_build(fresh_kiln, repo, name, gate, "drain_seconds = 100")
    kiln.process.send_signal(signal.SIGTERM)
    until(lambda: "draining" in kiln.log(), "the drain to begin", 20)
    kiln.process.send_signal(signal.SIGTERM)
    assert kiln.process.wait(20) == 0
    assert "a second signal" in kiln.log()


def test_kiln_drain_keeps_builds_from_starting_until_its_end(fresh_kiln, repo, name):
    kiln = fresh_kiln()
    kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    assert kiln.cli("drain", "--wait").stdout == "drained: no build runs, and none starts until `kiln drain --end` or a restart\n"
    repo.commit({"a": "1"})
    (uuid,) = repo.push()
    assert "WARNING: it waits" in repo.answer
    assert kiln.build(uuid)["status"] == "queued"
    assert "being drained" in kiln.cli_json("status")["no_builds"]
    rows = {row["name"]: row for row in kiln.cli_json("doctor")["rows"]}
    assert rows["builds"]["state"] == "limited" and rows["builds"]["found"] == "0 run, 1 wait, 0 for approval"
    assert rows["readiness"]["state"] == "ok"
    assert kiln.cli_json("drain", "--end") == {"draining": False, "running": 0}
    assert kiln.wait(uuid)["build_outcome"] == "success"


def test_sighup_takes_the_log_level_anew_and_leaves_a_wrong_file_alone(fresh_kiln):
    kiln = fresh_kiln('[server]\nlog_level = "warn"\n')
    assert "level=info" not in kiln.log()
    text = kiln.config.read_text()
    kiln.config.write_text(text.replace('"warn"', '"loud"'))
    kiln.process.send_signal(signal.SIGHUP)
    until(lambda: "settings are not reloaded" in kiln.log(), "the wrong file to be refused", 20)
    kiln.config.write_text(text.replace('"warn"', '"debug"'))
    kiln.process.send_signal(signal.SIGHUP)
    until(lambda: "answered" in kiln.log() or not http("GET", kiln.url + "/livez"), "requests at debug level", 20)
    assert kiln.process.poll() is None
