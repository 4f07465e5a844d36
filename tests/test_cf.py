"""The official `cf` CLI runs every Builds operation it has; what it prints is compared with the database's rows.

A test is made for each operation of cf's own list, so that one without a check here fails by name.
"""
import json
from datetime import datetime, timezone

import pytest

from conftest import WORKER_JS, wrangler_config
from harness.clients import cf, cf_builds_operations, run_cf
from harness.githost import GitHost, Repo
from harness.stored import Stored, as_blob, as_text

CHECKS = {}
OPERATIONS = cf_builds_operations()
SECRET = "c0nf1dential-build-token"
VARIABLES = {"SHOWN": {"is_secret": False, "value": "visible"}, "HIDDEN": {"is_secret": True, "value": SECRET}}
NAME = "cf-shop"


def checks(command):
    def keep(function):
        CHECKS[command] = function
        return function
    return keep


class Scene:
    """A connected repository on a git host, one build of it that deployed, and cf to ask about them."""

    def __init__(self, kiln, host, folder):
        self.kiln, self.stored = kiln, Stored(kiln)
        self.repo = Repo(folder, NAME)
        lock = {"name": NAME, "lockfileVersion": 3, "requires": True, "packages": {"": {"name": NAME}}}
        config = wrangler_config(NAME).rstrip(" }\n") + ', "env": { "staging": {} } } // the shop\n'
        self.repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": config, "package-lock.json": json.dumps(lock),
                          "package.json": json.dumps({"name": NAME, "scripts": {"build": "echo built"}})}, "First")
        connected = kiln.connect(f"{host.url}/acme/{NAME}.git", NAME, build_command="npm run build")
        self.repo.push()
        self.tag = connected["worker"]["tag"]
        self.connection = connected["connection"]
        self.connection_uuid = self.connection["repo_connection_uuid"]
        self.trigger = connected["triggers"][0]["trigger_uuid"]
        self.token = connected["triggers"][0]["build_token_uuid"]
        self.build = self.start({"branch": "main"})["build_uuid"]
        done = kiln.wait(self.build)
        assert done["build_outcome"] == "success", "\n".join(kiln.build_log(self.build))
        (self.version,) = done["version_ids"]

    def cf(self, *words):
        return cf(self.kiln, "builds", *words)

    # --- what a check begins from, without a start of cf ---
    def start(self, body, trigger=None):
        return self.kiln.call("POST", f"/triggers/{trigger or self.trigger}/builds", body).result

    def new_token(self, name):
        return self.kiln.call("POST", "/tokens", {"build_token_name": name, "build_token_secret": SECRET, "cloudflare_token_id": "0123abcd"}).result

    def new_connection(self, repo_id):
        return self.kiln.call("PUT", "/repos/connections", {
            "provider_type": "github", "provider_account_id": "1", "provider_account_name": "acme", "repo_id": repo_id,
            "repo_name": "shop"}).result

    def trigger_body(self, **fields):
        return {"external_script_id": self.tag, "repo_connection_uuid": self.connection_uuid, "trigger_name": "Nightly",
                "build_token_uuid": self.token, "build_command": "", "deploy_command": "npx wrangler deploy",
                "root_directory": "/", "branch_includes": ["nightly"], "branch_excludes": [], "path_includes": ["*"],
                "path_excludes": []} | fields

    def new_trigger(self, **fields):
        return self.kiln.call("POST", "/triggers", self.trigger_body(**fields)).result

    def set_variables(self, trigger):
        return self.kiln.call("PATCH", f"/triggers/{trigger}/environment_variables", VARIABLES).result


@pytest.fixture(scope="module")
def scene(kiln, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cf")
    (folder / "acme").mkdir()
    host = GitHost(folder)
    yield Scene(kiln, host, folder / "acme")
    host.stop()


@pytest.mark.parametrize("command", sorted(OPERATIONS))
def test_cf_runs(scene, command):
    assert command in CHECKS, f"cf has an operation that nothing here checks: {command} ({OPERATIONS[command]})"
    CHECKS[command](scene)


def test_nothing_checked_here_is_missing_from_cf():
    assert set(CHECKS) == set(OPERATIONS) and len(set(OPERATIONS.values())) == 22


# --- account ---------------------------------------------------------------------------------------------------------
@checks("account limits-get")
def account_limits(scene):
    answer = scene.cf("account", "limits-get")
    assert set(answer) == {"has_reached_build_minutes_limit", "build_minutes_refresh_on", "build_minutes_used",
                           "build_minutes_limit"}
    assert answer["has_reached_build_minutes_limit"] is False and answer["build_minutes_limit"] is None
    (row,) = scene.stored.rows("SELECT sum(used_ms) AS used_ms FROM build_time")
    assert answer["build_minutes_used"] == -(-row["used_ms"] // 60_000)
    refresh = datetime.fromisoformat(answer["build_minutes_refresh_on"])
    assert refresh > datetime.now(timezone.utc) and refresh.day == 1


# --- jobs ------------------------------------------------------------------------------------------------------------
@checks("jobs get-version-ids")
def build_of_a_version(scene):
    rows = scene.stored.rows("SELECT uuid FROM builds JOIN version_builds ON build_number = number WHERE version_id = ?",
                             as_blob(scene.version))
    assert [as_text(row["uuid"]) for row in rows] == [scene.build]
    unknown = "00000000-0000-4000-8000-000000000000"
    answer = scene.cf("jobs", "get-version-ids", "--version-ids", f"{scene.version},{unknown}")
    assert answer == {"builds": {scene.version: scene.stored.build(scene.build)}}


@checks("jobs get-by-uuid")
def build_by_uuid(scene):
    build = scene.cf("jobs", "get-by-uuid", scene.build)
    assert build == scene.stored.build(scene.build)
    assert build["build_trigger_metadata"]["commit_hash"] == scene.repo.head()
    missing = run_cf(scene.kiln, "builds", "jobs", "get-by-uuid", "00000000-0000-4000-8000-000000000000")
    assert missing.returncode != 0 and "[12000] Not found" in missing.stderr


@checks("jobs latest-get")
def latest_builds(scene):
    newest = scene.stored.builds(scene.tag)[0]
    assert scene.cf("jobs", "latest-get", "--external-script-ids", scene.tag) == {"builds": {scene.tag: newest}}


@checks("jobs logs-get")
def logs(scene):
    answer = scene.cf("jobs", "logs-get", scene.build)
    stored = scene.stored.log(scene.build)
    assert answer["lines"] == stored and answer["truncated"] is False
    assert [text for _, text in stored if text in ("built", "Success! Build completed.")] == [
        "built", "Success! Build completed."]
    after = scene.cf("jobs", "logs-get", scene.build, "--cursor", answer["cursor"])
    assert after["lines"] == [] and after["truncated"] is False


@checks("jobs cancel-cancel")
def cancel(scene):
    trigger = scene.new_trigger(build_command="echo started; sleep 600")["trigger_uuid"]
    uuid = scene.start({"commit_hash": scene.repo.head()}, trigger)["build_uuid"]
    scene.kiln.wait_log(uuid, "started")
    answer = scene.cf("jobs", "cancel-cancel", uuid)
    build = scene.stored.build(uuid)
    assert answer == {key: build[key] for key in ("build_uuid", "build_outcome", "stopped_on")}
    assert (build["status"], build["build_outcome"]) == ("stopped", "cancelled") and build["stopped_on"]
    again = run_cf(scene.kiln, "builds", "jobs", "cancel-cancel", uuid)
    assert again.returncode != 0 and "[12004]" in again.stderr


# --- repos -----------------------------------------------------------------------------------------------------------
@checks("repos config-autofill-get")
def config_autofill(scene):
    # cf puts ids into the path as they are, so a repository is asked for by the number that a host would give it.
    body = {key: scene.connection[key] for key in ("provider_type", "provider_account_id", "provider_account_name")}
    body |= {"repo_id": "4242", "repo_name": f"{NAME}-by-number"}
    url = scene.stored.row("SELECT clone_url FROM repo_connections WHERE repo_id = ?", scene.connection["repo_id"])
    scene.kiln.call("PUT", "/repos/connections", body | url).result
    for more in ([], ["--root-directory", "/"]):
        answer = scene.cf("repos", "config-autofill-get", body["provider_type"], body["provider_account_id"], "4242",
                          "--branch", "main", *more)
        assert answer == {"config_file": "wrangler.jsonc", "default_worker_name": NAME,
                          "env_worker_names": {"staging": f"{NAME}-staging"}, "package_manager": "npm",
                          "scripts": {"build": "echo built"}}


@checks("repos connections-update")
def upsert_connection(scene):
    words = ("repos", "connections-update", "--provider-type", "github", "--provider-account-id", "1", "--provider-account-name", "acme",
             "--repo-id", "501", "--repo-name", "shop")
    answer = scene.cf(*words)
    assert answer == scene.stored.connection(answer["repo_connection_uuid"])
    assert (answer["provider_type"], answer["repo_id"], answer["repo_name"]) == ("github", "501", "shop")
    again = scene.cf(*words)
    assert again["repo_connection_uuid"] == answer["repo_connection_uuid"]
    assert len(scene.stored.rows("SELECT 1 FROM repo_connections WHERE repo_id = '501'")) == 1


@checks("repos connections-delete")
def delete_connection(scene):
    uuid = scene.new_connection("502")["repo_connection_uuid"]
    assert scene.cf("repos", "connections-delete", uuid) is None
    assert scene.stored.connection(uuid)["deleted_on"]
    used = run_cf(scene.kiln, "builds", "repos", "connections-delete", scene.connection_uuid)
    assert used.returncode != 0 and "[12004]" in used.stderr
    assert scene.stored.connection(scene.connection_uuid)["deleted_on"] is None


# --- tokens ----------------------------------------------------------------------------------------------------------
@checks("tokens list")
def list_tokens(scene):
    scene.new_token("listed")
    expected = scene.stored.build_tokens()
    assert scene.cf("tokens", "list", "--per-page", "200") == expected
    assert scene.cf("tokens", "list", "--page", "2", "--per-page", "1") == expected[1:2]


@checks("tokens create")
def create_token(scene):
    answer = scene.cf("tokens", "create", "--build-token-name", "created", "--build-token-secret", SECRET, "--cloudflare-token-id", "0123abcd")
    assert answer in scene.stored.build_tokens() and answer["build_token_name"] == "created"
    assert SECRET not in json.dumps(answer)


@checks("tokens delete")
def delete_token(scene):
    token = scene.new_token("deleted")
    assert scene.cf("tokens", "delete", token["build_token_uuid"]) is None
    assert token not in scene.stored.build_tokens()


# --- triggers --------------------------------------------------------------------------------------------------------
@checks("triggers create")
def create_trigger(scene):
    by_body = scene.cf("triggers", "create", "--body", json.dumps(scene.trigger_body()))
    assert by_body == scene.stored.trigger(by_body["trigger_uuid"])
    assert by_body["branch_includes"] == ["nightly"] and by_body["branch_excludes"] == []
    flags = {"external-script-id": scene.tag, "repo-connection-uuid": scene.connection_uuid, "build-token-uuid": scene.token,
             "trigger-name": "By flags", "build-command": "", "deploy-command": "true", "root-directory": "apps/web"}
    lists = {"branch-includes": ["a", "b/*"], "branch-excludes": ["c"], "path-includes": ["apps/*", "lib/*"],
             "path-excludes": ["*.md", "docs/*"]}
    words = [word for flag, value in flags.items() for word in (f"--{flag}", value)]
    words += [word for flag, values in lists.items() for value in values for word in (f"--{flag}", value)]
    by_flags = scene.cf("triggers", "create", *words, "--build-caching-enabled")
    assert by_flags == scene.stored.trigger(by_flags["trigger_uuid"])
    for sent in (flags, lists):
        for flag, value in sent.items():
            found = by_flags["repo_connection"] if flag.startswith("repo-") else by_flags
            assert found[flag.replace("-", "_")] == value
    assert by_flags["build_caching_enabled"] is True


@checks("triggers update")
def update_trigger(scene):
    before = scene.new_trigger()
    after = scene.cf("triggers", "update", before["trigger_uuid"], "--trigger-name", "Renamed", "--root-directory", "apps")
    assert after == scene.stored.trigger(before["trigger_uuid"])
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"trigger_name", "root_directory", "modified_on"}, changed
    assert (after["trigger_name"], after["root_directory"]) == ("Renamed", "apps")


@checks("triggers delete")
def delete_trigger(scene):
    trigger = scene.new_trigger()["trigger_uuid"]
    assert scene.cf("triggers", "delete", trigger) is None
    assert scene.stored.trigger(trigger)["deleted_on"]
    assert trigger not in [t["trigger_uuid"] for t in scene.cf("workers", "triggers-list", scene.tag)]


@checks("triggers builds-create")
def create_build(scene):
    trigger = scene.new_trigger(deploy_command="true")["trigger_uuid"]
    for body in ({"branch": "main"}, {"commit_hash": scene.repo.head()},
                 {"branch": "main", "commit_hash": scene.repo.head()}):
        answer = scene.cf("triggers", "builds-create", trigger, "--body", json.dumps(body))
        assert set(answer) == {"build_uuid", "created_on", "status", "already_exists"}
        assert answer["status"] == "queued" and answer["already_exists"] is False
        done = scene.kiln.wait(answer["build_uuid"])
        assert done == scene.stored.build(answer["build_uuid"])
        meta = done["build_trigger_metadata"]
        assert done["build_outcome"] == "success" and done["created_on"] == answer["created_on"]
        assert (meta["build_trigger_source"], meta["commit_hash"]) == ("api", scene.repo.head())
        assert meta["branch"] == body.get("branch", "nightly"), "a bare commit is filed under the trigger's own branch"


@checks("triggers purge-build-cache-purge")
def purge_build_cache(scene):
    before = scene.stored.trigger(scene.trigger)
    assert scene.cf("triggers", "purge-build-cache-purge", scene.trigger) is None
    assert scene.stored.trigger(scene.trigger) == before
    missing = run_cf(scene.kiln, "builds", "triggers", "purge-build-cache-purge", "00000000-0000-4000-8000-000000000000")
    assert missing.returncode != 0 and "[12000] Not found" in missing.stderr


@checks("triggers environment-variables-edit")
def edit_variables(scene):
    trigger = scene.new_trigger()["trigger_uuid"]
    answer = scene.cf("triggers", "environment-variables-edit", trigger, "--body", json.dumps(VARIABLES))
    assert answer == scene.stored.variables(trigger)
    assert {name: (v["is_secret"], v["value"]) for name, v in answer.items()} == {
        "SHOWN": (False, "visible"), "HIDDEN": (True, None)}


@checks("triggers environment-variables-list")
def list_variables(scene):
    trigger = scene.new_trigger()["trigger_uuid"]
    assert scene.cf("triggers", "environment-variables-list", trigger) == {}
    scene.set_variables(trigger)
    assert scene.cf("triggers", "environment-variables-list", trigger) == scene.stored.variables(trigger) != {}


@checks("triggers environment-variables-delete")
def delete_variable(scene):
    trigger = scene.new_trigger()["trigger_uuid"]
    scene.set_variables(trigger)
    assert scene.cf("triggers", "environment-variables-delete", trigger, "HIDDEN") is None
    assert list(scene.stored.variables(trigger)) == ["SHOWN"]


# --- workers ---------------------------------------------------------------------------------------------------------
@checks("workers builds-list")
def list_builds(scene):
    scene.kiln.wait(scene.start({"branch": "main"})["build_uuid"])
    expected = scene.stored.builds(scene.tag)
    assert len(expected) >= 2
    assert scene.cf("workers", "builds-list", scene.tag, "--per-page", "200") == expected
    assert scene.cf("workers", "builds-list", scene.tag, "--page", "2", "--per-page", "1") == expected[1:2]


@checks("workers triggers-list")
def list_triggers(scene):
    answer = scene.cf("workers", "triggers-list", scene.tag)
    assert answer == scene.stored.triggers(scene.tag)
    assert scene.trigger in [trigger["trigger_uuid"] for trigger in answer]
