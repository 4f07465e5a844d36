"""kill -9 of the server and of the runner: no acknowledged push is lost, nothing stays running, nothing deploys twice."""
import os
import signal

from conftest import WORKER_JS, wrangler_config
from harness.stored import Stored
from harness.waiting import until
from test_cache import LOCK, PACKAGE


def runner_pid(kiln):
    """The server's child process."""
    children = open(f"/proc/{kiln.process.pid}/task/{kiln.process.pid}/children").read().split()
    for task in os.listdir(f"/proc/{kiln.process.pid}/task"):
        children += open(f"/proc/{kiln.process.pid}/task/{task}/children").read().split()
    for pid in children:
        if "kiln-runner" in open(f"/proc/{pid}/cmdline").read():
            return int(pid)
    return None


def test_a_server_killed_mid_build_runs_it_again_and_keeps_what_was_queued(fresh_kiln, repo, name):
    kiln = fresh_kiln()
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": f'{{"name": "{name}", "main": "index.js", '
                                                          '"compatibility_date": "2026-11-01"}'})
    kiln.connect(repo.bare, name, build_command="echo building; until [ -e /opt/buildhome/repo/.git/go ] || "
                                                "[ $WORKERS_CI_BRANCH != main ]; do sleep 0.05; [ -e go ] && break; done")
    (running,) = repo.push()
    kiln.wait_log(running, "building")
    repo.commit({"a": "1"}, branch="other")
    (queued,) = repo.push()
    kiln.kill9()
    kiln.start()
    # The build had not begun to deploy, so it starts again by itself; what was queued is still there.
    kiln.wait_log(running, "attempt 2")
    kiln.cli("cancel", running)
    assert kiln.wait(queued)["build_outcome"] == "success", "\n".join(kiln.build_log(queued))


def test_a_build_killed_while_it_deploys_is_never_deployed_again(fresh_kiln, repo, name):
    kiln = fresh_kiln()
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)})
    kiln.connect(repo.bare, name, deploy_command="npx wrangler deploy && echo deployed && sleep 600")
    (uuid,) = repo.push()
    (version,) = until(lambda: kiln.build(uuid)["version_ids"], "the build's version")
    kiln.kill9()
    kiln.start()
    build = kiln.wait(uuid, 30)
    assert build["build_outcome"] == "terminated"
    assert build["version_ids"] == [version]
    assert "not run again" in (last := kiln.build_log(uuid)[-1]) and f"By then it had uploaded version {version}." in last
    versions = kiln.get(f"//accounts/{kiln.account}/workers/scripts/{name}/versions").result["items"]
    assert [v["id"] for v in versions] == [version]
    assert kiln.get(f"/builds?version_ids={version}").result["builds"][version]["build_uuid"] == uuid


def test_a_build_killed_after_its_deploy_command_has_completed_is_a_success(fresh_kiln, repo, name):
    """Its runner is killed while it keeps the build's cache, which is large enough to take a moment."""
    kiln = fresh_kiln()
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name), "package.json": PACKAGE, "package-lock.json": LOCK})
    answer = kiln.connect(repo.bare, name, build_command="mkdir -p ~/.npm && head -c 900000000 /dev/urandom > ~/.npm/large")
    for trigger in answer["triggers"]:
        kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}", {"build_caching_enabled": True}).result
    stored = Stored(kiln)
    (uuid,) = repo.push()
    until(lambda: stored.row("SELECT deploy_completed FROM builds")["deploy_completed"], "the deploy command to be known as completed", 90)
    kiln.kill9()
    assert stored.row("SELECT status FROM builds")["status"] == "running", "the build ended before it could be killed"
    kiln.start()
    build = kiln.wait(uuid, 30)
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(uuid))
    (version,) = build["version_ids"]
    log = kiln.build_log(uuid)
    assert "was lost after the deploy command had completed" in log[-2] and log[-1] == "Success! Build completed."
    versions = kiln.get(f"//accounts/{kiln.account}/workers/scripts/{name}/versions").result["items"]
    assert [v["id"] for v in versions] == [version]


def test_a_killed_runner_is_replaced_and_its_build_starts_again(fresh_kiln, repo, name):
    kiln = fresh_kiln()
    repo.commit({"a": "1"})
    kiln.connect(repo.bare, name, deploy_command="true",
                 build_command="echo waiting; [ -e again ] || sleep 600")
    (uuid,) = repo.push()
    kiln.wait_log(uuid, "waiting")
    first = runner_pid(kiln)
    os.kill(first, signal.SIGKILL)
    until(lambda: (pid := runner_pid(kiln)) and pid != first, "a new runner", 20)
    kiln.wait_log(uuid, "attempt 2")
    build = kiln.wait_status(uuid, "running")
    assert build["build_outcome"] is None
    kiln.cli("cancel", uuid)


def test_pushes_answered_before_a_kill_are_all_there_after_it(fresh_kiln, repo, name):
    kiln = fresh_kiln()
    kiln.connect(repo.bare, name, build_command="true", deploy_command="true", preview_deploy_command="true")
    acknowledged = []
    for number in range(8):
        repo.commit({"a": str(number)}, branch=f"branch-{number}")
        acknowledged += repo.push()
        if number == 5:
            kiln.kill9()
            kiln.start()
    assert len(acknowledged) == 8
    for uuid in acknowledged:
        build = kiln.wait(uuid)
        if build["build_outcome"] == "terminated":  # the kill met its deploy command
            assert any("not run again" in line for line in kiln.build_log(uuid))
        else:
            assert build["build_outcome"] == "success"


def test_a_push_while_the_server_is_down_succeeds_and_says_what_to_do(fresh_kiln, repo, name):
    kiln = fresh_kiln()
    kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    repo.commit({"a": "1"})
    kiln.stop()
    assert repo.push() == []
    assert "kiln build" in repo.answer
    kiln.start()
    uuid = kiln.cli_json("build", name)["build_uuid"]
    assert kiln.wait(uuid)["build_trigger_metadata"]["commit_hash"] == repo.head()
