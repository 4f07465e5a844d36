"""The published API over HTTP: the headline call's input table, envelopes, permissions, shapes, triggers and tokens."""
import uuid as uuids

import pytest

from harness.server import http
from harness.stored import Stored

BUILD_KEYS = {"build_uuid", "status", "build_outcome", "created_on", "modified_on", "initializing_on", "running_on",
              "stopped_on", "trigger", "build_trigger_metadata", "pull_request", "version_ids", "preview_url",
              "preview_alias_url"}
META_KEYS = {"build_trigger_source", "branch", "commit_hash", "commit_message", "author", "build_command",
             "deploy_command", "root_directory", "build_token_uuid", "build_token_name", "environment_variables",
             "repo_name", "provider_account_name", "provider_type"}
TRIGGER_KEYS = {"trigger_uuid", "trigger_name", "external_script_id", "build_command", "deploy_command",
                "root_directory", "branch_includes", "branch_excludes", "path_includes", "path_excludes",
                "build_caching_enabled", "repo_connection", "created_on", "modified_on", "deleted_on"}
CONNECTION_KEYS = {"repo_connection_uuid", "provider_type", "provider_account_id", "provider_account_name", "repo_id",
                   "repo_name", "created_on", "modified_on", "deleted_on"}


@pytest.fixture
def connected(kiln, repo, name):
    repo.commit({"a": "1"})
    return kiln.connect(repo.bare, name, build_command="true", deploy_command="true")


# --- the headline call -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("query", ["", "?version_ids=", "?version_ids=,,,", "?version_ids=%20"])
def test_without_version_ids_the_parameter_is_named(kiln, query):
    status, code, message = kiln.get("/builds" + query).error
    assert (status, code) == (400, 12002) and message.startswith("Invalid request") and "version_ids" in message


def test_more_than_20_distinct_ids_are_refused_with_the_count(kiln):
    ids = [str(uuids.uuid4()) for _ in range(21)]
    status, code, message = kiln.get("/builds?version_ids=" + ",".join(ids)).error
    assert (status, code) == (400, 12002) and "21" in message and "20" in message
    assert kiln.get("/builds?version_ids=" + ",".join(ids[:20] + ids[:20])).result == {"builds": {}}


def test_more_than_20_distinct_tags_are_refused_with_the_count(kiln):
    tags = [uuids.uuid4().hex for _ in range(21)]
    status, code, message = kiln.get("/builds/latest?external_script_ids=" + ",".join(tags)).error
    assert (status, code) == (400, 12002) and "21" in message and "20" in message
    assert kiln.get("/builds/latest?external_script_ids=" + ",".join(tags[:20] + tags[:20])).result == {"builds": {}}


def test_a_malformed_id_is_named(kiln):
    status, code, message = kiln.get(f"/builds?version_ids={uuids.uuid4()},not-a-uuid").error
    assert (status, code) == (400, 12002) and "'not-a-uuid'" in message


def test_unknown_ids_are_left_out_and_spelling_is_folded(kiln):
    one = str(uuids.uuid4())
    answer = kiln.get(f"/builds?version_ids={one},%20{one.upper()}%20")
    assert answer.result == {"builds": {}}
    assert answer.json["result_info"] == {"page": 1, "per_page": 20, "count": 0, "total_count": 0, "total_pages": 1,
                                          "next_page": False}


# --- envelopes and permissions ---------------------------------------------------------------------------------------
def test_no_or_a_wrong_token_is_1000_here_and_9109_for_wrangler(kiln):
    url = f"{kiln.builds_api}/builds/{uuids.uuid4()}"
    assert http("GET", url).error == (401, 1000, "Invalid API Token")
    assert http("GET", url, headers={"authorization": "Bearer nonsense"}).error[:2] == (401, 1000)
    workers = f"{kiln.api}/accounts/{kiln.account}/workers/scripts"
    assert http("GET", workers, headers={"authorization": "Bearer nonsense"}).error[:2] == (401, 9109)


def test_a_token_may_do_only_what_it_was_given(kiln, connected):
    reader = kiln.cli("token", "create", "--name", "reader", "--permissions", "ci:read").stdout.strip()
    trigger = connected["triggers"][0]["trigger_uuid"]
    assert kiln.get("/tokens", token=reader).status == 200
    status, code, words = kiln.call("DELETE", f"/triggers/{trigger}", token=reader).error
    assert (status, code) == (403, 10000)
    assert words.startswith("Authentication error: this needs the right ci:write, which the token 'reader' lacks"), words
    assert kiln.call("GET", f"//accounts/{kiln.account}/workers/scripts", token=reader).error[:2] == (403, 10000)


def test_another_account_is_forbidden_and_a_malformed_one_has_no_route(kiln):
    other = http("GET", f"{kiln.api}/accounts/{'0' * 32}/builds/tokens",
                 headers={"authorization": f"Bearer {kiln.token}"})
    assert other.error == (403, 10000, "Authentication error")
    malformed = http("GET", f"{kiln.api}/accounts/nonsense/builds/tokens",
                     headers={"authorization": f"Bearer {kiln.token}"})
    assert malformed.error[:2] == (404, 7003)


def test_unknown_routes_things_and_methods(kiln):
    assert kiln.get("/nowhere").error[:2] == (404, 7003)
    assert kiln.get(f"/builds/{uuids.uuid4()}").error == (404, 12000, "Not found")
    assert kiln.get("/builds/not-a-uuid").error == (404, 12000, "Not found")
    answer = kiln.call("POST", "/account/limits", {})
    assert answer.error[:2] == (405, 10405) and "GET" in answer.headers["allow"]


# --- shapes ----------------------------------------------------------------------------------------------------------
def test_every_key_of_a_build_is_there(kiln, connected, repo, name):
    (uuid,) = repo.push()
    for build in (kiln.build(uuid), kiln.wait(uuid)):
        assert set(build) == BUILD_KEYS
        assert set(build["build_trigger_metadata"]) == META_KEYS
        assert set(build["trigger"]) == TRIGGER_KEYS
        assert set(build["trigger"]["repo_connection"]) == CONNECTION_KEYS
    tag = connected["worker"]["tag"]
    listed = kiln.get(f"/workers/{tag}/builds?per_page=1")
    assert [b["build_uuid"] for b in listed.result] == [uuid]
    assert listed.json["result_info"]["total_count"] == 1 and listed.json["result_info"]["next_page"] is False
    assert kiln.get(f"/builds/latest?external_script_ids={tag}").result["builds"][tag]["build_uuid"] == uuid
    assert [b["build_uuid"] for b in kiln.get(f"/workers/{tag.upper()}/builds").result] == [uuid]
    assert kiln.get(f"/workers/{name}/builds").error == (404, 12000, "Not found"), "a name is no tag"
    assert "version_ids" in kiln.get("/builds?version_ids=x").error[2]


# --- triggers, variables, connections, tokens ------------------------------------------------------------------------
def test_a_trigger_is_created_changed_and_deleted(kiln, connected):
    tag, connection = connected["worker"]["tag"], connected["connection"]["repo_connection_uuid"]
    body = {"external_script_id": tag, "repo_connection_uuid": connection, "trigger_name": "Nightly",
            "build_command": "", "deploy_command": "npx wrangler deploy", "root_directory": "/apps/web/",
            "branch_includes": ["nightly"], "branch_excludes": [], "path_includes": ["*"], "path_excludes": []}
    made = kiln.call("POST", "/triggers", body | {"surprise": 1})
    trigger = made.result
    assert set(trigger) == TRIGGER_KEYS | {"build_token_uuid", "build_token_name", "require_version", "paused", "fork_pull_requests",
                                           "report_path_skips"}
    assert trigger["root_directory"] == "apps/web" and trigger["build_token_uuid"]
    assert "surprise" in made.json["messages"][0]["message"]
    path = f"/triggers/{trigger['trigger_uuid']}"
    assert kiln.call("PATCH", path, {"branch_includes": ["nightly/*"]}).result["branch_includes"] == ["nightly/*"]
    assert len(kiln.get(f"/workers/{tag}/triggers").result) == 3
    kiln.call("DELETE", path).result
    assert len(kiln.get(f"/workers/{tag}/triggers").result) == 2
    assert kiln.call("PATCH", path, {}).error[:2] == (404, 12000)


@pytest.mark.parametrize("change, field", [
    ({"branch_includes": ["a*b"]}, "branch_includes[0]"), ({"branch_includes": 7}, "branch_includes"),
    ({"trigger_name": ""}, "trigger_name"), ({"deploy_command": 7}, "deploy_command"),
    ({"root_directory": "../up"}, "root_directory"), ({"root_directory": ".git"}, "root_directory must"),
    ({"root_directory": "a/.git/b"}, "root_directory must"), ({"root_directory": "/.GIT/"}, "root_directory must"),
    ({"root_directory": "apps\tweb"}, "root_directory must"), ({"root_directory": "a/" + 256 * "b"}, "root_directory must"),
    ({"build_token_uuid": "x"}, "build_token_uuid"),
    ({"build_token_uuid": "00000000-0000-4000-8000-000000000000"}, "build_token_uuid"),
    ({"build_caching_enabled": "yes"}, "build_caching_enabled"), ({"trigger_name": "a\u0007b"}, "trigger_name"),
])
def test_a_bad_field_is_named_and_changes_nothing(kiln, connected, change, field):
    trigger = connected["triggers"][0]
    status, code, message = kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}", change).error
    assert (status, code) == (400, 12002) and field in message, message
    now = kiln.get(f"/workers/{connected['worker']['tag']}/triggers").result[0]
    assert now == trigger


@pytest.mark.parametrize("body, word", [
    (b"", "empty"), (b"[]", "object"), (b"{", "JSON"), (b'{"a":1,"a":2}', "twice"), (b"[" * 40 + b"]" * 40, "deeper"),
    (b'{"a":"\xff"}', "JSON"), (b"{} x", "JSON")])
def test_a_bad_body_says_what_is_wrong_with_it(kiln, body, word):
    answer = kiln.call("POST", "/triggers", body, headers={"content-type": "application/json"})
    status, code, message = answer.error
    assert (status, code) == (400, 12002) and message.startswith("Invalid request body") and word in message


def test_variables_take_both_forms_and_hide_secrets(kiln, connected):
    path = f"/triggers/{connected['triggers'][0]['trigger_uuid']}/environment_variables"
    kiln.call("PATCH", path, {"A": {"is_secret": False, "value": "1"}, "S": {"is_secret": True, "value": "shh!"}}).result
    kiln.call("PATCH", path, {"variables": [{"key": "B", "value": "2", "type": "text"},
                                            {"key": "T", "value": "psst", "type": "secret"}]}).result
    answer = kiln.get(path)
    assert {k: (v["is_secret"], v["value"]) for k, v in answer.result.items()} == {
        "A": (False, "1"), "B": (False, "2"), "S": (True, None), "T": (True, None)}
    assert b"shh!" not in answer.raw and b"psst" not in answer.raw
    kiln.call("DELETE", path + "/A").result
    assert "A" not in kiln.get(path).result
    extra = kiln.call("PATCH", path, {"B": {"is_secret": False, "value": "2", "comment": "x"}})
    assert [m["message"] for m in extra.json["messages"]] == ["the field B.comment is unknown and was ignored"]
    extra = kiln.call("PATCH", path, {"variables": [{"key": "B", "value": "2", "note": 1}], "more": 1})
    assert [m["message"] for m in extra.json["messages"]] == [
        "the field variables[0].note is unknown and was ignored", "the field more is unknown and was ignored"]
    assert "variables[1].type must be" in kiln.call("PATCH", path, {"variables": [
        {"key": "B", "value": "3"}, {"key": "C", "value": "2", "type": "plain"}]}).error[2]
    assert "B.is_secret is required" in kiln.call("PATCH", path, {"B": {"value": "2"}}).error[2]
    assert "NEW.value is not given" in kiln.call("PATCH", path, {"NEW": {"is_secret": False}}).error[2]
    assert kiln.call("PATCH", path, {"B": {"is_secret": False}, "S": {"is_secret": True}}).result["B"]["value"] == "2"
    assert "9BAD" in kiln.call("PATCH", path, {"9BAD": {"is_secret": False, "value": "x"}}).error[2]
    # What a reader got may be sent back: null leaves a secret as it is.
    kept = {"S": {"is_secret": True, "value": None}, "B": {"is_secret": False, "value": "4"}}
    assert kiln.call("PATCH", path, kept).result["B"]["value"] == "4"
    kiln.call("PATCH", path, {"variables": [{"key": "T", "value": None, "type": "secret"}]}).result
    for body in ({"S": {"is_secret": False, "value": None}}, {"N": {"is_secret": True, "value": None}},
                 {"B": {"is_secret": True, "value": None}}):
        assert kiln.call("PATCH", path, body).error[:2] == (400, 12002), body
    assert {k: v["is_secret"] for k, v in kiln.get(path).result.items()} == {"B": False, "S": True, "T": True}
    many = {f"V{i}": {"is_secret": False, "value": ""} for i in range(65)}
    assert kiln.call("PATCH", path, many).error[:2] == (400, 12002)
    assert len(kiln.get(path).result) == 3, "nothing of a refused body is kept"


def test_connections_are_idempotent_and_kept_while_in_use(kiln, connected):
    body = {"provider_type": "github", "provider_account_id": "1", "provider_account_name": "acme", "repo_id": "77",
            "repo_name": "shop"}
    first = kiln.call("PUT", "/repos/connections", body).result
    assert set(first) == CONNECTION_KEYS
    assert kiln.call("PUT", "/repos/connections", body).result["repo_connection_uuid"] == first["repo_connection_uuid"]
    assert "repo_name" in kiln.call("PUT", "/repos/connections", body | {"repo_name": None}).error[2]
    assert "clone_url" in kiln.call("PUT", "/repos/connections", body | {"clone_url": "ext::sh -c id"}).error[2]
    used = connected["connection"]["repo_connection_uuid"]
    assert kiln.call("DELETE", f"/repos/connections/{used}").error[:2] == (409, 12004)
    kiln.call("DELETE", f"/repos/connections/{first['repo_connection_uuid']}").result


def test_a_self_hosted_repository_is_not_moved_by_a_body_that_names_no_url(kiln):
    def upsert(**more):
        kiln.call("PUT", "/repos/connections", {"provider_type": "github", "provider_account_id": "1",
                                                "provider_account_name": "acme", "repo_id": "78"} | more).result
        return Stored(kiln).row("SELECT clone_url FROM repo_connections WHERE repo_id = '78'")["clone_url"]
    assert upsert(repo_name="shop") == "https://github.com/acme/shop.git"
    assert upsert(repo_name="store") == "https://github.com/acme/store.git", "it follows its name"
    ours = "https://127.0.0.1:1/acme/store.git"
    assert upsert(repo_name="store", clone_url=ours) == ours
    assert upsert(repo_name="store") == ours and upsert(repo_name="renamed") == ours
    theirs = "https://127.0.0.2:1/acme/renamed.git"
    assert upsert(repo_name="renamed", clone_url=theirs) == theirs


def test_build_tokens_never_show_their_secret(kiln):
    made = kiln.call("POST", "/tokens", {"build_token_name": "mine", "build_token_secret": "top-secret-value",
                                         "cloudflare_token_id": "id-1"})
    assert set(made.result) == {"build_token_uuid", "build_token_name", "cloudflare_token_id", "owner_type"}
    listed = kiln.get("/tokens?per_page=200")
    assert made.result in listed.result
    assert b"top-secret-value" not in made.raw + listed.raw
    kiln.call("DELETE", f"/tokens/{made.result['build_token_uuid']}").result
    assert made.result not in kiln.get("/tokens?per_page=200").result


def test_a_manual_build_of_an_unknown_branch_or_commit_is_refused_by_name(kiln, connected, repo):
    repo.push()
    path = f"/triggers/{connected['triggers'][0]['trigger_uuid']}/builds"
    assert "branch" in kiln.call("POST", path, {}).error[2]
    assert "nowhere" in kiln.call("POST", path, {"branch": "nowhere"}).error[2]
    assert "commit_hash" in kiln.call("POST", path, {"commit_hash": "f" * 40}).error[2]
    for bad in ("--upload-pack=x", repo.head()[:7], "g" * 40):
        assert "commit_hash must be a full hash" in kiln.call("POST", path, {"commit_hash": bad}).error[2]
    made = kiln.call("POST", path, {"branch": "main"}).result
    assert kiln.wait(made["build_uuid"])["build_trigger_metadata"]["commit_hash"] == repo.head()


def test_paging_says_what_is_wrong_with_it(kiln, connected):
    tag = connected["worker"]["tag"]
    for query, field in (("page=0", "page"), ("per_page=201", "per_page"), ("per_page=x", "per_page"), ("page=-1", "page")):
        status, code, message = kiln.get(f"/workers/{tag}/builds?{query}").error
        assert (status, code) == (400, 12002) and field in message
