"""Why was it not built? Real pushes and signed deliveries, what is kept of each, and `kiln why` and `kiln why --build` for it."""
import json
import uuid as uuids

import pytest

from harness.githost import Repo, git
from harness.waiting import until
from test_github import ZERO, Hook, pull_request_event, push_event


@pytest.fixture
def narrow(kiln, host, name):
    """A connected repository whose only trigger takes main, and of it what changes src/."""
    repo = Repo(host.folder, name, remote=f"{host.url}/acme/{name}.git")
    connected = kiln.connect(repo.bare, name, build_command="cat src/a", deploy_command="echo deployed", no_previews=True)
    repo.tag, repo.trigger = connected["worker"]["tag"], connected["triggers"][0]["trigger_uuid"]
    kiln.call("PATCH", f"/triggers/{repo.trigger}", {"path_includes": ["src/*"]}).result
    repo.first = repo.commit({"src/a": "one"})
    repo.push()
    return repo


@pytest.fixture
def hooked(kiln, host, name):
    """The same of a repository at a host that signs what it sends."""
    repo = Repo(host.folder, name)
    repo.url = f"{host.url}/acme/{name}.git"
    connected = kiln.connect(repo.url, name, build_command="true", deploy_command="true", no_previews=True)
    repo.tag, repo.trigger = connected["worker"]["tag"], connected["triggers"][0]["trigger_uuid"]
    repo.hook = Hook(kiln, connected["hook"]["secret"])
    return repo


def deliveries(kiln, repo, **more):
    query = "&".join(f"{key}={value}" for key, value in more.items())
    return kiln.get(f"/deliveries?script_tag={repo.tag}&{query}").result


def newest(kiln, repo):
    return deliveries(kiln, repo)[0]


def only_verdict(delivery):
    (verdict,) = delivery["verdicts"]
    return verdict["decision"], verdict["rule"]


def why(kiln, *words, code=0):
    done = kiln.cli("why", *words, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def queued_by(kiln, *words):
    (started,) = kiln.cli_json("why", *words, "--build")
    return kiln.wait(started["build_uuid"])


def test_a_branch_that_no_trigger_takes_is_kept_explained_and_built_when_asked(kiln, narrow):
    commit = narrow.commit({"src/a": "of the branch"}, branch="feature/x")
    assert narrow.push() == [] and "nothing to build" in narrow.answer
    kept = newest(kiln, narrow)
    assert kept["refs"] == [{"ref": "refs/heads/feature/x", "branch": "feature/x", "before": None, "after": commit}]
    assert only_verdict(kept) == ("passed_over", "the branch patterns (main) do not include feature/x")
    assert (kept["signature"], kept["event"], kept["repeated"]) == ("hook_secret", "push", 0)
    for what in (commit, commit[:8], "feature/x", kept["delivery_uuid"], kept["provider_delivery_id"]):
        said = why(kiln, what)
        assert "passed over" in said and "the branch patterns (main) do not include feature/x" in said
        assert f"kiln why {what} --build" in said
    build = queued_by(kiln, "feature/x")
    assert build["build_outcome"] == "success" and build["build_trigger_metadata"]["commit_hash"] == commit
    assert "of the branch" in kiln.build_log(build["build_uuid"])
    assert kiln.get(f"/deliveries/{kept['delivery_uuid']}").result == kept


def test_a_path_skip_names_the_files_and_is_built_when_asked(kiln, narrow):
    commit = narrow.commit({"docs/b": "1"})
    (skipped,) = narrow.push()
    kept = newest(kiln, narrow)
    assert only_verdict(kept) == ("skipped", "none of the 1 changed files matches the trigger's path patterns (docs/b)")
    assert kept["verdicts"][0]["build_uuid"] == skipped
    assert "docs/b" in why(kiln, commit)
    assert queued_by(kiln, commit)["build_outcome"] == "success"


def test_a_skip_marker_and_what_is_built_are_told_by_their_rules(kiln, narrow):
    narrow.commit({"src/a": "2"}, "Words only [skip ci]")
    narrow.push()
    assert only_verdict(newest(kiln, narrow)) == ("skipped", "the commit message says [skip ci]")
    assert "[skip ci]" in why(kiln, narrow.head())
    narrow.commit({"src/a": "3"})
    (uuid,) = narrow.push()
    kiln.wait(uuid)
    rule = "the branch pattern main includes main, and the path pattern src/* includes src/a"
    assert only_verdict(newest(kiln, narrow)) == ("built", rule)
    assert f"its log: kiln logs {uuid}" in why(kiln, "main")
    assert "nothing of this delivery is left to build" in why(kiln, "main", "--build", code=1)


def test_deleted_branches_and_tags_are_told(kiln, narrow):
    narrow.commit({"src/a": "2"}, branch="gone")
    narrow.push()
    narrow.push(":gone")
    kept = newest(kiln, narrow)
    assert kept["refs"][0]["after"] is None
    assert only_verdict(kept) == ("passed_over", "the branch gone was deleted")
    assert "there is nothing in it to build" in why(kiln, kept["delivery_uuid"])
    git(narrow.work, "tag", "v1")
    narrow.push("v1")
    assert only_verdict(newest(kiln, narrow)) == ("passed_over", "refs/tags/v1 is not a branch")


def test_without_words_the_commit_that_is_checked_out_is_meant(kiln, narrow, monkeypatch, tmp_path):
    commit = narrow.commit({"docs/b": "1"})
    monkeypatch.chdir(narrow.work)
    said = why(kiln, code=1)
    assert f"no delivery with the commit {commit[:7]} came" in said and "git push" in said
    narrow.push()
    assert "skipped" in why(kiln)
    monkeypatch.chdir(tmp_path)
    assert "work tree" in why(kiln, code=1)


def test_a_delivery_that_comes_twice_is_one_that_was_repeated(kiln, hooked, name):
    commit = hooked.commit({"a": "1"})
    hooked.push()
    event, guid = push_event(name, hooked.url, ZERO, commit), str(uuids.uuid4())
    assert hooked.hook.send(event, guid).status == hooked.hook.send(event, guid).status == 200
    (kept,) = deliveries(kiln, hooked)
    assert (kept["repeated"], kept["signature"], kept["provider_delivery_id"]) == (1, "verified", guid)
    assert "came again once" in why(kiln, guid)
    assert only_verdict(kept) == ("built", "the branch pattern main includes main")


def test_what_made_nothing_is_built_by_a_redelivery_once_a_trigger_takes_it(kiln, hooked, name):
    commit = hooked.commit({"a": "1"}, branch="topic")
    hooked.push()
    event = push_event(name, hooked.url, ZERO, commit, "refs/heads/topic")
    assert hooked.hook.send(event).json["result"]["builds"] == []
    kiln.call("PATCH", f"/triggers/{hooked.trigger}", {"branch_includes": ["main", "topic"]}).result
    (made,) = hooked.hook.send(event).json["result"]["builds"]
    (kept,) = deliveries(kiln, hooked)
    assert kept["repeated"] == 1 and kept["verdicts"][0]["build_uuid"] == made["build_uuid"]


def test_events_that_ask_for_nothing_and_refused_signatures_are_kept(kiln, hooked, name):
    event = push_event(name, hooked.url, ZERO, "1" * 40)
    guid = str(uuids.uuid4())
    assert hooked.hook.send(event, guid, kind="star").status == 200
    (star,) = kiln.get(f"/deliveries?provider_delivery_id={guid}").result
    assert (star["event"], star["refs"], star["verdicts"]) == ("star", [], []) and "star" in star["notes"][0]
    refused_guid = str(uuids.uuid4())
    assert hooked.hook.send(event, refused_guid, secret="wrong").status == 401
    def of_this_repository():  # other tests connect the repository of the same id
        found = kiln.get(f"/deliveries?per_page=200&provider_delivery_id={refused_guid}").result
        return [delivery for delivery in found if delivery["repo_name"] == name]
    (refused,) = until(of_this_repository, "the refused one", 30)
    assert refused["signature"] == "refused" and refused["refs"] == [] and refused["verdicts"] == []
    assert "signature refused" in (said := why(kiln, refused["delivery_uuid"])) and "secret" in said
    assert "was refused" in why(kiln, "a-branch-that-never-came", code=1)


def test_a_forks_pull_request_is_told_and_never_built_unrestricted(kiln, hooked, name):
    base = hooked.commit({"a": "1"})
    head = hooked.commit({"a": "2"}, branch="topic")
    hooked.push("topic")
    opened = pull_request_event(name, hooked.url, 9, "topic", head, base, fork="eve")
    assert hooked.hook.send(opened, kind="pull_request").json["result"]["builds"] == []
    kept = newest(kiln, hooked)
    assert kept["refs"][0] == {"ref": "refs/pull/9/head", "branch": "eve:topic", "before": base, "after": head}
    assert only_verdict(kept)[0] == "passed_over" and "fork_pull_requests" in only_verdict(kept)[1]
    assert "fork_pull_requests" in why(kiln, "eve:topic")
    assert "nothing of this delivery is left to build" in why(kiln, "eve:topic", "--build", code=1)


def test_match_says_what_a_push_would_do(kiln, narrow):
    def verdict(**body):
        answer = kiln.call("POST", "/deliveries/match", {"script_tag": narrow.tag, "branch": "main"} | body).result
        return only_verdict(answer)
    before = len(deliveries(kiln, narrow))
    assert verdict(branch="x") == ("passed_over", "the branch patterns (main) do not include x")
    assert verdict(paths=["docs/b"])[0] == "skipped" and verdict(paths=["src/b"])[0] == "built"
    assert verdict(message="[skip ci]") == ("skipped", "the commit message says [skip ci]")
    assert len(deliveries(kiln, narrow)) == before


def test_deliveries_are_listed_for_people_and_for_programs(kiln, narrow, name):
    narrow.commit({"src/a": "2"}, branch="a-branch-with-quite-a-long-name/and-more")
    narrow.push()
    shown = kiln.cli("deliveries", name).stdout
    assert all(len(line) <= 80 for line in shown.splitlines()) and "no match" in shown
    assert kiln.cli_json("deliveries", name) == deliveries(kiln, narrow)
    assert {d["delivery_uuid"] for d in deliveries(kiln, narrow)} <= {d["delivery_uuid"] for d in kiln.cli_json("deliveries")}
    assert "there is no Worker nobody here" in kiln.cli("deliveries", "nobody", check=False).stderr


def test_another_account_sees_none_of_it(kiln, narrow, name):
    other = kiln.cli_json("account", "create", "--name", f"other-{name}")["id"]
    (kept, *_) = deliveries(kiln, narrow)
    assert json.loads(kiln.cli("deliveries", "--account", other, "--json").stdout) == []
    assert kiln.cli("why", kept["delivery_uuid"], "--account", other, check=False).returncode == 1


def test_a_killed_server_has_each_delivery_with_its_build(fresh_kiln, tmp_path):
    kiln = fresh_kiln()
    repo = Repo(tmp_path, "shop")
    repo.tag = kiln.connect(repo.bare, "shop", build_command="sleep 60", deploy_command="true")["worker"]["tag"]
    repo.commit({"a": "1"})
    (uuid,) = repo.push()
    kiln.kill9()
    kiln.start()
    (kept,) = deliveries(kiln, repo)
    assert [v["build_uuid"] for v in kept["verdicts"] if v["decision"] == "built"] == [uuid]
    assert kiln.build(uuid)["build_uuid"] == uuid
