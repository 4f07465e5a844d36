"""The fake Gitea and Forgejo, held against the client that is made from Gitea's own contract."""
import hashlib
import hmac
import urllib.parse

import pytest

from harness.forges import gitea_js

HEAD, OTHER = "1" * 40, "2" * 40
SHOP = ("acme", "shop")


@pytest.fixture(params=["gitea", "forgejo"])
def gitea(forge, request):
    made = forge(request.param)
    made.seed(repos=[{"path": "acme/shop", "branches": {"main": HEAD, "topic/a": OTHER}}], pulls=[{"repo": "acme/shop", "branch": "topic/a"}])
    made.key = made.token()["token"]
    return made


def ask(gitea, *calls, token=None):
    return gitea_js(gitea, *calls, token=token or gitea.key)


def test_the_client_reads_repositories_branches_and_pull_requests(gitea):
    answers = ask(gitea, ("repos", "repoGet", *SHOP), ("repos", "repoGetBranch", *SHOP, "topic/a"), ("repos", "repoListBranches", *SHOP), ("repos", "repoListPullRequests", *SHOP), ("repos", "repoGetPullRequest", *SHOP, 1), ("user", "userGetCurrent"),
                  ("repos", "repoGet", "acme", "nothing"))
    assert [one["status"] for one in answers] == [200] * 6 + [404]
    assert answers[1]["data"]["commit"]["id"] == OTHER and answers[4]["data"]["head"]["sha"] == OTHER


def test_an_edit_of_a_hook_leaves_its_secret(gitea):
    hook = {"type": "gitea", "active": True, "events": ["push", "pull_request"], "config": {"url": "http://127.0.0.1:1/hook", "content_type": "json", "secret": "first"}}
    made = ask(gitea, ("repos", "repoCreateHook", *SHOP, hook))[0]
    assert made["status"] == 201 and "secret" not in made["data"]["config"]
    edited = ask(gitea, ("repos", "repoEditHook", *SHOP, made["data"]["id"], {"config": {"secret": "second", "url": "http://127.0.0.1:1/other"}, "active": True}))[0]
    assert (edited["status"], edited["data"]["events"]) == (200, ["push"]), "an edit that names no events leaves the push alone"
    (kept,) = gitea.state()["repos"][0]["hooks"]
    assert (kept["secret"], kept["url"]) == ("first", "http://127.0.0.1:1/other")
    wrong = ask(gitea, ("repos", "repoCreateHook", *SHOP, hook | {"config": {"url": "http://127.0.0.1:1/x"}}), ("repos", "repoCreateHook", *SHOP, hook | {"type": "unheard-of"}), ("repos", "repoDeleteHook", *SHOP, made["data"]["id"]),
                ("repos", "repoListHooks", *SHOP))
    assert [one["status"] for one in wrong] == [422, 422, 204, 200] and wrong[3]["data"] == []


def test_statuses_and_comments_are_kept(gitea):
    status = {"state": "pending", "context": "Workers Builds: shop", "target_url": "http://kiln.test/b", "description": "Queued"}
    made = ask(gitea, ("repos", "repoCreateStatus", *SHOP, OTHER, status), ("repos", "repoCreateStatus", *SHOP, OTHER, status | {"state": "success"}), ("repos", "repoCreateStatus", *SHOP, OTHER, {"state": "wonderful"}),
               ("repos", "repoGetCombinedStatusByRef", *SHOP, OTHER), ("repos", "repoListStatuses", *SHOP, OTHER), ("repos", "issueCreateComment", *SHOP, 1, {"body": "hello"}), ("repos", "issueCreateComment", *SHOP, 9, {"body": "hello"}))
    assert [one["status"] for one in made] == [201, 201, 422, 200, 200, 201, 404]
    assert made[3]["data"]["state"] == "success" and len(made[4]["data"]) == 2
    comment = made[5]["data"]["id"]
    listed = ask(gitea, ("repos", "issueEditComment", *SHOP, comment, {"body": "edited"}), ("repos", "issueGetComments", *SHOP, 1))[1]
    assert [one["body"] for one in listed["data"]] == ["edited"]
    assert [one["body"] for one in gitea.state()["comments"][0]["history"]] == ["hello", "edited"]


def test_scopes_are_asked_for(gitea):
    token = gitea.token(scopes=["read:repository"])["token"]
    answers = ask(gitea, ("repos", "repoGet", *SHOP), ("repos", "repoCreateStatus", *SHOP, OTHER, {"state": "success"}), ("repos", "issueCreateComment", *SHOP, 1, {"body": "b"}), token=token)
    assert [one["status"] for one in answers] == [200, 403, 403]
    gitea.revoke(token)
    assert ask(gitea, ("repos", "repoGet", *SHOP), token=token)[0]["status"] == 401


def test_a_hook_speaks_for_all_families_and_signs_the_payload(gitea, hook_inbox):
    gitea.seed(hooks=[{"repo": "acme/shop", "url": hook_inbox.url, "secret": "s"}, {"repo": "acme/shop", "url": hook_inbox.url, "secret": "s", "content_type": "form"}, {"repo": "acme/shop", "url": hook_inbox.url}])
    sent = gitea.push("acme/shop", commits=[{"message": f"{i}"} for i in range(7)])
    assert (len(sent["payload"]["commits"]), sent["payload"]["total_commits"]) == (5, 7)
    (headers, body), (form_headers, form), (open_headers, _) = [(request.fields, request.raw) for request in hook_inbox.requests]
    right = hmac.new(b"s", body, hashlib.sha256).hexdigest()
    assert headers["x-gitea-signature"] == headers["x-gogs-signature"] == right and headers["x-hub-signature-256"] == f"sha256={right}"
    assert {"x-gitea-event", "x-gogs-event", "x-github-event"} <= headers.keys() and ("x-forgejo-event" in headers) == (gitea.kind == "forgejo")
    payload = urllib.parse.parse_qs(form.decode())["payload"][0]
    assert form_headers["x-gitea-signature"] == hmac.new(b"s", payload.encode(), hashlib.sha256).hexdigest(), "over the payload, not over the form"
    assert open_headers["x-gitea-signature"] == ""


def test_pull_requests_and_forks_are_told(gitea, hook_inbox):
    gitea.seed(hooks=[{"repo": "acme/shop", "url": hook_inbox.url, "secret": "s"}])
    update = gitea.pull_request("acme/shop", number=1, action="synchronized", head="3" * 40)
    fork = gitea.pull_request("acme/shop", branch="main", head="4" * 40, **{"from": "eve/shop"})["payload"]["pull_request"]
    assert update["deliveries"][0]["headers"]["x-gitea-event-type"] == "pull_request_sync" and update["payload"]["pull_request"]["head"]["sha"] == "3" * 40
    assert fork["head"]["repo"]["id"] != fork["base"]["repo"]["id"] and fork["head"]["repo"]["fork"]
