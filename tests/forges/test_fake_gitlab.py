"""The fake GitLab, held against its client and against Standard Webhooks' own library."""
import pytest

from harness.forges import gitbeaker, verified

HEAD, OTHER = "1" * 40, "2" * 40
PATH = "acme/web/shop"


@pytest.fixture
def gitlab(forge):
    made = forge("gitlab")
    made.seed(repos=[{"path": PATH, "branches": {"main": HEAD, "topic/a": OTHER}}], pulls=[{"repo": PATH, "branch": "topic/a"}])
    made.key = made.token()["token"]
    return made


def ask(gitlab, *calls, token=None):
    return gitbeaker(gitlab, *calls, token=token or gitlab.key)


def failure(answer):
    return answer.get("status"), answer.get("error")


def test_the_client_reads_projects_branches_and_merge_requests(gitlab):
    answers = ask(gitlab, ("Projects", "show", PATH), ("Branches", "show", PATH, "topic/a"), ("Branches", "all", PATH), ("Commits", "show", PATH, OTHER), ("Commits", "allMergeRequests", PATH, OTHER), ("MergeRequests", "show", PATH, 1),
                  ("PersonalAccessTokens", "show", {"tokenId": "self"}), ("Users", "showCurrentUser"))
    assert not [one for one in answers if "error" in one], answers
    project, branch, branches, commit, requests, request, token, _ = [one["data"] for one in answers]
    assert (project["path_with_namespace"], branch["commit"]["id"], len(branches), commit["id"]) == (PATH, OTHER, 2, OTHER)
    assert [one["iid"] for one in requests] == [1] and request["sha"] == OTHER and token["scopes"] == ["api"]


def test_hooks_are_made_changed_and_removed_and_never_tell_their_token(gitlab):
    made = ask(gitlab, ("ProjectHooks", "add", PATH, "http://127.0.0.1:1/hook", {"token": "secret", "pushEvents": True, "mergeRequestsEvents": True, "enableSslVerification": False}))[0]["data"]
    assert made["merge_requests_events"] and "token" not in made and made["alert_status"] == "executable"
    ask(gitlab, ("ProjectHooks", "edit", PATH, made["id"], "http://127.0.0.1:1/hook", {"token": "another", "tagPushEvents": True}))
    (hook,) = gitlab.state()["repos"][0]["hooks"]
    assert (hook["token"], hook["tag_push_events"]) == ("another", True)
    wrong = ask(gitlab, ("ProjectHooks", "add", PATH, "not a url"), ("ProjectHooks", "remove", PATH, made["id"]), ("ProjectHooks", "all", PATH))
    assert failure(wrong[0]) == (422, "Invalid url given") and wrong[2]["data"] == []


def test_statuses_move_on_and_refuse_what_gitlab_refuses(gitlab):
    def told(state, **more):
        return ("Commits", "editStatus", PATH, OTHER, state, {"name": "Workers Builds: shop", "ref": "topic/a"} | more)
    answers = ask(gitlab, told("pending"), told("running"), told("running"), told("success"), told("running"), told("wonderful"), told("failed", description="x" * 256), ("Commits", "editStatus", PATH, "9" * 40, "success"),
                  ("Commits", "allStatuses", PATH, OTHER))
    assert [one.get("data", {}).get("status") if isinstance(one.get("data"), dict) else one.get("status") for one in answers[:8]] == ["pending", "running", 400, "success", "running", 400, 400, 404]
    assert "Cannot transition status via :run from :running" in answers[2]["error"]
    assert [one["status"] for one in answers[8]["data"]] == ["running"]
    assert [[step["state"] for step in one["history"]] for one in gitlab.state()["statuses"]] == [["pending", "running", "success"], ["running"]]


def test_notes_are_found_over_all_pages_and_changed_by_their_author_alone(gitlab):
    made = ask(gitlab, *[("MergeRequestNotes", "create", PATH, 1, f"number {i}") for i in range(5)])
    ask(gitlab, ("MergeRequestNotes", "edit", PATH, 1, made[0]["data"]["id"], {"body": "edited"}))
    listed, page, strange = ask(gitlab, ("MergeRequestNotes", "all", PATH, 1, {"sort": "asc", "perPage": 2}), ("MergeRequestNotes", "all", PATH, 1, {"sort": "asc", "perPage": 2, "page": 2, "maxPages": 1}), ("MergeRequestNotes", "create", PATH, 9, "x"))
    assert [one["body"] for one in listed["data"]] == ["edited", "number 1", "number 2", "number 3", "number 4"]
    assert [one["body"] for one in page["data"]] == ["number 2", "number 3"] and strange["status"] == 404
    other = gitlab.token(user="eve")["token"]
    assert failure(ask(gitlab, ("MergeRequestNotes", "edit", PATH, 1, made[0]["data"]["id"], {"body": "mine"}), token=other)[0])[0] == 403


def test_scopes_roles_and_expiry(gitlab):
    reader, developer = gitlab.token(scopes=["read_api"])["token"], gitlab.token(level=30)["token"]
    assert ask(gitlab, ("Commits", "editStatus", PATH, OTHER, "success"), token=reader)[0]["status"] == 403
    assert [one.get("status") for one in ask(gitlab, ("ProjectHooks", "all", PATH), ("Projects", "show", PATH), token=developer)] == [403, None]
    brief = gitlab.token(seconds=10)["token"]
    gitlab.clock(ahead_seconds=11)
    assert ask(gitlab, ("Projects", "show", PATH), token=brief)[0]["status"] == 401


def test_a_signed_hook_verifies_and_a_changed_or_old_one_does_not(gitlab, hook_inbox):
    key = "whsec_c2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXMtaGVyZSE="
    gitlab.seed(hooks=[{"repo": PATH, "url": hook_inbox.url, "signing_token": key}])
    gitlab.push(PATH, commits=[{"message": "A change"}])
    came = hook_inbox.requests[0]
    assert verified("standardwebhooks", key, came) == (True, "push") and "x-gitlab-token" not in came.fields
    assert verified("standardwebhooks", key, came, came.text.replace("change", "chance"))[0] is False
    gitlab.push(PATH, deliver={"seconds_old": 600}, commits=[{"message": "An old one"}])
    assert verified("standardwebhooks", key, hook_inbox.requests[1])[0] is False


def test_events_go_to_the_hooks_that_want_them_with_their_ids(gitlab, hook_inbox):
    gitlab.seed(hooks=[{"repo": PATH, "url": hook_inbox.url, "token": "secret", "tag_push_events": False}])
    sent = [gitlab.push(PATH, commits=[{"message": f"{i}"} for i in range(25)]), gitlab.push(PATH, tag="v1", after=HEAD), gitlab.pull_request(PATH, number=1, action="update", head="3" * 40),
            gitlab.pull_request(PATH, branch="main", **{"from": "eve/shop"}, head="4" * 40), gitlab.push(PATH, branch="topic/a", deleted=True), gitlab.push(PATH, commits=[{"message": "One of five branches"}], refs_in_push=5)]
    assert [len(one["deliveries"]) for one in sent] == [1, 0, 1, 1, 1, 0]
    push, _, update, fork, deleted, _ = [one["payload"] for one in sent]
    assert (len(push["commits"]), push["total_commits_count"]) == (20, 25) and update["object_attributes"]["oldrev"] == OTHER
    assert fork["object_attributes"]["source_project_id"] != fork["object_attributes"]["target_project_id"] and deleted["checkout_sha"] is None
    headers = hook_inbox.requests[0].fields
    assert (headers["x-gitlab-token"], headers["x-gitlab-event"]) == ("secret", "Push Hook") and headers["x-gitlab-instance"] == gitlab.url
    assert {"idempotency-key", "x-gitlab-event-uuid", "x-gitlab-webhook-uuid"} <= headers.keys()


def test_a_hook_that_fails_four_times_rests_and_its_events_are_sent_again(gitlab, hook_inbox):
    gitlab.seed(hooks=[{"repo": PATH, "url": hook_inbox.url, "token": "secret"}])
    (hook,) = gitlab.state()["repos"][0]["hooks"]
    hook_inbox.answer = lambda request: 500
    for i in range(5):
        gitlab.push(PATH, commits=[{"message": f"{i}"}])
    assert len(hook_inbox.requests) == 4
    assert ask(gitlab, ("ProjectHooks", "show", PATH, hook["id"]))[0]["data"]["alert_status"] == "temporarily_disabled"
    gitlab.clock(ahead_seconds=61)
    hook_inbox.answer = lambda request: 200
    assert gitlab.push(PATH, commits=[{"message": "again"}])["deliveries"][0]["ok"]
    first = gitlab.state()["deliveries"][0]
    again = gitlab.redeliver(id=first["id"])
    assert again["ok"] and hook_inbox.requests[-1].fields["idempotency-key"] == first["guid"]
