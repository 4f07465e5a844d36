"""The fake GitHub, held against GitHub's own contract, schemas and clients."""
import hashlib
import hmac
import json

import pytest

from harness.forges import octokit, run_client, verified

HEAD, OTHER = "1" * 40, "2" * 40
SHOP = {"owner": "acme", "repo": "shop"}
CREATE, UPDATE = "POST /repos/{owner}/{repo}/check-runs", "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}"
OF_REF = "GET /repos/{owner}/{repo}/commits/{ref}/check-runs"


def prepared(forge, hook_url=None):
    """A repository with a pull request, an App that is installed on it; → the installation's id."""
    forge.seed(app={"hook_url": hook_url}, repos=[{"path": "acme/shop", "branches": {"main": HEAD, "topic/a": OTHER}}, {"path": "acme/hidden", "branches": {"main": HEAD}}])
    state = forge.seed(installations=[{"repositories": ["acme/shop"]}], pulls=[{"repo": "acme/shop", "branch": "topic/a"}])
    return state["installations"][0]["id"]


@pytest.fixture
def github(checked_forge):
    return checked_forge("github")


@pytest.fixture
def lax(forge):
    """Without a checker: for faults, and for what the checker itself would refuse."""
    return forge("github")


def statuses(answers):
    return [one["status"] for one in answers]


def test_every_operation_answers_as_the_contract_says(github):
    """Prism answers 500 where the fake's own answer is not as GitHub's OpenAPI document says."""
    installation = prepared(github, "http://127.0.0.1:1/hook")
    (delivery,) = github.push("acme/shop", commits=[{"message": "A change"}])["deliveries"]
    one = {"installation_id": installation}
    as_app = [("GET /app",), ("GET /app/installations",), ("GET /app/installations/{installation_id}", one), ("POST /app/installations/{installation_id}/access_tokens", one),
              ("GET /app/hook/config",), ("PATCH /app/hook/config", {"content_type": "json"}), ("GET /app/hook/deliveries", {"status": "failure"}),
              ("GET /app/hook/deliveries/{delivery_id}", {"delivery_id": delivery["id"]}), ("POST /app/hook/deliveries/{delivery_id}/attempts", {"delivery_id": delivery["id"]}),
              ("GET /repos/{owner}/{repo}/installation", SHOP), ("GET /orgs/{org}/installation", {"org": "acme"})]
    assert set(statuses(octokit(github, *as_app))) == {200, 201, 202}
    run = octokit(github, (CREATE, SHOP | {"name": "x", "head_sha": OTHER, "external_id": "u"}), installation=installation)[0]["data"]
    as_installation = [(f"GET /repos/{{owner}}/{{repo}}{rest}", SHOP | more) for rest, more in [
        ("", {}), ("/branches", {}), ("/branches/{branch}", {"branch": "topic/a"}), ("/git/ref/{ref}", {"ref": "heads/topic/a"}), ("/commits/{ref}", {"ref": OTHER}), ("/commits/{commit_sha}/pulls", {"commit_sha": OTHER}), ("/pulls", {}),
        ("/pulls/{pull_number}", {"pull_number": 1}), ("/check-runs/{check_run_id}", {"check_run_id": run["id"]}), ("/commits/{ref}/check-runs", {"ref": OTHER}), ("/issues/{issue_number}/comments", {"issue_number": 1}),
        ("/commits/{ref}/statuses", {"ref": OTHER}), ("/commits/{ref}/status", {"ref": OTHER})]]
    as_installation += [(UPDATE, SHOP | {"check_run_id": run["id"], "status": "in_progress", "output": {"title": "t", "summary": "s"}}), ("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", SHOP | {"issue_number": 1, "body": "hello"}),
                        ("POST /repos/{owner}/{repo}/statuses/{sha}", SHOP | {"sha": OTHER, "state": "success", "context": "c"}), ("GET /installation/repositories",), ("DELETE /installation/token",)]
    assert set(statuses(octokit(github, *as_installation, installation=installation))) == {200, 201, 204}
    hook = SHOP | {"config": {"url": "http://127.0.0.1:1/own", "content_type": "json", "secret": "s"}, "events": ["push"]}
    made = octokit(github, ("POST /repos/{owner}/{repo}/hooks", hook), ("GET /user",), ("GET /user/repos",), token=github.token()["token"])
    assert statuses(made) == [201, 200, 200]
    mine = SHOP | {"hook_id": made[0]["data"]["id"]}
    hooks = [("GET /repos/{owner}/{repo}/hooks", SHOP), ("GET /repos/{owner}/{repo}/hooks/{hook_id}", mine), ("PATCH /repos/{owner}/{repo}/hooks/{hook_id}", mine | {"events": ["push", "delete"]}),
             ("GET /repos/{owner}/{repo}/hooks/{hook_id}/deliveries", mine), ("DELETE /repos/{owner}/{repo}/hooks/{hook_id}", mine)]
    assert statuses(octokit(github, *hooks, token=github.token()["token"])) == [200, 200, 200, 200, 204]


ANNOTATION = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "m"}
WRONG_RUNS = [{"name": None}, {"head_sha": None}, {"conclusion": "failed"}, {"conclusion": "stale"}, {"status": "completed"}, {"completed_at": "2026-11-24T10:00:00Z"}, {"started_at": "yesterday"}, {"output": {"title": "no summary"}},
              {"output": {"title": "t", "summary": "x" * 65536}}, {"output": {"title": "t", "summary": "s", "annotations": [ANNOTATION] * 51}},
              {"actions": [{"label": "a label of more than twenty", "description": "d", "identifier": "i"}]}]


@pytest.mark.parametrize("by", ["the contract", "the fake alone"])
def test_bad_check_runs_are_refused(checked_forge, forge, by):
    github = checked_forge("github") if by == "the contract" else forge("github")
    github.may_violate = True
    installation = prepared(github)
    bodies = [{key: value for key, value in (SHOP | {"name": "x", "head_sha": OTHER} | wrong).items() if value is not None} for wrong in WRONG_RUNS]
    answers = octokit(github, *[(CREATE, body) for body in bodies], installation=installation)
    assert [(wrong, answer["status"]) for wrong, answer in zip(WRONG_RUNS, answers)] == [(wrong, 422) for wrong in WRONG_RUNS]
    assert github.state()["check_runs"] == []


def test_keys_that_github_does_not_know_are_refused_by_the_contract(github):
    github.may_violate = True
    installation = prepared(github)
    number = SHOP | {"issue_number": 1}
    assert statuses(octokit(github, (CREATE, SHOP | {"name": "x", "head_sha": OTHER, "colour": "red"}), ("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", number | {"body": "b", "colour": "red"}),
                            ("POST /repos/{owner}/{repo}/statuses/{sha}", SHOP | {"sha": OTHER, "state": "success", "colour": "red"}),
                            ("POST /repos/{owner}/{repo}/statuses/{sha}", SHOP | {"sha": OTHER, "state": "success", "description": "d" * 141}), ("GET /nothing/here",), installation=installation)) == [422, 422, 422, 422, 404]


def test_a_run_keeps_every_call_and_marks_one_that_goes_back(github):
    installation = prepared(github)
    run = octokit(github, (CREATE, SHOP | {"name": "Workers Builds: shop", "head_sha": OTHER, "external_id": "u"}), installation=installation)[0]["data"]
    mine = SHOP | {"check_run_id": run["id"]}
    octokit(github, (UPDATE, mine | {"status": "in_progress"}), (UPDATE, mine | {"conclusion": "success"}), (UPDATE, mine | {"status": "in_progress"}), installation=installation)
    github.send("check_run", run_id=run["id"])
    octokit(github, (UPDATE, mine | {"conclusion": "failure"}), (UPDATE, mine | {"status": "queued"}), installation=installation)
    (kept,) = github.state()["check_runs"]
    assert [(one["what"], one["status"], one["conclusion"], one["went_back"]) for one in kept["history"]] == [
        ("create", "queued", None, False), ("update", "in_progress", None, False), ("update", "completed", "success", False), ("update", "in_progress", None, True),
        ("update", "completed", "failure", False), ("update", "queued", None, False)]
    found = octokit(github, (OF_REF, SHOP | {"ref": "topic/a", "check_name": "Workers Builds: shop"}), installation=installation)[0]["data"]
    assert [one["external_id"] for one in found["check_runs"]] == ["u"]


def test_comments_are_found_over_all_pages_and_keep_their_history(github):
    installation = prepared(github)
    number = SHOP | {"issue_number": 1}
    create, update = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments", "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}"
    made = octokit(github, *[(create, number | {"body": f"number {i}"}) for i in range(5)], installation=installation)[0]["data"]
    octokit(github, (update, SHOP | {"comment_id": made["id"], "body": "edited"}), installation=installation)
    page = octokit(github, ("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", number | {"per_page": 2, "page": 2}), installation=installation)[0]
    assert [one["body"] for one in page["data"]] == ["number 2", "number 3"] and 'rel="next"' in page["headers"]["link"] and github.url in page["headers"]["link"]
    everything = run_client("octokit.mjs", [{"route": "GET /repos/{owner}/{repo}/issues/{issue_number}/comments", "params": number | {"per_page": 2}, "pages": True}], FORGE_API=github.api_url,
                            TOKEN=github.token()["token"])[0]["data"]
    assert [one["body"] for one in everything] == ["edited", "number 1", "number 2", "number 3", "number 4"]
    assert [one["body"] for one in github.state()["comments"][0]["history"]] == ["number 0", "edited"]
    assert everything[0]["performed_via_github_app"]["id"] == github.state()["app"]["id"]
    github.control("POST", "delete_comment", {"id": made["id"]})
    assert statuses(octokit(github, (update, SHOP | {"comment_id": made["id"], "body": "x"}), installation=installation)) == [404]


def test_who_may_do_what(github):
    installation = prepared(github)
    hidden = {"owner": "acme", "repo": "hidden"}
    read = github.control("POST", "token", {"installation_id": installation, "permissions": {"metadata": "read", "contents": "read"}})["token"]
    get = "GET /repos/{owner}/{repo}"
    assert statuses(octokit(github, (get, SHOP), (get, hidden), (CREATE, SHOP | {"name": "x", "head_sha": OTHER}), token=read)) == [200, 404, 403]
    refused = octokit(github, (CREATE, SHOP | {"name": "x", "head_sha": OTHER}), token=read)[0]
    assert not [name for name in refused["headers"] if name.startswith("x-ratelimit") or name == "retry-after"], "a 403 for want of a permission is not to be tried again"
    assert statuses(octokit(github, (CREATE, SHOP | {"name": "x", "head_sha": OTHER}), token=github.token()["token"])) == [403], "check runs are for Apps"
    github.revoke(read)
    assert statuses(octokit(github, (get, SHOP), token=read)) == [401]
    github.send("installation", id=installation, action="suspend")
    assert statuses(octokit(github, (get, SHOP), installation=installation)) == [403]


def test_tokens_are_long_expire_and_are_made_for_one_repository(lax):
    installation = prepared(lax)
    lax.settings(token_seconds=60)
    (repo,) = [one for one in lax.state()["repos"] if one["path"] == "acme/shop"]
    ask = "POST /app/installations/{installation_id}/access_tokens"
    made = octokit(lax, (ask, {"installation_id": installation, "repository_ids": [repo["id"]], "permissions": {"contents": "read"}}), (ask, {"installation_id": installation, "repository_ids": [9999]}),
                   (ask, {"installation_id": installation, "permissions": {"administration": "write"}}))
    assert statuses(made) == [201, 422, 422]
    token = made[0]["data"]["token"]
    assert len(token) == 1000 and token.startswith("ghs_") and "." in token
    assert statuses(octokit(lax, ("GET /repos/{owner}/{repo}", SHOP), (CREATE, SHOP | {"name": "x", "head_sha": OTHER}), token=token)) == [200, 403]
    lax.clock(ahead_seconds=61)
    assert statuses(octokit(lax, ("GET /repos/{owner}/{repo}", SHOP), token=token)) == [401]


def test_json_web_tokens_are_verified(lax):
    prepared(lax)
    app = lax.state()["app"]
    told = run_client("jwt.mjs", FORGE_API=lax.api_url, APP_ID=app["id"], CLIENT_ID=app["client_id"], APP_KEY=app["private_key"])
    assert told == {"app id": 200, "client id": 200, "too long": 401, "expired": 401, "from the future": 401, "another issuer": 404, "another key": 401, "HS256": 401, "no algorithm": 401, "without": 401}


def test_the_webhook_is_delivered_and_verifies_and_comes_again_with_its_guid(lax, hook_inbox):
    prepared(lax, hook_inbox.url)
    secret = lax.state()["app"]["hook"]["secret"]
    hook_inbox.answer = lambda request: 500
    sent = lax.push("acme/shop", branch="topic/a", commits=[{"message": "A change", "added": ["a.ts"]}])
    assert (sent["payload"]["before"], sent["deliveries"][0]["ok"]) == (OTHER, False)
    (came,) = hook_inbox.requests
    assert verified("octokit", secret, came) == (True, "push")
    assert verified("octokit", secret, came, came.text.replace("A change", "A chance"))[0] is False
    assert came.fields["x-hub-signature-256"] == "sha256=" + hmac.new(secret.encode(), came.raw, hashlib.sha256).hexdigest()
    hook_inbox.answer = lambda request: 202
    failed = octokit(lax, ("GET /app/hook/deliveries", {"status": "failure"}))[0]["data"]
    assert [(one["status"], one["status_code"], one["event"]) for one in failed] == [("Invalid HTTP Response: 500", 500, "push")]
    assert statuses(octokit(lax, ("POST /app/hook/deliveries/{delivery_id}/attempts", {"delivery_id": failed[0]["id"]}))) == [202]
    first, again = hook_inbox.wait(2)
    assert again.fields["x-github-delivery"] == first.fields["x-github-delivery"] and again.raw == first.raw


def test_a_delivery_that_was_lost_is_in_the_list(lax, hook_inbox):
    prepared(lax, hook_inbox.url)
    lax.push("acme/shop", deliver={"lost": True}, commits=[{"message": "Never arrived"}])
    assert hook_inbox.requests == []
    (one,) = octokit(lax, ("GET /app/hook/deliveries",))[0]["data"]
    assert (one["status"], one["status_code"]) == ("failed to connect to host", 0)


def test_every_event_is_as_githubs_schemas_say(lax, hook_inbox):
    installation = prepared(lax, hook_inbox.url)
    run = octokit(lax, (CREATE, SHOP | {"name": "x", "head_sha": OTHER, "conclusion": "failure"}), installation=installation)[0]["data"]
    repo = "acme/shop"
    events = [("push", {"repo": repo, "commits": [{"message": "x"}]}), ("push", {"repo": repo, "branch": "topic/a", "deleted": True}), ("delete", {"repo": repo, "branch": "topic/a"}), ("create", {"repo": repo, "branch": "new"}),
              *[("pull_request", {"repo": repo, "number": 1, "action": action}) for action in ("synchronize", "edited", "converted_to_draft", "ready_for_review", "closed", "reopened")],
              ("pull_request", {"repo": repo, "from": "eve/shop", "branch": "main", "head": "3" * 40}), ("check_run", {"run_id": run["id"]}), ("check_run", {"run_id": run["id"], "action": "requested_action", "identifier": "cancel"}),
              ("check_suite", {"repo": repo, "sha": OTHER}), *[("installation", {"id": installation, "action": action}) for action in ("created", "suspend", "unsuspend", "new_permissions_accepted")],
              ("installation_repositories", {"id": installation, "added": ["acme/hidden"]}), ("installation_repositories", {"id": installation, "removed": ["acme/hidden"]}), ("repository", {"repo": repo, "action": "renamed", "to": "store"}),
              ("repository", {"repo": "acme/store", "action": "transferred", "to_owner": "umbrella"}), ("repository", {"repo": "umbrella/store", "action": "deleted"}), ("installation", {"id": installation, "action": "deleted"}), ("ping", {})]
    for event, about in events:  # the fake refuses to send what no schema allows
        sent = lax.send(event, **about)
        assert [one["ok"] for one in sent["deliveries"]] == [True], (event, about)
    assert [request.fields["x-github-event"] for request in hook_inbox.requests] == [event for event, _ in events]


def test_a_forks_pull_request_is_told_as_one(lax):
    prepared(lax)
    payload = lax.control("POST", "payload", {"event": "pull_request", "repo": "acme/shop", "from": "eve/shop", "branch": "main", "head": "3" * 40})
    head, base = payload["payload"]["pull_request"]["head"], payload["payload"]["pull_request"]["base"]
    assert payload["wrong"] is None and head["repo"]["id"] != base["repo"]["id"] and head["repo"]["fork"] and head["label"] == "eve:main"


def test_a_renamed_repository_is_found_by_a_redirect(lax):
    installation = prepared(lax)
    lax.send("repository", repo="acme/shop", action="renamed", to="store")
    assert octokit(lax, ("GET /repos/{owner}/{repo}", SHOP), installation=installation)[0]["data"]["full_name"] == "acme/store"


def test_an_app_is_made_from_a_manifest_and_installed(checked_forge, hook_inbox):
    github = checked_forge("github")
    github.seed(repos=[{"path": "acme/shop"}])
    manifest = {"name": "Kiln of acme", "url": "http://kiln.test", "hook_attributes": {"url": hook_inbox.url}, "redirect_url": "http://kiln.test/made", "setup_url": "http://kiln.test/installed", "public": False,
                "default_permissions": {"checks": "write", "contents": "read", "pull_requests": "write"}, "default_events": ["push", "check_run", "pull_request"]}
    page = f"{github.url}/organizations/acme/settings/apps/new?state=abc"
    status, _, text = github.browse(page, {"manifest": json.dumps(manifest | {"default_events": ["push", "status", "installation"]})})
    assert status == 422 and "status needs the permission statuses" in text and "installation comes to every App" in text
    status, location, _ = github.browse(page, {"manifest": json.dumps(manifest)})
    assert status == 302 and location.startswith("http://kiln.test/made?code=") and location.endswith("&state=abc")
    code = location.split("code=")[1].split("&")[0]
    made, again = octokit(github, ("POST /app-manifests/{code}/conversions", {"code": code}), ("POST /app-manifests/{code}/conversions", {"code": code}), token="none")
    assert (made["status"], again["status"]) == (201, 404), "a code works once"
    assert made["data"]["pem"].startswith("-----BEGIN RSA PRIVATE KEY-----") and made["data"]["webhook_secret"]
    status, location, _ = github.browse(f"{github.url}/apps/{made['data']['slug']}/installations/new?state=xyz")
    (installation,) = github.state()["installations"]
    assert status == 302 and location == f"http://kiln.test/installed?installation_id={installation['id']}&setup_action=install&state=xyz"
    (came,) = hook_inbox.requests
    assert verified("octokit", made["data"]["webhook_secret"], came) == (True, "installation")
    assert octokit(github, ("GET /installation/repositories",), installation=installation["id"])[0]["data"]["total_count"] == 1


def test_hooks_of_a_repository_are_told_beside_the_app(lax, hook_inbox):
    lax.seed(repos=[{"path": "acme/shop", "branches": {"main": HEAD}}])
    octokit(lax, ("POST /repos/{owner}/{repo}/hooks", SHOP | {"config": {"url": hook_inbox.url, "content_type": "form", "secret": "s"}, "events": ["push"]}), token=lax.token()["token"])
    assert len(lax.push("acme/shop", commits=[{"message": "x"}])["deliveries"]) == 1
    assert lax.send("delete", repo="acme/shop", branch="main")["deliveries"] == []
    came = hook_inbox.requests[0]
    assert came.fields["x-github-hook-installation-target-type"] == "repository" and came.text.startswith("payload=%7B")


def test_enterprise_server_is_below_its_prefix(checked_forge, hook_inbox):
    ghes = checked_forge("ghes")
    installation = prepared(ghes, hook_inbox.url)
    assert ghes.api_url.endswith("/api/v3")
    found = octokit(ghes, ("GET /repos/{owner}/{repo}", SHOP), installation=installation)[0]["data"]
    assert found["url"].startswith(ghes.api_url + "/repos/") and found["html_url"].startswith(ghes.url + "/acme/")
    ghes.push("acme/shop", commits=[{"message": "x"}])
    assert {"x-github-enterprise-host", "x-github-enterprise-version"} <= hook_inbox.requests[0].fields.keys()
