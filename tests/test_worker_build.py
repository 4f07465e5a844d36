"""A Worker's build configuration as one record: createWorkerBuild, getWorkerBuild, updateWorkerBuild, deleteWorkerBuild."""
import pytest

from conftest import WORKER_JS, wrangler_config
from harness.githost import Repo


@pytest.fixture
def shop(kiln, host, name):
    """A Worker that is connected to nothing, and a repository on a git host; `body` connects the two."""
    repo = Repo(host.folder, name)
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)}, "First", branch="trunk")
    repo.push("trunk")
    repo.tag = kiln.call("POST", f"//accounts/{kiln.account}/workers/workers", {"name": name}).result["id"]
    repo.body = {
        "script_tag": repo.tag,
        "git_repository": {"provider_type": "gitea", "provider_account_id": "17", "provider_account_name": "acme",
                           "repo_id": name, "repo_name": name, "branch": "trunk", "clone_url": f"{host.url}/acme/{name}.git"},
        "production_settings": {"build_command": "echo \"$MODE\"", "deploy_command": "npx wrangler deploy",
                                "environment_variables": {"MODE": {"is_secret": False, "value": "fast"},
                                                          "KEY": {"is_secret": True, "value": "hush"}}}}
    repo.path = f"/workers/{repo.tag}"
    return repo


def create(kiln, shop, **changes):
    return kiln.call("POST", "/workers", shop.body | changes)


def triggers(kiln, shop):
    """By the branches that they build."""
    return {trigger["branch_includes"][0]: trigger for trigger in kiln.get(f"{shop.path}/triggers").result}


def test_one_call_connects_and_the_branch_is_built_and_deployed(kiln, shop):
    answer = create(kiln, shop)
    assert answer.status == 201, answer.raw
    made = answer.json["result"]
    settings = made["production_settings"]
    assert made["script_tag"] == shop.tag
    assert made["git_repository"] == {key: value for key, value in shop.body["git_repository"].items()
                                      if key != "clone_url"} | {"grant_id": None}
    assert (settings["root_directory"], settings["path_includes"], settings["path_excludes"]) == ("/", ["*"], [])
    assert settings["build_caching_enabled"] is True and settings["build_token_uuid"]
    variables = settings["environment_variables"]
    assert (variables["MODE"]["value"], variables["KEY"]["value"], variables["KEY"]["is_secret"]) == ("fast", None, True)
    assert b"hush" not in answer.raw
    assert kiln.get(shop.path).result == made
    both = triggers(kiln, shop)
    assert set(both) == {"trunk", "*"} and both["*"]["branch_excludes"] == ["trunk"]
    assert both["trunk"]["trigger_name"] == "Deploy trunk" and both["*"]["deploy_command"] == "npx wrangler versions upload"
    started = kiln.call("POST", f"/triggers/{both['trunk']['trigger_uuid']}/builds", {"branch": "trunk"}).result
    build = kiln.wait(started["build_uuid"])
    log = kiln.build_log(started["build_uuid"])
    assert build["build_outcome"] == "success" and "fast" in log, "\n".join(log)
    assert len(build["version_ids"]) == 1


def test_a_connected_worker_is_a_conflict_and_disconnecting_keeps_the_history(kiln, shop):
    create(kiln, shop)
    status, code, message = create(kiln, shop).error
    assert (status, code) == (409, 12004) and "connected already" in message
    main = triggers(kiln, shop)["trunk"]["trigger_uuid"]
    kiln.call("PATCH", shop.path, {"production_settings": {"deploy_command": "true"}}).result
    uuid = kiln.call("POST", f"/triggers/{main}/builds", {"branch": "trunk"}).result["build_uuid"]
    kiln.wait(uuid)
    assert kiln.call("DELETE", shop.path).result is None
    assert kiln.get(shop.path).error[:2] == kiln.call("DELETE", shop.path).error[:2] == (404, 12000)
    assert kiln.get(f"{shop.path}/triggers").result == []
    assert kiln.build(uuid)["trigger"]["deleted_on"] and kiln.get(f"{shop.path}/builds").result[0]["build_uuid"] == uuid
    assert create(kiln, shop).status == 201


def test_settings_branch_and_variables_change_and_nothing_else(kiln, shop):
    before = create(kiln, shop).json["result"]
    settings = before["production_settings"]
    changed = kiln.call("PATCH", shop.path, {
        "git_repository": {"branch": "release"},
        "production_settings": {"build_command": "", "path_excludes": ["./docs/**"], "build_caching_enabled": False,
                                "environment_variables": {"MODE": {"is_secret": False, "value": "slow"},
                                                          "KEY": {"is_secret": True, "value": None}}}}).result
    assert changed["git_repository"] == before["git_repository"] | {"branch": "release"}
    variables = changed["production_settings"]["environment_variables"]
    assert variables["MODE"]["value"] == "slow" and variables["KEY"]["is_secret"]
    assert changed["production_settings"] == settings | {"build_command": "", "path_excludes": ["docs/*"],
                                                         "build_caching_enabled": False, "environment_variables": variables}
    both = triggers(kiln, shop)
    assert both["release"]["trigger_name"] == "Deploy release" and both["*"]["branch_excludes"] == ["release"]
    assert both["*"]["build_command"] == settings["build_command"]
    assert kiln.call("PATCH", shop.path, {"production_settings": {"root_directory": "/"}}).result == changed


def test_a_worker_that_kiln_connect_connected_has_the_record_too(kiln, worker_repo, name):
    made = kiln.connect(worker_repo.bare, name, build_command="echo hi")
    record = kiln.get(f"/workers/{made['worker']['tag']}").result
    assert record["production_settings"]["build_command"] == "echo hi" and record["git_repository"]["branch"] == "main"
    assert record["git_repository"]["repo_id"] == made["connection"]["repo_id"]


@pytest.mark.parametrize("change, words", [
    ({"script_tag": None}, "script_tag is required"),
    ({"script_tag": "shop"}, "must be a Worker's tag"),
    ({"git_repository": None}, "git_repository is required"),
    ({"production_settings": None}, "production_settings is required"),
    ({"git_repository": {"branch": None}}, "git_repository.branch is required"),
    ({"git_repository": {"branch": "x" * 257}}, "git_repository.branch is 257 bytes long"),
    ({"git_repository": {"repo_id": None}}, "git_repository.repo_id is required"),
    ({"git_repository": {"provider_type": "sourceforge"}}, "git_repository.provider_type"),
    ({"production_settings": {"build_command": None}}, "production_settings.build_command is required"),
    ({"production_settings": {"deploy_command": ""}}, "production_settings.deploy_command must not be empty"),
    ({"production_settings": {"path_includes": ["a*b"]}}, "production_settings.path_includes[0]"),
    ({"production_settings": {"build_token_uuid": "5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90"}}, "build_token_uuid names nothing"),
    ({"production_settings": {"environment_variables": {"A": {"value": "1"}}}}, "environment_variables.A.is_secret is required"),
    ({"production_settings": {"environment_variables": {"A": {"is_secret": True}}}}, "A.value is not given"),
])
def test_a_wrong_body_is_refused_by_field_and_connects_nothing(kiln, shop, change, words):
    body = {key: value | change[key] if isinstance(change.get(key), dict) else change.get(key, value)
            for key, value in shop.body.items()}
    status, code, message = kiln.call("POST", "/workers", body).error
    assert (status, code) == (400, 12002) and words in message
    assert kiln.get(shop.path).status == 404


def test_what_cannot_be_changed_or_found_is_said(kiln, shop):
    assert create(kiln, shop, script_tag="0" * 32).error[:2] == (404, 12000)
    create(kiln, shop)
    for body, words in (({}, "git_repository or production_settings is required"),
                        ({"production_settings": {}}, "names no setting"),
                        ({"git_repository": {}}, "git_repository.branch is required"),
                        ({"git_repository": {"branch": "trunk", "repo_id": "4"}}, "repo_id cannot be changed")):
        status, code, message = kiln.call("PATCH", shop.path, body).error
        assert (status, code) == (400, 12002) and words in message, body
    answer = kiln.call("PATCH", shop.path, {"production_settings": {"build_command": "x", "speed": 1}, "more": 1})
    assert [note["message"].split()[2] for note in answer.json["messages"]] == ["more", "production_settings.speed"]
