"""Deploy hooks end to end: managed with a token, called by anybody who knows the uuid, built from a real repository."""
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.githost import git
from harness.server import http

HOOK_KEYS = {"deploy_hook_uuid", "deploy_hook_name", "branch", "external_script_id", "created_on", "modified_on"}
STARTED_KEYS = {"build_uuid", "status", "created_on", "already_exists", "branch", "worker"}
RANDOM_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Hooks:
    """The deploy hooks of one Worker on one server."""

    def __init__(self, server, connected):
        self.server = server
        self.tag = connected["worker"]["tag"]
        self.path = f"/workers/{connected['worker']['name']}/deploy_hooks"

    def create(self, name="cms", branch="main", **more):
        return self.server.call("POST", self.path, {"deploy_hook_name": name, "branch": branch} | more)

    def made(self, name="cms", branch="main"):
        return self.create(name, branch).result["deploy_hook_uuid"]

    def list(self):
        return self.server.get(self.path).result

    def trigger(self, uuid, body=b""):
        """As the world calls it: no token."""
        return http("POST", f"{self.server.api}/workers/builds/deploy_hooks/{uuid}", body)

    def cancel(self, build):
        assert self.server.call("PUT", f"/builds/{build}/cancel").status == 200


@pytest.fixture
def filled(repo):
    """A repository with a commit on main and another on feature/x; nothing builds them yet."""
    repo.commit({"a.txt": "1"}, "First")
    repo.push()
    repo.commit({"a.txt": "2"}, "Second", branch="feature/x")
    repo.push()
    return repo


@pytest.fixture
def hooks(kiln, filled, name):
    return Hooks(kiln, kiln.connect(filled.bare, name, build_command="echo built", deploy_command="echo deployed",
                                    preview_deploy_command="echo previewed"))


@pytest.fixture
def idle(fresh_kiln, filled, name):
    """Hooks of a server without a runner, where what is queued stays queued, and of a Worker without previews."""
    server = fresh_kiln("[runner]\nembedded = false\n")
    return Hooks(server, server.connect(filled.bare, name, build_command="true", deploy_command="true",
                                        no_previews=True))


def test_hooks_are_created_shown_renamed_and_deleted(kiln, hooks):
    made = hooks.create().result
    assert set(made) == HOOK_KEYS and RANDOM_UUID.fullmatch(made["deploy_hook_uuid"])
    assert (made["deploy_hook_name"], made["branch"]) == ("cms", "main")
    assert made["external_script_id"] == hooks.tag
    one = f"{hooks.path}/{made['deploy_hook_uuid']}"
    assert kiln.get(one).result == made
    renamed = kiln.call("PUT", one, {"deploy_hook_name": "nightly", "branch": "feature/x"}).result
    assert (renamed["deploy_hook_name"], renamed["branch"]) == ("nightly", "feature/x")
    assert renamed["created_on"] == made["created_on"] and renamed["modified_on"] >= made["modified_on"]
    assert hooks.list() == [renamed | {"latest_build": None}]
    assert kiln.call("DELETE", one).status == 200
    assert hooks.list() == []
    assert kiln.get(one).error[:2] == (404, 12000)
    assert hooks.trigger(made["deploy_hook_uuid"]).error[:2] == (404, 12000)


def test_a_duplicate_name_a_bad_body_and_a_missing_worker_are_refused(kiln, hooks):
    first, second = hooks.made("cms"), hooks.made("cron")
    assert hooks.create("cms").error[:2] == (409, 12004)
    assert kiln.call("PUT", f"{hooks.path}/{second}", {"deploy_hook_name": "cms", "branch": "main"}).error[:2] == (409, 12004)
    for body, field in (({"branch": "main"}, "deploy_hook_name"), ({"deploy_hook_name": "x"}, "branch"),
                        ({"deploy_hook_name": "x" * 59, "branch": "main"}, "deploy_hook_name"),
                        ({"deploy_hook_name": "x", "branch": "a..b"}, "branch")):
        status, code, message = kiln.call("POST", hooks.path, body).error
        assert (status, code) == (400, 12002) and field in message, message
    assert "colour" in hooks.create("third", colour="red").json["messages"][0]["message"]
    assert kiln.get("/workers/nobody/deploy_hooks").error[:2] == (404, 12000)
    assert kiln.get(f"/workers/{hooks.tag}/deploy_hooks").error[:2] == (404, 12000), "the name is asked for, not the tag"
    assert kiln.get(f"{hooks.path}/{first}").status == 200


def test_rights_are_those_of_the_builds_api(kiln, hooks):
    reader = kiln.cli("token", "create", "--name", "r", "--permissions", "ci:read").stdout.strip()
    assert kiln.get(hooks.path, token=reader).status == 200
    refused = kiln.call("POST", hooks.path, {"deploy_hook_name": "x", "branch": "main"}, token=reader)
    assert refused.error[:2] == (403, 10000)
    assert http("GET", kiln.builds_api + hooks.path).error[:2] == (401, 1000)


@pytest.mark.parametrize("branch, deployed", [("main", "deployed"), ("feature/x", "previewed")])
def test_a_call_without_a_token_builds_the_head_of_the_branch(kiln, hooks, filled, name, branch, deployed):
    uuid = hooks.made("cms", branch)
    started = hooks.trigger(uuid, {"event": "entry.publish"}).result
    assert set(started) == STARTED_KEYS
    assert started["status"] == "queued" and started["already_exists"] is False
    assert (started["branch"], started["worker"]) == (branch, name)
    build = kiln.wait(started["build_uuid"])
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(build["build_uuid"]))
    meta = build["build_trigger_metadata"]
    assert meta["commit_hash"] == git(filled.bare, "rev-parse", branch).stdout.strip()
    assert (meta["branch"], meta["build_trigger_source"], meta["author"]) == (branch, "manual", "Ada Author")
    assert deployed in kiln.build_log(build["build_uuid"])
    assert build["created_on"] == started["created_on"]
    (listed,) = hooks.list()
    assert set(listed) == HOOK_KEYS | {"latest_build"} and listed["latest_build"] == {"created_on": build["created_on"]}
    # A commit that came later is built by the next call.
    git(filled.work, "checkout", "-q", branch)
    commit = filled.commit({"b.txt": "1"}, "Third")
    for pushed in filled.push():
        kiln.wait(pushed)
    again = hooks.trigger(uuid).result
    assert again["already_exists"] is False
    assert kiln.wait(again["build_uuid"])["build_trigger_metadata"]["commit_hash"] == commit


def test_a_second_call_finds_the_build_that_waits(idle):
    uuid, other = idle.made("cms"), idle.made("cron")
    first = idle.trigger(uuid).result
    for again in (idle.trigger(uuid).result, idle.trigger(other).result):
        assert again == first | {"already_exists": True}
    idle.cancel(first["build_uuid"])
    assert idle.trigger(uuid).result["already_exists"] is False


def test_calls_at_the_same_time_make_one_build(idle):
    uuid = idle.made()
    with ThreadPoolExecutor(8) as pool:
        answers = [answer.result for answer in pool.map(idle.trigger, [uuid] * 8)]
    assert len({answer["build_uuid"] for answer in answers}) == 1
    assert sorted(answer["already_exists"] for answer in answers) == [False] + [True] * 7


def test_the_eleventh_build_within_a_minute_is_refused_also_after_a_restart(idle):
    uuid = idle.made()
    for _ in range(10):
        started = idle.trigger(uuid).result
        assert started["already_exists"] is False
        assert idle.trigger(uuid).result["already_exists"] is True, "and counts for nothing"
        idle.cancel(started["build_uuid"])
    for attempt in range(2):
        answer = idle.trigger(uuid)
        status, code, message = answer.error
        assert (status, code) == (429, 12005) and "seconds" in message
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        if attempt == 0:
            idle.server.stop()
            idle.server.start()
    fresh = idle.made("another")
    assert idle.trigger(fresh).status == 429, "a new hook is no new allowance"


def test_an_unknown_uuid_and_another_method_start_nothing(idle):
    uuid = idle.made()
    assert idle.trigger("3b241101-e2bb-4255-8caf-4136c566a962").error[:2] == (404, 12000)
    assert idle.trigger("nonsense").error[:2] == (404, 12000)
    looked = http("GET", f"{idle.server.api}/workers/builds/deploy_hooks/{uuid}")
    assert looked.error[:2] == (405, 10405)
    assert idle.server.get(f"/workers/{idle.tag}/builds").result == []


def test_a_branch_that_nothing_builds_or_that_is_gone_is_named(idle, hooks):
    status, code, message = idle.trigger(idle.made("preview", "feature/x")).error
    assert (status, code) == (409, 12004) and "feature/x" in message and "trigger" in message
    status, code, message = hooks.trigger(hooks.made("gone", "nowhere")).error
    assert (status, code) == (409, 12004) and "nowhere" in message and "repository" in message


def test_hooks_go_with_their_worker(idle, name):
    uuid = idle.made()
    assert idle.server.call("DELETE", f"//accounts/{idle.server.account}/workers/scripts/{name}").status == 200
    assert idle.trigger(uuid).error[:2] == (404, 12000)


def test_the_uuid_is_neither_logged_nor_readable_on_disk(fresh_kiln, filled, name):
    server = fresh_kiln('[server]\nlog_level = "debug"\n')
    hooks = Hooks(server, server.connect(filled.bare, name, build_command="env", deploy_command="true"))
    uuid = hooks.made()
    started = hooks.trigger(uuid).result
    server.wait(started["build_uuid"])
    assert uuid not in "\n".join(server.build_log(started["build_uuid"]))
    server.stop()
    assert uuid not in server.log()
    secrets = (uuid.encode(), bytes.fromhex(uuid.replace("-", "")))
    for file in server.data.rglob("*"):
        if file.is_file():
            bytes_of_file = file.read_bytes()
            assert not any(secret in bytes_of_file for secret in secrets), file
