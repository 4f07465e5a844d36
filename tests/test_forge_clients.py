"""What Kiln told a source host, as the host's own client reads it there: after pushes that the host's webhook brought, behind its contract."""
import re

import pytest

import test_forge_hosts
import test_forge_reports
from harness.forges import gitbeaker, gitea_js, octokit
from harness.waiting import until

READS = {"metadata": "read", "contents": "read", "checks": "read", "statuses": "read", "pull_requests": "read", "issues": "read", "repository_hooks": "write"}
BUILD = {"build_command": "cat a; test ! -e broken", "deploy_command": "true", "preview_deploy_command": "true"}
FAULT = {"a": "src/a.ts(3,7): error TS2322: Type 'string' is not assignable\n", "broken": "yes"}


@pytest.fixture
def github_place(kiln, checked_forge, host, name):
    """A repository of a GitHub, with what octokit reads of it as a person who changes nothing."""
    made = []

    def make(**how):
        place = test_forge_reports.Place(kiln, checked_forge("github"), host, name, **how, **BUILD)
        token = place.github.token(permissions=READS)["token"]

        def read(*routes):
            answers = octokit(place.github, *[(f"GET /repos/acme/{name}{route}",) for route in routes], token=token)
            assert [one["status"] for one in answers] == [200] * len(routes), answers
            return [one["data"] for one in answers]

        place.read = read
        made.append(place)
        return place

    yield make
    for one in made:
        kiln.call("DELETE", f"/forges/{one.forge['forge_uuid']}")


def delivered(sent):
    """A webhook that the host sent once, and Kiln took."""
    (delivery,) = sent["deliveries"]
    assert delivery["ok"], delivery["answer"]


def of_commit(kiln, name, commit):
    return test_forge_hosts.wait_build(kiln, name, commit)["build_uuid"]


def test_octokit_finds_an_apps_check_runs_and_the_pull_requests_comment(kiln, github_place, name):
    shop = github_place()
    shop.commit({"broken": "no"})
    shop.repo.work.joinpath("broken").unlink()
    good = shop.commit({"a": "1"}, branch="topic")
    delivered(shop.github.push(shop.path, branch="topic"))
    first = of_commit(kiln, name, good)
    shop.until_run(first, status="completed")
    delivered(shop.github.pull_request(shop.path, branch="topic"))
    bad = shop.commit(FAULT)
    delivered(shop.github.push(shop.path, branch="topic"))
    second = of_commit(kiln, name, bad)
    shop.until_run(second, status="completed")
    until(lambda: [bad[:8] in one["body"] and "❌" in one["body"] for one in shop.github.state()["comments"]] == [True], "the comment to tell the second build")
    of_good, of_bad, comments = shop.read(f"/commits/{good}/check-runs", f"/commits/{bad}/check-runs", "/issues/1/comments")
    for listed, build, conclusion, notes in ((of_good, first, "success", 0), (of_bad, second, "failure", 1)):
        assert listed["total_count"] == 1, "one run a build"
        (run,) = listed["check_runs"]
        assert (run["name"], run["status"], run["conclusion"], run["external_id"]) == (f"Workers Builds: {name}", "completed", conclusion, build)
        assert run["details_url"].endswith(f"/builds/{build}") and run["app"]["id"] == shop.github.state()["app"]["id"]
        assert run["output"]["title"] and run["output"]["annotations_count"] == notes
        assert re.findall(r"^Build ID: \[(\S+)\]", run["output"]["summary"], re.MULTILINE) == [build], "what people's scripts look for"
    (comment,) = comments
    assert comment["user"]["type"] == "Bot" and f"| {name} | {bad[:8]} |" in comment["body"] and good[:8] not in comment["body"]


def test_octokit_finds_a_tokens_statuses_and_the_hook_that_kiln_made(kiln, github_place, name):
    shop = github_place(token=True)
    commit = shop.commit({"a": "1"})
    delivered(shop.github.push(shop.path))
    build = of_commit(kiln, name, commit)
    until(lambda: "success" in [one["state"] for one in shop.github.state()["statuses"]], "the commit's status")
    statuses, combined, hooks = shop.read(f"/commits/{commit}/statuses", f"/commits/{commit}/status", "/hooks")
    assert combined["state"] == "success" and combined["total_count"] == 1, "one context, whose last word counts"
    assert {one["context"] for one in statuses} == {f"Workers Builds: {name}"} and {one["target_url"].rpartition("/")[2] for one in statuses} == {build}
    states = [one["state"] for one in statuses]
    assert states[0] == "success" and set(states) <= {"success", "pending"} and states == sorted(states, key="success".__ne__), "newest first, and none goes back"
    (hook,) = hooks
    assert hook["active"] and hook["config"]["url"].startswith(kiln.url + "/webhooks/github") and hook["config"]["content_type"] == "json"
    assert {"push", "pull_request"} <= set(hook["events"])


@pytest.fixture
def token_place(kiln, checked_forge, host, tmp_path, name):
    made = []

    def make(kind):
        made.append(test_forge_hosts.Place(kiln, checked_forge(kind), host, tmp_path / "host", name))
        return made[-1]

    yield make
    for one in made:
        kiln.call("DELETE", f"/forges/{one.kept['forge_uuid']}")


def test_gitbeaker_finds_the_commits_status_the_note_and_the_hook(kiln, token_place, name):
    shop = token_place("gitlab")
    shop.push({"a": "1"})
    shop.until_told("success")
    build = shop.push({"broken": "yes"}, branch="topic")
    shop.until_told("failed")
    delivered(shop.forge.pull_request(shop.path, branch="topic"))
    until(lambda: shop.forge.state()["comments"], "the note")
    answers = gitbeaker(shop.forge, ("Commits", "allStatuses", shop.path, shop.head), ("MergeRequestNotes", "all", shop.path, 1), ("ProjectHooks", "all", shop.path), token=shop.forge.token()["token"])
    statuses, notes, hooks = [one["data"] for one in answers]
    (status,) = statuses
    assert (status["name"], status["status"], status["ref"], status["sha"]) == (f"Workers Builds: {name}", "failed", "topic", shop.head)
    assert status["target_url"].endswith(f"/builds/{build}") and status["description"]
    (note,) = notes
    assert f"| {name} | {shop.head[:8]} |" in note["body"] and "❌" in note["body"]
    (hook,) = hooks
    assert hook["url"].startswith(kiln.url + "/webhooks/gitlab")
    assert hook["push_events"] and hook["merge_requests_events"] and hook["alert_status"] == "executable"


def test_gitea_js_finds_the_statuses_the_comment_and_the_hook(kiln, token_place, name):
    shop = token_place("gitea")
    shop.push({"a": "1"})
    shop.until_told("success")
    build = shop.push({"broken": "yes"}, branch="topic")
    shop.until_told("failure")
    delivered(shop.forge.pull_request(shop.path, branch="topic"))
    until(lambda: shop.forge.state()["comments"], "the comment")
    of_shop = ("acme", name)
    answers = gitea_js(shop.forge, ("repos", "repoListStatuses", *of_shop, shop.head), ("repos", "repoGetCombinedStatusByRef", *of_shop, "topic"), ("repos", "issueGetComments", *of_shop, 1), ("repos", "repoListHooks", *of_shop), token=shop.forge.token()["token"])
    statuses, combined, comments, hooks = [one["data"] for one in answers]
    assert {one["context"] for one in statuses} == {f"Workers Builds: {name}"} and "failure" in {one["status"] for one in statuses} <= {"failure", "pending"}
    assert {one["target_url"].rpartition("/")[2] for one in statuses} == {build}
    assert (combined["state"], combined["sha"], combined["total_count"]) == ("failure", shop.head, 1)
    (comment,) = comments
    assert f"| {name} | {shop.head[:8]} |" in comment["body"] and "❌" in comment["body"]
    (hook,) = hooks
    assert hook["active"] and hook["type"] == "gitea" and hook["config"]["url"].startswith(kiln.url + "/webhooks/gitea")
    assert {"push", "pull_request"} <= set(hook["events"])
