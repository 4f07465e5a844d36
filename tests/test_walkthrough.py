"""The published guide's two examples, call by call with curl: only the host and the token are not the guide's.

What the guide does beforehand in a dashboard stands here in a fixture: the Worker is there, and the server has been told
which webhooks to believe and where the repository is cloned from.
"""
import json
import subprocess

import pytest

from conftest import WORKER_JS, wrangler_config
from harness.clients import run_wrangler
from harness.githost import Repo
from harness.waiting import until
from test_github import ZERO, Hook, push_event

WEBHOOK_SECRET = "shared-with-the-host"


class Guide:
    """A reader of the guide, who has an account id, a token, the ids that the host gave, and curl."""

    def __init__(self, kiln, host, name):
        self.kiln, self.name, self.url = kiln, name, f"{host.url}/acme/{name}.git"
        self.repo = Repo(host.folder, name)
        self.hook = Hook(kiln, WEBHOOK_SECRET)
        # What a host's push event calls the repository is what the connection is made with.
        self.connection = {"provider_type": "github", "provider_account_id": "1001", "provider_account_name": "acme",
                           "repo_id": str(push_event(name, self.url, ZERO, "1" * 40)["repository"]["id"]),
                           "repo_name": name}

    def curl(self, path, method="GET", data=None):
        """`result` of one call, made with the flags that the guide uses."""
        words = ["curl", "-s", f"{self.kiln.api}/accounts/{self.kiln.account}{path}",
                 "--header", f"Authorization: Bearer {self.kiln.token}"]
        if data is not None:
            words += ["--header", "Content-Type: application/json"]
        if method != "GET":
            words += ["--request", method]
        if data is not None:
            words += ["--data", json.dumps(data)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert answer["success"] and answer["errors"] == [] and answer["messages"] == [], answer
        return answer["result"]

    def push(self, message, text, branch="main"):
        """A push to the host, which tells the server."""
        before = self.repo.head() if getattr(self, "pushed", None) else ZERO
        after = self.repo.commit({"index.js": WORKER_JS.replace("hello", text)}, message, branch=branch)
        self.repo.push()
        self.pushed = after
        event = push_event(self.name, self.url, ZERO if branch != "main" else before, after, f"refs/heads/{branch}", message)
        return [build["build_uuid"] for build in self.hook.send(event).json["result"]["builds"]]

    def stopped(self, uuid):
        def is_stopped():
            build = self.curl(f"/builds/builds/{uuid}")
            return build["status"] == "stopped" and build
        return until(is_stopped, f"build {uuid} to stop", 120)

    def log(self, uuid):
        return [text for _, text in self.curl(f"/builds/builds/{uuid}/logs")["lines"]]

    def live_version(self):
        return self.curl(f"/workers/scripts/{self.name}/deployments")["deployments"][0]["versions"][0]["version_id"]

    def build_of(self, version):
        return self.curl(f"/builds/builds?version_ids={version}")["builds"][version]

    def trigger(self, **fields):
        """The guide's body, which names no build token: the account's own is taken."""
        return self.curl("/builds/triggers", "POST", {
            "external_script_id": self.tag, "repo_connection_uuid": self.connection_uuid, "build_command": "npm run build",
            "root_directory": "/", "path_includes": ["*"], "path_excludes": []} | fields)

    def set_variable(self, trigger, value):
        return self.curl(f"/builds/triggers/{trigger}/environment_variables", "PATCH",
                         {"variables": [{"key": "NODE_ENV", "value": value, "type": "text"}]})


@pytest.fixture
def guide(fresh_kiln, host, name):
    kiln = fresh_kiln(f'[github]\nwebhook_secret = "{WEBHOOK_SECRET}"\n')
    reader = Guide(kiln, host, name)
    package = {"name": name, "scripts": {"build": "echo building for $NODE_ENV"}}
    lock = {"name": name, "lockfileVersion": 3, "requires": True, "packages": {"": {"name": name}}}
    reader.repo.write({"wrangler.jsonc": wrangler_config(name), "package.json": json.dumps(package),
                       "package-lock.json": json.dumps(lock)})
    reader.repo.commit({"index.js": WORKER_JS}, "First")
    reader.repo.push()
    done = run_wrangler(kiln, reader.repo.work, "deploy")
    assert done.returncode == 0, done.stderr
    kiln.call("PUT", "/repos/connections", reader.connection | {"clone_url": reader.url}).result
    return reader


def set_up(guide):
    """The first example, up to its last call; returns that call's result."""
    # 2: the connection
    connection = guide.curl("/builds/repos/connections", "PUT", guide.connection)
    assert {key: connection[key] for key in guide.connection} == guide.connection
    guide.connection_uuid = connection["repo_connection_uuid"]
    # 3: the Worker's tag
    (guide.tag,) = [script["tag"] for script in guide.curl("/workers/scripts") if script["id"] == guide.name]
    # 4 and 5: the triggers
    production = guide.trigger(trigger_name="Deploy production", deploy_command="npx wrangler deploy",
                               branch_includes=["main"], branch_excludes=[])
    preview = guide.trigger(trigger_name="Deploy preview branches", deploy_command="npx wrangler versions upload",
                            branch_includes=["*"], branch_excludes=["main"])
    guide.production, guide.preview = production["trigger_uuid"], preview["trigger_uuid"]
    tokens = guide.curl("/builds/tokens")
    assert production["build_token_uuid"] == preview["build_token_uuid"] == tokens[0]["build_token_uuid"]
    # 6: a variable for each
    assert guide.set_variable(guide.production, "production")["NODE_ENV"]["value"] == "production"
    assert guide.set_variable(guide.preview, "development")["NODE_ENV"]["value"] == "development"
    # 7: the first build
    return guide.curl(f"/builds/triggers/{guide.production}/builds", "POST", {"branch": "main"})


def test_workers_builds_from_scratch(guide):
    by_hand = guide.live_version()
    assert guide.curl(f"/builds/builds?version_ids={by_hand}") == {"builds": {}}, "no build made it"
    uuid = set_up(guide)["build_uuid"]
    build = guide.stopped(uuid)
    log = guide.log(uuid)
    assert build["build_outcome"] == "success", "\n".join(log)
    assert "building for production" in log and "Success! Build completed." in log
    assert build["build_trigger_metadata"]["environment_variables"] == {"NODE_ENV": "production"}
    version = guide.live_version()
    assert version != by_hand and guide.build_of(version)["build_uuid"] == uuid
    listed = guide.curl(f"/builds/workers/{guide.tag}/builds")
    assert [b["build_uuid"] for b in listed] == [uuid]

    # "Future pushes to main will automatically trigger production deployments …
    (pushed,) = guide.push("Second", "second")
    build = guide.stopped(pushed)
    assert build["build_outcome"] == "success", "\n".join(guide.log(pushed))
    assert build["trigger"]["trigger_uuid"] == guide.production
    assert build["build_trigger_metadata"]["build_trigger_source"] == "push"
    assert [guide.live_version()] == build["version_ids"] != [version]

    # … and pushes to other branches will create preview deployments."
    (side,) = guide.push("Try it", "third", branch="feature/colour")
    preview = guide.stopped(side)
    assert preview["build_outcome"] == "success", "\n".join(guide.log(side))
    assert preview["trigger"]["trigger_uuid"] == guide.preview
    assert "building for development" in guide.log(side)
    assert [guide.live_version()] == build["version_ids"], "the live version stays"
    (version,) = preview["version_ids"]
    assert version[:8] in preview["preview_url"] and "feature-colour" in preview["preview_alias_url"]
    assert guide.build_of(version)["build_uuid"] == side


def test_with_a_build_token_of_ones_own(guide):
    set_up(guide)
    token = guide.curl("/builds/tokens", "POST", {"build_token_name": "deploys", "build_token_secret": "of-no-use-elsewhere",
                                                  "cloudflare_token_id": "0123abcd"})
    uuid = token["build_token_uuid"]
    changed = guide.curl(f"/builds/triggers/{guide.production}", "PATCH", {"build_token_uuid": uuid})
    assert changed["build_token_uuid"] == uuid
    started = guide.curl(f"/builds/triggers/{guide.production}/builds", "POST", {"commit_hash": guide.repo.head()})
    build = guide.stopped(started["build_uuid"])
    assert build["build_outcome"] == "success", "\n".join(guide.log(started["build_uuid"]))
    meta = build["build_trigger_metadata"]
    assert (meta["build_token_uuid"], meta["build_token_name"]) == (uuid, "deploys")


def test_redeploy_the_current_deployment(guide):
    first = guide.stopped(set_up(guide)["build_uuid"])
    # A commit after it, built nowhere: the redeploy must not take it.
    guide.repo.commit({"index.js": WORKER_JS.replace("hello", "not yet")}, "Later")
    guide.repo.push()
    version = guide.live_version()
    build = guide.build_of(version)
    assert build["build_uuid"] == first["build_uuid"]
    meta = build["build_trigger_metadata"]
    again = guide.curl(f"/builds/triggers/{build['trigger']['trigger_uuid']}/builds", "POST",
                       {"branch": meta["branch"], "commit_hash": meta["commit_hash"]})
    assert again["already_exists"] is False and again["status"] == "queued"
    rebuilt = guide.stopped(again["build_uuid"])
    assert rebuilt["build_outcome"] == "success", "\n".join(guide.log(again["build_uuid"]))
    assert rebuilt["build_trigger_metadata"] == meta | {"build_trigger_source": "api"}
    newer = guide.live_version()
    assert newer != version and rebuilt["version_ids"] == [newer]
    assert guide.build_of(newer)["build_uuid"] == again["build_uuid"]
    assert guide.build_of(version)["build_uuid"] == first["build_uuid"], "the older version keeps its build"
