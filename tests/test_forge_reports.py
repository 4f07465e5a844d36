"""What a source host is told of builds: check runs, statuses and the comment at a pull request, behind the host's own contract."""
import re
import time

import pytest

from harness.githost import Repo, UUID
from harness.waiting import until
from test_github import Hook, ZERO, push_event

CONFIG = '{ "name": "%s", "main": "index.js", "compatibility_date": "2026-11-01" }\n'
WORKER = 'export default { fetch() { return new Response("hello"); } };\n'


class Place:
    """A repository at a git host whose API is a fake GitHub with an App that sees it."""

    def __init__(self, kiln, github, host, name, token=False, app_secret="It's a Secret to Everybody", **options):
        self.kiln, self.github, self.name = kiln, github, name
        self.repo = Repo(host.folder, name)
        self.path = f"acme/{name}"
        self.url = f"{host.url}/{self.path}.git"
        github.seed(app={"hook_url": kiln.url + "/webhooks/github", "hook_secret": app_secret}, repos=[{"path": self.path, "git_dir": str(self.repo.bare)}],
                    installations=[] if token else [{"repositories": [self.path]}])
        app = github.state()["app"]
        known = {"token": github.token()["token"]} if token else {"app_id": str(app["id"]), "private_key": app["private_key"], "webhook_secret": app["hook"]["secret"]}
        self.forge = kiln.call("POST", "/forges", {"provider": "github", "web_url": host.url, "api_url": github.api_url} | known).result
        self.connected = kiln.connect(self.url, name, **({"build_command": "cat a", "deploy_command": "npx wrangler deploy"} | options))
        self.hook = Hook(kiln, self.connected["hook"]["secret"])

    def commit(self, files=None, branch=None, **more):
        files = {"a": "1", "wrangler.jsonc": CONFIG % self.name, "index.js": WORKER} | (files or {})
        self.head = self.repo.commit(files, branch=branch, **more)
        self.repo.push()
        return self.head

    def push(self, branch="main", before=ZERO):
        answer = self.hook.send(push_event(self.name, self.url, before, self.head, ref=f"refs/heads/{branch}"))
        (made,) = answer.json["result"]["builds"]
        return made["build_uuid"]

    def runs(self):
        return self.github.state()["check_runs"]

    def until_run(self, build, **wanted):
        return self.github.until_run(f"the check run of {build} to be {wanted}", external_id=build, **wanted)


@pytest.fixture
def place(kiln, checked_forge, host, name):
    made = []

    def make(**how):
        made.append(Place(kiln, checked_forge("github"), host, name, **how))
        return made[-1]
    yield make
    for one in made:
        kiln.call("DELETE", f"/forges/{one.forge['forge_uuid']}")


def test_a_build_is_one_check_run_from_the_queue_to_its_end(kiln, place):
    shop = place()
    shop.commit()
    build = shop.push()
    run = shop.until_run(build, status="completed")
    assert run["conclusion"] == "success", "\n".join(kiln.build_log(build))
    assert run["name"] == f"Workers Builds: {shop.name}" and run["head_sha"] == shop.head
    assert len(shop.runs()) == 1
    lines = run["output"]["summary"].split("\n")
    assert lines[0] == lines[-1] == ""
    assert re.fullmatch(rf"Build ID: \[{build}\]\(\S+/production/builds/{build}\)", lines[1])
    assert re.fullmatch(rf"Script: \[{shop.name}\]\(\S+\)", lines[2])
    assert re.fullmatch(rf"Version ID: {UUID}", lines[3])
    assert run["details_url"].endswith(f"/?to=/{kiln.account}/workers/services/view/{shop.name}/production/builds/{build}")
    assert "Success! Build completed." in run["output"]["text"]
    assert run["started_at"] and run["completed_at"]


def test_a_failing_build_says_why_and_where(kiln, place):
    shop = place()
    shop.commit({"a": "src/a.ts(3,7): error TS2322: Type 'string' is not assignable\n"})
    trigger = shop.connected["triggers"][0]
    kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}", {"build_command": "cat a; exit 2"})
    build = shop.push()
    run = shop.until_run(build, status="completed")
    assert run["conclusion"] == "failure"
    assert "exit" in run["output"]["title"].lower() or "fail" in run["output"]["title"].lower()
    notes = run["annotations"]
    assert [(one["path"], one["start_line"], one["annotation_level"]) for one in notes] == [("src/a.ts", 3, "failure")]


def test_a_skipped_commit_has_a_skipped_check_and_passed_over_paths_have_none_unless_asked(kiln, place):
    shop = place()
    shop.commit(message="Words [skip ci]")
    event = push_event(shop.name, shop.url, ZERO, shop.head, message="Words [skip ci]")
    build = shop.hook.send(event).json["result"]["builds"][0]["build_uuid"]
    assert shop.until_run(build, status="completed")["conclusion"] == "skipped"
    trigger = shop.connected["triggers"][0]
    path = f"/triggers/{trigger['trigger_uuid']}"
    kiln.call("PATCH", path, {"path_includes": ["docs/*"]})

    def pass_over():
        before = shop.head
        shop.commit({"a": str(time.time_ns())})
        changed = {"id": shop.head, "message": "A change", "distinct": True, "added": [], "removed": [], "modified": ["a"]}
        event = push_event(shop.name, shop.url, before, shop.head, commits=[changed])
        return shop.hook.send(event).json["result"]["builds"][0]["build_uuid"]
    silent = pass_over()
    kiln.call("PATCH", path, {"report_path_skips": True})
    told = pass_over()
    assert shop.until_run(told, status="completed")["conclusion"] == "skipped"
    assert not [run for run in shop.runs() if run["external_id"] == silent]


def test_a_pull_request_has_one_comment_that_is_edited_in_place(kiln, place):
    shop = place()
    shop.commit()
    main = shop.push()
    shop.until_run(main, status="completed")
    shop.commit({"b": "2"}, branch="feature")
    build = shop.push("feature")
    shop.until_run(build, status="completed")
    assert shop.github.state()["comments"] == [], "there is no pull request yet"
    shop.github.seed(pulls=[{"repo": shop.path, "branch": "feature"}])
    (pull,) = shop.github.state()["repos"][0]["pulls"]
    sent = shop.github.pull_request(shop.path, number=pull["number"], action="opened", deliver={"secret": shop.hook.secret, "url": kiln.url + "/webhooks/github"})
    assert sent["deliveries"][0]["ok"], sent
    comment = until(lambda: next(iter(shop.github.state()["comments"]), None), "the comment of the pull request")
    assert re.search(rf"\| ✅ Deployment successful! <br>\[View logs\]\(\S+\) \| {shop.name} \| {shop.head[:8]} \|", comment["body"]), comment["body"]
    assert "Commit Preview URL</a><br><br><a href='" in comment["body"]
    before = shop.head
    shop.commit({"b": "3"})
    again = shop.push("feature", before)
    until(lambda: shop.head[:8] in shop.github.state()["comments"][0]["body"] and "✅" in shop.github.state()["comments"][0]["body"], "the comment to be edited")
    shop.until_run(again, status="completed")
    assert len(shop.github.state()["comments"]) == 1


def test_with_a_plain_token_a_commit_has_a_status(kiln, place):
    shop = place(token=True)
    shop.commit()
    build = shop.push()
    kiln.wait(build)
    status = until(lambda: next((one for one in shop.github.state()["statuses"] if one["state"] == "success"), None), "the commit's status")
    assert status["context"] == f"Workers Builds: {shop.name}" and status["target_url"].endswith(build)
    assert shop.runs() == []


def test_a_build_that_waits_is_queued_at_the_host(fresh_kiln, checked_forge, host, name):
    shop = Place(fresh_kiln("[builds]\nconcurrency = 1\n"), checked_forge("github"), host, name, build_command="sleep 600", deploy_command="true")
    shop.commit()
    running = shop.push()
    shop.kiln.wait_status(running, "running")
    shop.commit({"b": "2"}, branch="topic")
    waiting = shop.push("topic")
    run = shop.until_run(waiting)
    assert (run["status"], run["head_sha"], run["started_at"]) == ("queued", shop.head, None)
    (made,) = [call for call in shop.github.calls("POST", "/check-runs") if call["body"]["external_id"] == waiting]
    assert (made["status"], made["body"]["status"]) == (201, "queued")
    for build in (waiting, running):
        shop.kiln.cli("cancel", build)
