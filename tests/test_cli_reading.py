"""Builds as an operator reads them: lists by what is remembered, short ids, the failed step, the queue, and 80 columns."""
import json
import re
import sqlite3
import uuid as uuids

from harness.githost import Repo
from harness.terminal import refused, wide
from harness.waiting import until


def failing(kiln, repo, name):
    repo.commit({"a": "1"}, "Break the cart")
    kiln.connect(repo.bare, name, build_command="echo first; echo second is wrong >&2; exit 3", deploy_command="true",
                 preview_deploy_command="true")
    (uuid,) = repo.push()
    kiln.wait(uuid)
    return uuid


def test_builds_are_found_by_what_is_remembered_of_them(kiln, repo, name):
    failed = failing(kiln, repo, name)
    kiln.connect(repo.bare, name, build_command="true")
    repo.commit({"b": "2"}, "Mend the cart", branch="feature/mend")
    (good,) = repo.push()
    kiln.wait(good)

    def found(*words):
        return [one["build_uuid"] for one in kiln.cli_json("builds", name, *words)]

    assert found() == [good, failed]
    assert found("--outcome", "fail") == [failed] and found("--branch", "feature/mend") == [good]
    assert found("--author", "Ada Author") == [good, failed] and found("--author", "nobody") == []
    assert found("--status", "stopped", "--limit", "1") == [good] and found("--status", "queued") == []
    assert found("--since", "1h") == [good, failed] and found("--since", "2100-01-01") == []
    assert found("--limit", "1", "--page", "2") == [failed] and found("--commit", repo.head()[:9]) == [good]
    assert "such as 30m" in refused(kiln, "builds", "--since", "yesterday")
    assert "did you mean fail?" in refused(kiln, "builds", "--outcome", "failed", code=2)
    (whole,) = kiln.cli_json("builds", name, "--outcome", "fail")
    assert whole["build_trigger_metadata"]["branch"] == "main" and whole["trigger"] and whole["worker_name"] == name
    assert whole["sentence"] and whole["duration_ms"] > 0 and whole["usage"]["build_minutes"] >= 1


def test_a_list_says_why_and_how_long_at_80_columns(kiln, repo, name):
    uuid = failing(kiln, repo, name)
    head, row, why = wide(kiln, "builds", name)
    assert head.split()[:7] == ["BUILD", "WORKER", "STATE", "BRANCH", "COMMIT", "WHEN", "TOOK"]
    assert row.startswith(uuid[:8] + " ") and " fail " in row and re.search(r"\d (ms|s)\b", row)
    assert why.startswith("  ") and "exit code 3" in why
    roomy = wide(kiln, "builds", name, columns=200)
    assert uuid in roomy[1] and "Break the cart" in roomy[1] and "Ada Author" in roomy[1]
    for words in (["queue"], ["deliveries"], ["repository", "list"], ["token", "list"], ["account", "list"], ["workers"], ["builds"],
                  ["trigger", "list"], ["build-token", "list"], ["sinks", "list"], ["forge", "list"]):
        wide(kiln, *words)


def test_ids_may_be_shortened_and_an_ambiguous_one_is_said_to_be(kiln, repo, name):
    uuid = failing(kiln, repo, name)
    assert uuid in kiln.cli("show", uuid[:8]).stdout and uuid in kiln.cli("show", name).stdout
    again = kiln.cli_json("retry", uuid[:6])["build_uuid"]
    kiln.wait(again)
    assert kiln.cli("logs", uuid.upper()[:13], "--grep", "first").stdout.count("first") >= 1
    assert "there is no build" in refused(kiln, "show", uuids.uuid4().hex[:12])
    twin = uuid[:9] + ("0000" if uuid[9:13] != "0000" else "1111") + uuid[13:]
    db = sqlite3.connect(kiln.data / "kiln.db", timeout=30)
    with db:
        db.execute("UPDATE builds SET uuid = ? WHERE uuid = ?", (uuids.UUID(twin).bytes, uuids.UUID(again).bytes))
    db.close()
    said = refused(kiln, "cancel", uuid[:8])
    assert "2 ids begin with" in said and f"({name})" in said and "write more of it" in said
    rows = wide(kiln, "builds", name)
    ids = [line.split()[0] for line in rows[1:] if not line.startswith(" ")]
    assert len(set(ids)) == 2 and all(len(one) > 9 for one in ids), "as long as tells them apart"


def test_the_log_of_a_worker_and_of_its_failed_step_alone(kiln, repo, name):
    failing(kiln, repo, name)
    whole = kiln.cli("logs", name).stdout
    part = kiln.cli("logs", name, "--failed").stdout
    assert "first" in part and "second is wrong" in part and "Cloning" not in part and len(part) < len(whole)
    assert kiln.cli("logs", name, "--failed", "--tail", "1").stdout.count("\n") == 1
    stamped = kiln.cli("logs", name, "--failed", "--grep", "second is", "--timestamps").stdout.splitlines()
    assert stamped and all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line) and "second is" in line for line in stamped)
    lines = [json.loads(line) for line in kiln.cli("logs", name, "--failed", "--json").stdout.splitlines()]
    assert ["second is wrong"] == [text for _, text in lines if text.startswith("second")]
    kiln.connect(repo.bare, name, build_command="true")
    kiln.wait(kiln.cli_json("build", name)["build_uuid"])
    assert "no step of this build failed" in refused(kiln, "logs", name, "--failed")
    assert refused(kiln, "logs", name, "--failed", "--follow", code=2)


def test_the_queue_says_what_waits_and_why(fresh_kiln, tmp_path):
    kiln = fresh_kiln("[builds]\nconcurrency = 1\n")
    repo = Repo(tmp_path, "slow")
    repo.commit({"a": "1"}, "Slow one")
    kiln.connect(repo.bare, "slow", build_command="while ! test -e go; do sleep 0.2; done", deploy_command="true", preview_deploy_command="true")
    (running,) = repo.push()
    kiln.wait_status(running, "running")
    repo.commit({"b": "1"}, "Behind it", branch="topic")
    (waiting,) = repo.push()
    lines = wide(kiln, "queue")
    assert lines[0].split()[:5] == ["PLACE", "BUILD", "WORKER", "BRANCH", "STARTS"]
    (row,) = [line for line in lines if waiting[:8] in line]
    assert row.startswith("1 ") and "topic" in row
    assert "1 of 1 builds run that may at once" in "\n".join(lines) and lines[-1] == "1 of 1 at a time run, 1 wait"
    assert any(line.startswith("- ") and running[:8] in line and "runs for" in line for line in lines)
    kiln.cli("cancel", waiting[:8])
    kiln.cli("cancel", running[:8])
    until(lambda: "nothing runs" in kiln.cli("queue").stderr, "the queue to be empty")
