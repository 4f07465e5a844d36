"""The official MCP server for builds passes with the default settings, and other clients keep the published schema."""
from conftest import WORKER_JS, wrangler_config
from harness import shapes
from harness.clients import mcp_builds
from harness.githost import Repo
from test_github import Hook, pull_request_event

VARIABLES = {"SHOWN": {"is_secret": False, "value": "visible"}, "HIDDEN": {"is_secret": True, "value": "v3ry-s3cret"}}


def variables_of(answer):
    assert answer["ok"], answer
    found = answer["result"]["build_trigger_metadata"]["environment_variables"]
    return {name: (variable["is_secret"], variable["value"]) for name, variable in found.items()}


def test_its_schemas_take_lists_builds_and_logs_with_secrets_and_without(kiln, worker_repo, name):
    made = kiln.connect(worker_repo.bare, name, build_command="true", deploy_command="npx wrangler deploy")
    tag, trigger = made["worker"]["tag"], made["triggers"][0]["trigger_uuid"]
    (plain,) = worker_repo.push()
    kiln.wait(plain)
    kiln.call("PATCH", f"/triggers/{trigger}/environment_variables", VARIABLES).result
    uuid = kiln.call("POST", f"/triggers/{trigger}/builds", {"branch": "main"}).result["build_uuid"]
    for _ in range(2):  # before it has stopped, and after: what is kept for others is not what this client gets
        kiln.build(uuid)
        assert variables_of(mcp_builds(kiln, "get", uuid)) == {"SHOWN": (False, "visible"), "HIDDEN": (True, None)}
        kiln.wait(uuid)
    assert variables_of(mcp_builds(kiln, "get", plain)) == {}
    listed = mcp_builds(kiln, "list", tag)
    assert listed["ok"] and [build["build_uuid"] for build in listed["result"]] == [uuid, plain]
    assert mcp_builds(kiln, "logs", uuid)["ok"]
    shapes.build("strings")(kiln.build(uuid))
    (version,) = kiln.build(uuid)["version_ids"]
    agent = {"user-agent": "mcp-server-cloudflare"}
    found = kiln.get(f"/builds?version_ids={version}", headers=agent).result["builds"][version]
    shapes.build("objects")(found)
    assert kiln.get(f"/builds?version_ids={version}").result["builds"][version] == kiln.build(uuid)
    latest = kiln.get(f"/builds/latest?external_script_ids={tag}", headers=agent).result["builds"][tag]
    assert latest == found


def test_its_schema_takes_the_build_of_a_fork(kiln, host, name):
    repo = Repo(host.folder, name)
    url = f"{host.url}/acme/{name}.git"
    made = kiln.connect(url, name, deploy_command="true", fork_pull_requests="without_secrets")
    base = repo.commit({"a": "ours"})
    repo.push()
    head = repo.commit({"a": "theirs"}, branch="topic")
    repo.push("HEAD:refs/pull/8/head")
    event = pull_request_event(name, url, 8, "main", head, base, fork="eve")
    (build,) = Hook(kiln, made["hook"]["secret"]).send(event, kind="pull_request").json["result"]["builds"]
    kiln.wait(build["build_uuid"])
    assert variables_of(mcp_builds(kiln, "get", build["build_uuid"])) == {}


def test_the_setting_forces_one_form_on_all(fresh_kiln, tmp_path, name):
    kiln = fresh_kiln('[api]\nenvironment_variables = "strings"\n')
    repo = Repo(tmp_path, name)
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)})
    made = kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    kiln.call("PATCH", f"/triggers/{made['triggers'][0]['trigger_uuid']}/environment_variables", VARIABLES).result
    (uuid,) = repo.push()
    kiln.wait(uuid)
    refused = mcp_builds(kiln, "get", uuid)
    assert not refused["ok"] and any("environment_variables.SHOWN" in problem for problem in refused["problems"])
