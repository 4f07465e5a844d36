"""Deliveries of every kind of source host, signed as each of them signs, and what becomes of them: builds, once; refusals; approvals of
forks' commits; buttons."""
import hashlib
import hmac
import json
import uuid as uuids

import pytest

from harness.githost import Repo, git
from harness.server import Kiln, http

ZERO = "0" * 40
KINDS = ["github", "gitea", "forgejo", "gitlab", "gitlab_internal", "bitbucket", "bitbucket_server"]


def digest(secret, body):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Github:
    """What a host says and how it proves it. `repo` is {id, full_name, clone_url}; `id` is as the host has it."""

    path, provider = "github", "github"

    def push(self, repo, before, after, ref="refs/heads/main"):
        return "push", {"ref": ref, "before": before, "after": after, "forced": False, "commits": [],
                        "head_commit": {"id": after, "message": "Hi", "author": {"name": "Ada"}}, "repository": self.repo(repo),
                        "pusher": {"name": "ada"}}

    def delete(self, repo, before, branch):
        kind, body = self.push(repo, before, ZERO, "refs/heads/" + branch)
        return kind, body | {"head_commit": None}

    def repo(self, repo):
        return {"id": repo["id"], "full_name": repo["full_name"], "clone_url": repo["clone_url"], "owner": {"login": "acme"}}

    def id_of(self, number):
        return number

    def head(self, kind, delivery, secret, body):
        return {"x-github-event": kind, "x-github-delivery": delivery, "x-hub-signature-256": "sha256=" + digest(secret, body)}

    def pull_request(self, repo, action, number, branch, head, base, fork="eve"):
        own = self.repo(repo)
        theirs = {"id": 99, "full_name": f"{fork}/shop", "owner": {"login": fork}}
        return "pull_request", {
            "action": action, "number": number, "repository": own,
            "pull_request": {"number": number, "html_url": f"https://git.example/pull/{number}", "title": "A page",
                             "state": "closed" if action == "closed" else "open", "user": {"login": fork},
                             "created_at": "2026-11-24T10:00:00Z", "updated_at": "2026-11-24T11:00:00Z",
                             "head": {"ref": branch, "sha": head, "repo": theirs}, "base": {"ref": "main", "sha": base, "repo": own}}}

    def check_run(self, repo, action, build, head, identifier=None):
        event = {"action": action, "installation": {"id": 5}, "repository": self.repo(repo), "sender": {"login": "ada"},
                 "check_run": {"id": 1, "external_id": build, "head_sha": head, "name": "Workers Builds: x", "app": {"id": 77}}}
        return "check_run", event | ({"requested_action": {"identifier": identifier}} if identifier else {})


class Gitea(Github):
    path, provider, prefixes = "gitea", "gitea", ("x-gitea-", "x-gogs-", "x-github-")

    def delete(self, repo, before, branch):
        return "delete", {"ref": branch, "ref_type": "branch", "repository": self.repo(repo), "sender": {"login": "ada"}}

    def head(self, kind, delivery, secret, body):
        signature = digest(secret, body)
        found = {"x-hub-signature-256": "sha256=" + signature}
        for prefix in self.prefixes:
            found |= {prefix + "event": kind, prefix + "delivery": delivery, prefix + "signature": signature}
        return found


class Forgejo(Gitea):
    prefixes = ("x-forgejo-", "x-gitea-", "x-gogs-", "x-github-")


class Gitlab(Github):
    path, provider = "gitlab", "gitlab"

    def push(self, repo, before, after, ref="refs/heads/main"):
        return "Push Hook", {"object_kind": "push", "ref": ref, "before": before, "after": after, "user_username": "ada",
                             "user_name": "Ada", "total_commits_count": 1, "project": self.repo(repo),
                             "commits": [{"id": after, "message": "Hi", "author": {"name": "Ada"}, "added": [], "modified": [],
                                          "removed": []}]}

    def delete(self, repo, before, branch):
        return self.push(repo, before, ZERO, "refs/heads/" + branch)

    def repo(self, repo):
        return {"id": repo["id"], "path_with_namespace": repo["full_name"], "git_http_url": repo["clone_url"]}

    def head(self, kind, delivery, secret, body):
        return {"x-gitlab-event": kind, "x-gitlab-event-uuid": delivery, "x-gitlab-token": secret}


class GitlabInternal(Gitlab):
    provider = "gitlab_internal"


class Bitbucket(Github):
    path, provider = "bitbucket", "bitbucket"

    def push(self, repo, before, after, ref="refs/heads/main"):
        def end(commit):
            return None if commit == ZERO else {"type": "branch", "name": ref.removeprefix("refs/heads/"),
                                                "target": {"hash": commit, "message": "Hi", "author": {"raw": "Ada <a@example.com>"}}}
        return "repo:push", {"push": {"changes": [{"old": end(before), "new": end(after), "forced": False}]},
                             "actor": {"nickname": "ada"}, "repository": self.repo(repo)}

    def delete(self, repo, before, branch):
        return self.push(repo, before, ZERO, "refs/heads/" + branch)

    def repo(self, repo):
        return {"uuid": repo["id"], "full_name": repo["full_name"],
                "links": {"html": {"href": repo["clone_url"].removesuffix(".git")}}}

    def id_of(self, number):
        return f"{{0aa0-{number}}}"

    def head(self, kind, delivery, secret, body):
        return {"x-event-key": kind, "x-hook-uuid": "h", "x-request-uuid": delivery, "x-hub-signature": "sha256=" + digest(secret, body)}


class BitbucketServer(Github):
    path, provider = "bitbucket_server", "bitbucket_server"

    def push(self, repo, before, after, ref="refs/heads/main"):
        return "repo:refs_changed", {"eventKey": "repo:refs_changed", "actor": {"name": "ada"}, "repository": self.repo(repo),
                                     "changes": [{"ref": {"id": ref}, "fromHash": before, "toHash": after}]}

    def delete(self, repo, before, branch):
        return self.push(repo, before, ZERO, "refs/heads/" + branch)

    def repo(self, repo):
        owner, name = repo["full_name"].split("/")
        return {"id": repo["id"], "slug": name, "project": {"key": owner}}

    def head(self, kind, delivery, secret, body):
        return {"x-event-key": kind, "x-request-id": delivery, "x-hub-signature": "sha256=" + digest(secret, body)}


HOSTS = {"github": Github(), "gitea": Gitea(), "forgejo": Forgejo(), "gitlab": Gitlab(), "gitlab_internal": GitlabInternal(),
         "bitbucket": Bitbucket(), "bitbucket_server": BitbucketServer()}


class Hooked:
    """A repository that is connected as one of a kind of host, and that host's hook."""

    def __init__(self, kiln, host, name, kind, **options):
        self.kiln, self.kind = kiln, HOSTS[kind]
        self.repo = Repo(host.folder, name)
        url = f"{host.url}/acme/{name}.git"
        self.about = {"id": self.kind.id_of(4711 + int(name[1:])), "full_name": f"acme/{name}", "clone_url": url}
        kiln.call("PUT", "/repos/connections", {
            "provider_type": self.kind.provider, "provider_account_id": name, "provider_account_name": "acme",
            "repo_id": str(self.about["id"]), "repo_name": name, "clone_url": url}).result
        connected = kiln.connect(url, name, **({"build_command": "cat a", "deploy_command": "true"} | options))
        assert connected["connection"]["provider_type"] == self.kind.provider
        self.tag, self.secret = connected["worker"]["tag"], connected["hook"]["secret"]

    def send(self, event, delivery=None, secret=None, path=None, headers=None):
        kind, content = event
        body = json.dumps(content).encode()
        head = {"content-type": "application/json"}
        head |= self.kind.head(kind, delivery or str(uuids.uuid4()), secret or self.secret, body) if headers is None else headers
        return http("POST", f"{self.kiln.url}/webhooks/{path or self.kind.path}", body, head)

    def push_event(self, before, after, ref="refs/heads/main"):
        return self.kind.push(self.about, before, after, ref)


@pytest.fixture(scope="module")
def kiln(tmp_path_factory):
    """A server with one slot, so that what waits and what runs is known."""
    server = Kiln(tmp_path_factory.mktemp("kiln"), "[builds]\nconcurrency = 1\n").start()
    yield server
    server.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_a_push_is_built_once_however_often_it_is_delivered(kiln, host, name, kind):
    hooked = Hooked(kiln, host, name, kind, no_previews=True)
    commit = hooked.repo.commit({"a": "from the host"})
    hooked.repo.push()
    event, delivery = hooked.push_event(ZERO, commit), str(uuids.uuid4())
    first = hooked.send(event, delivery)
    assert first.status == 200, first.raw
    (made,) = first.json["result"]["builds"]
    again = hooked.send(event, delivery).json["result"]
    assert again["duplicate"] is True and [b["build_uuid"] for b in again["builds"]] == [made["build_uuid"]]
    build = hooked.kiln.wait(made["build_uuid"])
    assert build["build_outcome"] == "success" and build["build_trigger_metadata"]["commit_hash"] == commit
    assert "from the host" in hooked.kiln.build_log(made["build_uuid"])
    assert len(hooked.kiln.builds_of(name)) == 1
    (kept,) = hooked.kiln.get(f"/deliveries?script_tag={hooked.tag}").result
    assert kept["repeated"] == 1 and kept["signature"] == "verified"


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_secret_an_unknown_repository_and_no_proof_get_one_answer(kiln, host, name, kind):
    hooked = Hooked(kiln, host, name, kind)
    event = hooked.push_event(ZERO, "1" * 40)
    wrong = hooked.send(event, secret="wrong")
    proofs = ("signature", "token")
    head = {k: v for k, v in hooked.kind.head(event[0], "d", "x", b"").items() if not any(proof in k for proof in proofs)}
    without = hooked.send(event, headers=head)
    hooked.about |= {"id": hooked.kind.id_of(99), "full_name": "nobody/nothing"}
    unknown = hooked.send(hooked.push_event(ZERO, "1" * 40))
    assert wrong.status == 401
    assert (wrong.status, wrong.raw) == (without.status, without.raw) == (unknown.status, unknown.raw)
    assert hooked.kiln.builds_of(name) == []


def test_a_host_that_is_not_set_up_is_told_what_to_do_in_its_own_words(fresh_kiln):
    lone = fresh_kiln()
    for kind, title in (("github", "GitHub"), ("gitea", "Gitea or Forgejo"), ("gitlab", "GitLab"), ("bitbucket", "Bitbucket"),
                        ("bitbucket_server", "Bitbucket Data Center")):
        host = HOSTS[kind]
        event, content = host.push({"id": host.id_of(1), "full_name": "acme/shop", "clone_url": "https://x/acme/shop.git"}, ZERO, "1" * 40)
        body = json.dumps(content).encode()
        answer = http("POST", f"{lone.url}/webhooks/{host.path}", body, host.head(event, "d", "s", body))
        assert answer.status == 404
        assert f"no repository of {title} is connected" in answer.json["errors"][0]["message"]


def test_a_delivery_at_another_hosts_address_is_shown_its_own(kiln, host, name):
    hooked = Hooked(kiln, host, name, "gitea")
    answer = hooked.send(hooked.push_event(ZERO, "1" * 40), path="github")
    assert answer.status == 400 and "set the webhook's URL to /webhooks/gitea" in answer.json["errors"][0]["message"]


@pytest.mark.parametrize("kind", ["gitea", "bitbucket_server"])
def test_a_late_delivery_deploys_no_older_commit(kiln, host, name, kind):
    hooked = Hooked(kiln, host, name, kind, no_previews=True)
    commits = [hooked.repo.commit({"a": str(number)}) for number in range(3)]
    hooked.repo.push()
    (newest,) = hooked.send(hooked.push_event(commits[1], commits[2])).json["result"]["builds"]
    assert hooked.kiln.wait(newest["build_uuid"])["build_outcome"] == "success"
    (late,) = hooked.send(hooked.push_event(commits[0], commits[1])).json["result"]["builds"]
    assert late["status"] == "skipped" and late["reason"] == f"an older commit than {commits[2][:7]}, which was built already"
    git(hooked.repo.work, "reset", "-q", "--hard", commits[0])
    hooked.repo.push("--force", "HEAD")
    (back,) = hooked.send(hooked.push_event(commits[2], commits[0])).json["result"]["builds"]
    assert back["status"] == "queued", "put back on purpose"


@pytest.mark.parametrize("kind", ["github", "gitea", "gitlab", "bitbucket"])
def test_a_deleted_branch_takes_its_waiting_builds_along(kiln, host, name, kind):
    hooked = Hooked(kiln, host, name, kind, build_command="sleep 60",
                    preview_deploy_command="true")
    commit = hooked.repo.commit({"a": "1"})
    hooked.repo.push()
    hooked.repo.commit({"a": "2"}, branch="topic")
    hooked.repo.push("topic")
    (running,) = hooked.send(hooked.push_event(ZERO, commit)).json["result"]["builds"]
    hooked.kiln.wait_status(running["build_uuid"], "running")
    (waiting,) = hooked.send(hooked.push_event(ZERO, hooked.repo.head(), "refs/heads/topic")).json["result"]["builds"]
    assert hooked.send(hooked.kind.delete(hooked.about, hooked.repo.head(), "topic")).status == 200
    assert hooked.kiln.wait(waiting["build_uuid"])["build_outcome"] == "cancelled"
    assert "Build was cancelled: the branch topic was deleted." in hooked.kiln.build_log(waiting["build_uuid"])
    hooked.kiln.cli("cancel", running["build_uuid"])


@pytest.fixture
def forked(kiln, host, name):
    """A repository that approves what forks bring, and a fork's commit on its way."""
    hooked = Hooked(kiln, host, name, "github", build_command="cat a; env | sort", deploy_command="echo DEPLOYED",
                    preview_deploy_command="echo DEPLOYED", fork_pull_requests="approve")
    for trigger in hooked.kiln.get(f"/workers/{hooked.tag}/triggers").result:
        hooked.kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}/environment_variables",
                         {"KEY": {"value": "very-secret-1", "is_secret": True}})
    hooked.base = hooked.repo.commit({"a": "ours"})
    hooked.repo.push()

    def propose(text, action="opened"):
        head = hooked.repo.commit({"a": text}, branch="topic")
        hooked.repo.push("--force", "HEAD:refs/pull/8/head")
        answer = hooked.send(hooked.kind.pull_request(hooked.about, action, 8, "main", head, hooked.base))
        (made,) = answer.json["result"]["builds"]
        return made["build_uuid"], head

    hooked.propose = propose
    return hooked


def test_a_forks_commit_waits_for_approval_and_each_new_one_again(forked):
    kiln = forked.kiln
    first, _ = forked.propose("a stranger's")
    waiting = kiln.build(first)
    assert waiting["status"] == "queued" and waiting["waits_for_approval"] is True
    assert f"kiln approve {first}" in "\n".join(kiln.build_log(first))
    # It holds nobody up.
    (of_main,) = forked.send(forked.push_event(ZERO, forked.base)).json["result"]["builds"]
    assert kiln.wait(of_main["build_uuid"])["build_outcome"] == "success"
    assert kiln.build(first)["status"] == "queued"
    kiln.kill9()
    kiln.start()
    assert kiln.build(first)["waits_for_approval"] is True
    second, _ = forked.propose("newer", "synchronize")
    assert kiln.wait(first)["build_outcome"] == "skipped"
    refused = kiln.cli("approve", first, check=False)
    assert refused.returncode == 1 and "is over already" in refused.stderr
    assert kiln.call("POST", f"/builds/{second}/approve").result == {"build_uuid": second, "approved": True}
    built = kiln.wait(second)
    log = "\n".join(kiln.build_log(second))
    assert built["build_outcome"] == "success" and "waits_for_approval" not in built
    assert "newer" in log and "KEY=" not in log and "CLOUDFLARE_API_TOKEN" not in log and "DEPLOYED" not in log
    assert "The commit was approved by the API token" in log
    assert kiln.call("POST", f"/builds/{second}/approve").status == 409


def test_the_button_beside_the_check_approves_and_a_closed_pull_request_ends_what_waits(forked):
    kiln = forked.kiln
    build, head = forked.propose("a stranger's")
    pressed = forked.send(forked.kind.check_run(forked.about, "requested_action", build, head, "approve"))
    assert pressed.status == 200 and "ada at GitHub approved the commit" in pressed.json["result"]["notes"][0]
    assert kiln.wait(build)["build_outcome"] == "success"
    other, head = forked.propose("more", "synchronize")
    assert forked.send(forked.kind.pull_request(forked.about, "closed", 8, "main", head, forked.base)).status == 200
    assert kiln.wait(other)["build_outcome"] == "cancelled"


def test_retrying_what_nobody_approved_is_no_approval(forked):
    kiln = forked.kiln
    build, _ = forked.propose("a stranger's")
    kiln.cli("cancel", build)
    again = kiln.call("POST", f"/builds/{build}/retry").result["build_uuid"]
    assert kiln.build(again)["waits_for_approval"] is True
    kiln.cli("approve", again)
    assert kiln.wait(again)["build_outcome"] == "success"


def test_rerun_builds_the_commit_again_once_a_delivery(kiln, host, name):
    hooked = Hooked(kiln, host, name, "github", no_previews=True)
    commit = hooked.repo.commit({"a": "1"})
    hooked.repo.push()
    (made,) = hooked.send(hooked.push_event(ZERO, commit)).json["result"]["builds"]
    hooked.kiln.wait(made["build_uuid"])
    event = hooked.kind.check_run(hooked.about, "rerequested", made["build_uuid"], commit)
    (again,) = hooked.send(event, "g1").json["result"]["builds"]
    assert hooked.send(event, "g1").json["result"]["duplicate"] is True
    built = hooked.kiln.wait(again["build_uuid"])
    assert built["build_outcome"] == "success" and built["build_trigger_metadata"]["commit_hash"] == commit
    assert len(hooked.kiln.builds_of(name)) == 2
    suite = ("check_suite", {"action": "rerequested", "installation": {"id": 5}, "repository": hooked.kind.repo(hooked.about),
                             "sender": {"login": "ada"}, "check_suite": {"head_sha": commit, "app": {"id": 77}}})
    (third,) = hooked.send(suite).json["result"]["builds"]
    assert hooked.kiln.wait(third["build_uuid"])["build_outcome"] == "success"


def test_cancel_ends_a_running_build_and_says_who_did(kiln, host, name):
    hooked = Hooked(kiln, host, name, "github", build_command="sleep 60", no_previews=True)
    commit = hooked.repo.commit({"a": "1"})
    hooked.repo.push()
    (made,) = hooked.send(hooked.push_event(ZERO, commit)).json["result"]["builds"]
    hooked.kiln.wait_status(made["build_uuid"], "running")
    hooked.send(hooked.kind.check_run(hooked.about, "requested_action", made["build_uuid"], commit, "cancel"))
    assert hooked.kiln.wait(made["build_uuid"])["build_outcome"] == "cancelled"
    assert "Build was cancelled by ada at GitHub." in hooked.kiln.build_log(made["build_uuid"])
