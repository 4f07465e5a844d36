"""Real builds of every status and outcome against the strict schema of harness/shapes.py, in both forms of
`api.environment_variables`, with secrets and without; and no answer anywhere that holds a secret."""
import copy
import http.server
import threading

import pytest

from conftest import WORKER_JS, wrangler_config
from harness import shapes
from harness.githost import Repo
from harness.server import Kiln
from test_github import ZERO, Hook, push_event

SECRET = "v3ry-s3cret-variable"
TOKEN_SECRET = "v3ry-s3cret-build-token"
VARIABLES = {"SHOWN": {"is_secret": False, "value": "visible"}, "EMPTY": {"is_secret": False, "value": ""},
             "HIDDEN": {"is_secret": True, "value": SECRET}}


class Scene:
    """A server with one form of environment_variables; every answer that it gives here is searched for secrets."""

    def __init__(self, folder, form, config=""):
        self.folder, self.form = folder, form
        self.kiln = Kiln(folder, f'[api]\nenvironment_variables = "{form}"\n[builds]\nconcurrency = 1\n{config}').start()

    def call(self, method, path, body=None):
        answer = self.kiln.call(method, path, body)
        for secret in (SECRET, TOKEN_SECRET):
            assert secret.encode() not in answer.raw, f"{method} {path} tells a secret"
        return answer

    def ask(self, path):
        return self.call("GET", path).result

    def connect(self, name, secrets, url=None, **commands):
        """A repository connected with these commands; `secrets`: its triggers have variables and a token of their own."""
        repo = Repo(self.folder, name)
        repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)}, "First")
        connected = self.kiln.connect(url or repo.bare, name, **{"build_command": "echo built", "deploy_command": "true",
                                                                 "preview_deploy_command": "true"} | commands)
        repo.tag, repo.secrets, repo.hook = connected["worker"]["tag"], secrets, connected["hook"]
        repo.production, repo.preview = [trigger["trigger_uuid"] for trigger in connected["triggers"]]
        if secrets:
            token = self.call("POST", "/tokens", {"build_token_name": f"of {name}", "build_token_secret": TOKEN_SECRET,
                                                  "cloudflare_token_id": "0123abcd"}).result
            for trigger in (repo.production, repo.preview):
                self.call("PATCH", f"/triggers/{trigger}/environment_variables", VARIABLES).result
                self.call("PATCH", f"/triggers/{trigger}", {"build_token_uuid": token["build_token_uuid"]}).result
        return repo

    def see(self, repo, uuid, status, outcome=None):
        """The build as each route shows it: of the right shape, the same everywhere, in this state."""
        build = self.ask(f"/builds/{uuid}")
        ways = [build, *self.ask(f"/workers/{repo.tag}/builds"),
                *self.ask(f"/builds/latest?external_script_ids={repo.tag}")["builds"].values()]
        if build["version_ids"]:
            found = self.ask("/builds?version_ids=" + ",".join(build["version_ids"]))["builds"]
            assert sorted(found) == sorted(build["version_ids"])
            ways += found.values()
        for seen in ways:
            shapes.build(self.form)(seen)
        assert len([seen for seen in ways if seen["build_uuid"] == uuid]) >= 2
        if status in ("queued", "stopped"):
            assert all(seen == build for seen in ways if seen["build_uuid"] == uuid)
        assert (build["status"], build["build_outcome"]) == (status, outcome), "\n".join(self.kiln.build_log(uuid))
        self.see_variables(repo, build)
        self.ask(f"/builds/{uuid}/logs")
        return build

    def see_variables(self, repo, build):
        shown = build["build_trigger_metadata"]["environment_variables"]
        if not repo.secrets:
            assert shown == {}
        elif self.form == "strings":
            assert shown == {"SHOWN": "visible", "EMPTY": "", "HIDDEN": shapes.SECRET_SHOWN}
        else:
            assert {name: (v["is_secret"], v["value"]) for name, v in shown.items()} == {
                "SHOWN": (False, "visible"), "EMPTY": (False, ""), "HIDDEN": (True, None)}

    def cancel(self, uuid):
        answer = self.call("PUT", f"/builds/{uuid}/cancel").result
        shapes.record(build_uuid=shapes.uuid, build_outcome=shapes.one_of("cancelled"), stopped_on=shapes.time)(
            answer, "cancel")

    def start(self, trigger, **body):
        answer = self.call("POST", f"/triggers/{trigger}/builds", body).result
        shapes.record(build_uuid=shapes.uuid, created_on=shapes.time, status=shapes.one_of("queued"),
                      already_exists=shapes.boolean)(answer, "started")
        return answer["build_uuid"]


@pytest.fixture(scope="module", params=["strings", "objects"])
def scene(request, tmp_path_factory):
    made = Scene(tmp_path_factory.mktemp(request.param), request.param)
    yield made
    made.kiln.stop()


secrets_or_none = pytest.mark.parametrize("secrets", [True, False], ids=["secrets", "none"])


@secrets_or_none
def test_running_queued_and_cancelled(scene, name, secrets):
    running = scene.connect(f"{name}a", secrets, build_command="echo started; sleep 600")
    queued = scene.connect(f"{name}b", secrets)
    (first,) = running.push()
    scene.kiln.wait_log(first, "started")
    (second,) = queued.push()
    scene.see(running, first, "running")
    scene.see(queued, second, "queued")
    scene.cancel(second)
    scene.cancel(first)
    assert scene.see(queued, second, "stopped", "cancelled")["initializing_on"] is None
    assert scene.see(running, first, "stopped", "cancelled")["running_on"]


@secrets_or_none
def test_success_and_fail_and_where_builds_come_from(scene, name, secrets):
    repo = scene.connect(name, secrets, build_command='echo "$HIDDEN"; test ! -e broken')
    (pushed,) = repo.push()
    scene.kiln.wait(pushed)
    meta = scene.see(repo, pushed, "stopped", "success")["build_trigger_metadata"]
    assert meta["build_trigger_source"] == "push" and meta["commit_message"] == "First" and meta["author"] == "Ada Author"
    asked = scene.start(repo.production, commit_hash=repo.head())
    scene.kiln.wait(asked)
    assert scene.see(repo, asked, "stopped", "success")["build_trigger_metadata"]["build_trigger_source"] == "api"
    by_cli = scene.kiln.cli_json("build", name)["build_uuid"]
    scene.kiln.wait(by_cli)
    assert scene.see(repo, by_cli, "stopped", "success")["build_trigger_metadata"]["build_trigger_source"] == "manual"
    repo.commit({"broken": "1"}, 'Quotes " and\n\nlines \u00e9 \U0001f600')
    (broken,) = repo.push()
    scene.kiln.wait(broken)
    build = scene.see(repo, broken, "stopped", "fail")
    assert build["build_trigger_metadata"]["commit_message"].startswith('Quotes " and\n\nlines \u00e9 \U0001f600')


@secrets_or_none
def test_skipped_by_its_message_by_its_paths_and_by_a_newer_push(scene, name, secrets):
    repo = scene.connect(name, secrets)
    repo.commit({"a": "1"}, "Docs [skip ci]")
    (by_message,) = repo.push()
    scene.see(repo, by_message, "stopped", "skipped")
    scene.call("PATCH", f"/triggers/{repo.production}", {"path_includes": ["src/*"]}).result
    repo.commit({"docs/a": "1"})
    (by_paths,) = repo.push()
    scene.see(repo, by_paths, "stopped", "skipped")
    busy = scene.connect(f"{name}busy", secrets, build_command="echo started; sleep 600")
    (holder,) = busy.push()
    scene.kiln.wait_log(holder, "started")
    repo.commit({"src/a": "1"})
    (older,) = repo.push()
    scene.see(repo, older, "queued")
    repo.commit({"src/a": "2"})
    (newer,) = repo.push()
    scene.see(repo, older, "stopped", "skipped")
    scene.see(repo, newer, "queued")
    scene.cancel(newer)
    scene.cancel(holder)


@secrets_or_none
def test_deployed_and_preview_builds_name_their_versions(scene, name, secrets):
    repo = scene.connect(name, secrets, deploy_command="npx wrangler deploy",
                         preview_deploy_command="npx wrangler versions upload")
    (live,) = repo.push()
    scene.kiln.wait(live)
    assert len(scene.see(repo, live, "stopped", "success")["version_ids"]) == 1
    repo.commit({"index.js": WORKER_JS.replace("hello", "preview")}, branch="feature/new")
    (side,) = repo.push()
    scene.kiln.wait(side)
    build = scene.see(repo, side, "stopped", "success")
    (version,) = build["version_ids"]
    assert version[:8] in build["preview_url"] and "feature-new" in build["preview_alias_url"]
    assert build["trigger"]["trigger_uuid"] == repo.preview and build["build_trigger_metadata"]["branch"] == "feature/new"


class HeldHost:
    """A git host that takes requests and answers none until it is let go."""

    def __init__(self):
        self.asked, self.go_on = threading.Event(), threading.Event()
        held = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                held.asked.set()
                held.go_on.wait(60)
                self.send_error(503)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()


@secrets_or_none
def test_initializing_and_a_host_that_fails(scene, name, secrets):
    host = HeldHost()
    try:
        repo = scene.connect(name, secrets, url=f"{host.url}/acme/{name}.git", branch="main")
        event = push_event(name, f"{host.url}/acme/{name}.git", ZERO, repo.head())
        (made,) = Hook(scene.kiln, repo.hook["secret"]).send(event).json["result"]["builds"]
        assert host.asked.wait(30), "the host is asked"
        scene.kiln.wait_status(made["build_uuid"], "initializing")
        scene.see(repo, made["build_uuid"], "initializing")
        host.go_on.set()
        scene.kiln.wait(made["build_uuid"])
        assert scene.see(repo, made["build_uuid"], "stopped", "fail")["running_on"] is None
    finally:
        host.stop()


@pytest.mark.parametrize("form", ["strings", "objects"])
def test_terminated(tmp_path, name, form):
    scene = Scene(tmp_path, form, "timeout_seconds = 2\n")
    try:
        repo = scene.connect(name, True, build_command='echo "$HIDDEN"; sleep 600')
        (uuid,) = repo.push()
        scene.kiln.wait(uuid)
        scene.see(repo, uuid, "stopped", "terminated")
    finally:
        scene.kiln.stop()


@secrets_or_none
def test_triggers_connections_and_the_builds_of_deleted_ones(scene, name, secrets):
    repo = scene.connect(name, secrets)
    (uuid,) = repo.push()
    scene.kiln.wait(uuid)
    for trigger in scene.ask(f"/workers/{repo.tag}/triggers"):
        shapes.trigger(trigger, "trigger")
        shapes.map_of(shapes.variable_object)(scene.ask(f"/triggers/{trigger['trigger_uuid']}/environment_variables"),
                                              "variables")
    connection = trigger["repo_connection"]
    shapes.list_of(shapes.connection)(scene.ask("/repos/connections"), "connections")
    made = scene.call("POST", "/triggers", {
        "external_script_id": repo.tag, "repo_connection_uuid": connection["repo_connection_uuid"], "trigger_name": "More",
        "build_command": "", "deploy_command": "true", "root_directory": "", "branch_includes": ["x", "y*"],
        "branch_excludes": [], "path_includes": ["*"], "path_excludes": ["*.md"], "build_caching_enabled": True}).result
    shapes.trigger(made, "created")
    shapes.trigger(scene.call("PATCH", f"/triggers/{made['trigger_uuid']}", {"trigger_name": "Other"}).result, "changed")
    put = scene.call("PUT", "/repos/connections", {
        "provider_type": "github", "provider_account_id": "1", "provider_account_name": "acme", "repo_id": name,
        "repo_name": "shop"}).result
    shapes.connection(put, "connection")
    # A build goes on showing the trigger that started it, and what it was started with.
    before = scene.see(repo, uuid, "stopped", "success")
    for trigger in scene.ask(f"/workers/{repo.tag}/triggers"):
        scene.call("DELETE", f"/triggers/{trigger['trigger_uuid']}").result
    scene.call("DELETE", f"/repos/connections/{connection['repo_connection_uuid']}").result
    after = scene.see(repo, uuid, "stopped", "success")
    assert after["trigger"]["deleted_on"] and after["trigger"]["repo_connection"]["deleted_on"]
    assert after["build_trigger_metadata"] == before["build_trigger_metadata"]


def test_the_schema_itself_is_strict(scene, name):
    repo = scene.connect(name, False)
    (uuid,) = repo.push()
    scene.kiln.wait(uuid)
    good = scene.see(repo, uuid, "stopped", "success")
    for path, value in [(("created_on",), "2026-11-24T12:46:39Z"), (("stopped_on",), None), (("build_outcome",), "done"),
                        (("trigger", "trigger_uuid"), "x"), (("version_ids",), None), (("surprise",), 1),
                        (("trigger", "build_token_uuid"), uuid), (("build_trigger_metadata", "author"), None),
                        (("trigger", "repo_connection", "deleted_on"), ""), (("running_on",), "2026-13-24T12:46:39.000Z"),
                        (("build_trigger_metadata", "environment_variables"), {"A": 1}), (("pull_request",), {})]:
        bad = copy.deepcopy(good)
        at = bad
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value
        with pytest.raises((AssertionError, ValueError)):
            shapes.build(scene.form)(bad)
    for key in good:
        with pytest.raises(AssertionError):
            shapes.build(scene.form)({k: v for k, v in good.items() if k != key})
