"""createManualBuild with seed_repo: a branch that begins with a template's files, and its first build."""
import base64
import json
import os
import threading
from pathlib import Path

import pytest

from harness.githost import GitHost, Repo, git
from harness.waiting import until
from test_wrangler import cf


@pytest.fixture
def template(host, name):
    repo = Repo(host.folder, f"{name}-template")
    repo.commit({"README.md": "top\n", "hello/wrangler.json": '{"name": "NAME"}\n', "hello/src/index.js": "// code\n"})
    repo.push()
    repo.url = f"{host.url}/acme/{name}-template.git"
    return repo


class Target:
    """An empty connected repository and its production trigger."""

    def __init__(self, kiln, folder, name, url=None):
        self.kiln, self.repo = kiln, Repo(folder, name)
        self.url = url or self.repo.bare
        self.connected = kiln.connect(self.url, name, build_command="cat wrangler.json",
                                      deploy_command="true")
        self.trigger = next(t["trigger_uuid"] for t in self.connected["triggers"] if t["branch_includes"] == ["main"])

    def seed(self, template, to="main", files=None, **changes):
        seed = {"provider": "git", "owner": "acme", "repository": "template", "branch": "main", "path": "hello",
                "clone_url": template.url} | ({"files": files} if files else {}) | changes
        body = {"seed_repo": seed} | ({"branch": to} if to else {})
        return self.kiln.call("POST", f"/triggers/{self.trigger}/builds", body)

    def head(self, branch="main"):
        return git(self.repo.bare, "rev-parse", "--verify", "-q", f"refs/heads/{branch}", check=False).stdout.strip()

    def count(self, branch="main"):
        return int(git(self.repo.bare, "rev-list", "--count", branch).stdout)

    def show(self, path, branch="main"):
        return git(self.repo.bare, "show", f"{branch}:{path}").stdout


@pytest.fixture
def target(kiln, host, name):
    return Target(kiln, host.folder, name, f"{host.url}/acme/{name}.git")


def test_a_new_branch_begins_with_the_template_and_is_built(kiln, target, template):
    files = [{"filename": "wrangler.json", "content": "shop", "replace": "NAME"},
             {"filename": "logo.bin", "content": base64.b64encode(b"\0\1logo").decode(), "isBase64": True}]
    # The official client names no branch of its own: the trigger's is meant.
    started = target.seed(template, to=None, files=files).result
    assert started["already_exists"] is False
    build = kiln.wait(started["build_uuid"])
    log = kiln.build_log(started["build_uuid"])
    assert build["build_outcome"] == "success", "\n".join(log)
    assert '{"name": "shop"}' in log
    meta = build["build_trigger_metadata"]
    assert meta["commit_hash"] == target.head() and meta["branch"] == "main" and meta["author"] == "Kiln"
    assert meta["commit_message"].startswith(f"Begin with {template.url}, folder hello\n")
    assert target.count() == 1 and target.show("src/index.js") == "// code\n" and "logo" in target.show("logo.bin")
    assert git(target.repo.bare, "ls-tree", "-r", "--name-only", "main").stdout.split() == [
        "logo.bin", "src/index.js", "wrangler.json"]


def test_the_official_cf_cli_sends_a_body_that_is_understood(kiln, target, template):
    seed = {"provider": "github", "owner": "acme", "repository": "template", "branch": "main", "path": "/",
            "clone_url": template.url}
    body = json.dumps({"branch": "main", "seed_repo": seed})
    build = kiln.wait(cf(kiln, "builds", "triggers", "builds-create", target.trigger, "--body", body,
                         "--seed-repo-branch", "main", "--seed-repo-owner", "acme", "--seed-repo-path", "/",
                         "--seed-repo-provider", "github", "--seed-repo-repository", "template")["build_uuid"])
    assert build["build_trigger_metadata"]["commit_hash"] == target.head()
    assert target.show("README.md") == "top\n"


def test_asked_twice_it_is_one_commit_and_one_build(kiln, target, template):
    first = target.seed(template).result
    kiln.wait(first["build_uuid"])
    second = target.seed(template).result
    assert second["build_uuid"] == first["build_uuid"] and second["already_exists"] is True
    assert target.count() == 1


def test_an_existing_branch_is_never_rewritten(kiln, target, template, name):
    mine = target.repo.commit({"mine": "1"})
    target.repo.push("main", "HEAD:refs/heads/a")
    for branch in ("main", "a/b"):
        status, code, message = target.seed(template, branch).error
        assert (status, code) == (409, 12004) and branch in message, message
    assert target.head() == mine and kiln.builds_of(name) == []
    kiln.wait(target.seed(template, "fresh").result["build_uuid"])


def test_a_local_repository_is_built_once_although_it_has_our_hook(kiln, tmp_path, name, template):
    target = Target(kiln, tmp_path, name)
    build = kiln.wait(target.seed(template).result["build_uuid"])
    assert build["build_outcome"] == "success" and build["build_trigger_metadata"]["commit_hash"] == target.head()
    assert len(kiln.builds_of(name)) == 1


def test_a_host_whose_webhook_is_quicker_gets_one_build(kiln, target, template, name):
    secret = target.connected["hook"]["secret"]
    hook = target.repo.bare / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"""#!/usr/bin/python3
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from types import SimpleNamespace
from test_github import Hook, push_event
before, after, ref = sys.stdin.readline().split()
url = {f"{target.url}"!r}
answer = Hook(SimpleNamespace(url={kiln.url!r}), {secret!r}).send(push_event({name!r}, url, before, after, ref))
assert answer.status == 200, answer.raw
open({str(target.repo.bare / "hook-done")!r}, "w").close()
""")
    hook.chmod(0o755)
    started = target.seed(template).result
    assert (target.repo.bare / "hook-done").exists() and started["already_exists"] is True
    assert kiln.wait(started["build_uuid"])["build_trigger_metadata"]["build_trigger_source"] == "push"
    assert len(kiln.builds_of(name)) == 1


def test_hostile_and_broken_requests_say_what_is_wrong(kiln, target, template, name, tmp_path):
    os.symlink(tmp_path, template.work / "hello" / "link")
    template.commit({"hello/a": "1"})
    template.push()
    inside = "seed_repo.files[0]"
    for changes, words in (
            ({"clone_url": "ext::sh -c true"}, "seed_repo.clone_url"), ({"clone_url": str(tmp_path)}, "seed_repo.clone_url"),
            ({"clone_url": "ssh://localhost/x"}, "seed_repo.clone_url"), ({"path": "../.."}, "seed_repo.path"),
            ({"path": "nowhere"}, "seed_repo.path: 'nowhere' is not a folder"), ({"branch": "nowhere"}, "nowhere"),
            ({"provider": "svn"}, "seed_repo.provider"), ({"owner": None}, "seed_repo.owner is required"),
            ({"files": [{"filename": "../x", "content": "x"}]}, inside),
            ({"files": [{"filename": ".git/hooks/post-checkout", "content": "x"}]}, inside),
            ({"files": [{"filename": "link/x", "content": "x"}]}, "link is a"),
            ({"files": [{"filename": "a", "content": "x", "replace": "no such text"}]}, inside),
            ({"files": [{"filename": str(i), "content": "x"} for i in range(3)]}, "at most 2")):
        answer = target.seed(template, **changes)
        assert answer.status == 400, (changes, answer.raw)
        status, code, message = answer.error
        assert (status, code) == (400, 12002) and words in message, message
    assert target.seed(template, clone_url="http://127.0.0.1:1/x.git").error[:2] == (502, 12006)
    body = {"commit_hash": "a" * 40, "seed_repo": {}}
    assert "commit_hash" in kiln.call("POST", f"/triggers/{target.trigger}/builds", body).error[2]
    assert target.head() == "" and kiln.builds_of(name) == []


def test_it_pushes_with_the_connections_credentials(kiln, host, tmp_path, name, template):
    closed = GitHost(tmp_path / "closed", password="s3cret")
    (tmp_path / "closed" / "acme").mkdir(parents=True)
    try:
        url = closed.url.replace("://", "://kiln:s3cret@") + f"/acme/{name}.git"
        target = Target(kiln, tmp_path / "closed" / "acme", name, url)
        build = kiln.wait(target.seed(template).result["build_uuid"])
        assert build["build_outcome"] == "success" and target.head()
        other = Target(kiln, tmp_path / "closed" / "acme", name + "x", url.replace(f"{name}.git", f"{name}x.git"))
        closed.password = "an0ther"
        status, code, message = other.seed(template).error
        assert (status, code) == (400, 12002) and "clone_url" in message and "s3cret" not in message, message
        assert "s3cret" not in kiln.log()
    finally:
        closed.stop()


def test_of_two_templates_at_once_one_wins(kiln, host, target, template, name):
    other = Repo(host.folder, f"{name}-other")
    other.commit({"hello/wrangler.json": "other"})
    other.push()
    other.url = f"{host.url}/acme/{name}-other.git"
    answers = []
    threads = [threading.Thread(target=lambda t=t: answers.append(target.seed(t))) for t in (template, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200, 409]
    (won,) = [answer.result for answer in answers if answer.status == 200]
    assert kiln.wait(won["build_uuid"])["build_trigger_metadata"]["commit_hash"] == target.head()
    assert target.count() == 1


def test_a_server_killed_after_its_push_commits_nothing_twice(fresh_kiln, host, tmp_path, name, template):
    kiln = fresh_kiln("[builds]\nconcurrency = 1\n")
    target = Target(kiln, host.folder, name, f"{host.url}/acme/{name}.git")
    pushed, gate = tmp_path / "pushed", tmp_path / "gate"
    os.mkfifo(gate)
    hook = target.repo.bare / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{pushed}'\nread line < '{gate}'\n")
    hook.chmod(0o755)
    lost = threading.Thread(target=lambda: pytest.raises(Exception, target.seed, template))
    lost.start()
    until(pushed.exists, "the push to be taken")
    kiln.kill9()
    gate.write_text("on\n")
    lost.join()
    commit = target.head()
    hook.unlink()
    kiln.start()
    started = target.seed(template).result
    assert started["already_exists"] is False
    build = kiln.wait(started["build_uuid"])
    assert build["build_outcome"] == "success" and build["build_trigger_metadata"]["commit_hash"] == commit
    assert target.head() == commit and target.count() == 1 and len(kiln.builds_of(name)) == 1
