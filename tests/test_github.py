"""GitHub push webhooks: signature over the raw bytes, dedupe by delivery id, and a build from the host itself."""
import hashlib
import hmac
import json
import uuid as uuids

import pytest

from harness.githost import Repo
from harness.server import http


def push_event(repo, clone_url, before, after, ref="refs/heads/main", message="A change", commits=()):
    return {"ref": ref, "before": before, "after": after, "created": set(before) == {"0"}, "deleted": set(after) == {"0"},
            "forced": False, "base_ref": None, "commits": list(commits),
            "head_commit": {"id": after, "message": message, "author": {"name": "Ada Author", "email": "a@example.com"}},
            "repository": {"id": 4711, "full_name": f"acme/{repo}", "name": repo, "clone_url": clone_url,
                           "default_branch": "main", "private": True, "fork": False,
                           "owner": {"login": "acme", "name": "acme"}},
            "pusher": {"name": "ada", "email": "a@example.com"}, "sender": {"login": "ada", "id": 1}}


class Hook:
    def __init__(self, kiln, secret):
        self.kiln, self.secret = kiln, secret

    def send(self, event, delivery=None, secret=None, body=None, kind="push"):
        body = body if body is not None else json.dumps(event).encode()
        signature = hmac.new((secret or self.secret).encode(), body, hashlib.sha256).hexdigest()
        return http("POST", self.kiln.url + "/webhooks/github", body, {
            "content-type": "application/json", "x-github-event": kind,
            "x-github-delivery": delivery or str(uuids.uuid4()), "x-hub-signature-256": "sha256=" + signature})


@pytest.fixture
def hooked(kiln, host, name):
    repo = Repo(host.folder, name)
    url = f"{host.url}/acme/{name}.git"
    connected = kiln.connect(url, name, build_command="cat a", deploy_command="true")
    assert connected["hook"]["kind"] == "github" and connected["hook"]["url"].endswith("/webhooks/github")
    repo.url = url
    repo.hook = Hook(kiln, connected["hook"]["secret"])
    return repo


ZERO = "0" * 40


def test_a_push_event_builds_the_commit_from_the_connected_url(kiln, hooked, name):
    commit = hooked.commit({"a": "from the host"})
    hooked.push()
    answer = hooked.hook.send(push_event(name, hooked.url, ZERO, commit, message="Hello\n\nworld"))
    assert answer.status == 200
    (made,) = answer.json["result"]["builds"]
    build = kiln.wait(made["build_uuid"])
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(made["build_uuid"]))
    assert "from the host" in kiln.build_log(made["build_uuid"])
    assert build["build_trigger_metadata"]["commit_message"] == "Hello\n\nworld"
    assert build["trigger"]["repo_connection"]["repo_id"] == "4711", "the host's id is learnt from the first hook"


def test_the_same_delivery_twice_builds_once(kiln, hooked, name):
    commit = hooked.commit({"a": "1"})
    hooked.push()
    event, delivery = push_event(name, hooked.url, ZERO, commit), str(uuids.uuid4())
    first = hooked.hook.send(event, delivery).json["result"]
    second = hooked.hook.send(event, delivery).json["result"]
    assert [b["build_uuid"] for b in second["builds"]] == [b["build_uuid"] for b in first["builds"]]
    assert second["duplicate"] is True
    assert len(kiln.builds_of(name)) == 1


def test_a_bad_signature_and_an_unknown_repository_get_the_same_answer(kiln, hooked, name):
    event = push_event(name, hooked.url, ZERO, "1" * 40)
    bad = hooked.hook.send(event, secret="wrong")
    event["repository"] |= {"id": 99, "full_name": "nobody/nothing", "clone_url": "http://127.0.0.1:1/x.git"}
    unknown = hooked.hook.send(event)
    assert bad.status == unknown.status == 401
    assert bad.raw == unknown.raw
    assert kiln.builds_of(name) == []


def test_path_rules_ask_git_where_the_payload_cannot_say(kiln, hooked, name):
    connected = kiln.cli_json("connect", hooked.url, "--worker", name, "--build-command", "true",
                              "--deploy-command", "true")
    trigger = connected["triggers"][0]["trigger_uuid"]
    kiln.call("PATCH", f"/triggers/{trigger}", {"path_includes": ["src/*"]}).result
    first = hooked.commit({"src/a": "1", "docs/b": "1"})
    second = hooked.commit({"docs/b": "2"})
    third = hooked.commit({"src/a": "2"})
    hooked.push()
    outcomes = []
    for before, after in ((first, second), (second, third)):
        event = push_event(name, hooked.url, before, after)
        event["forced"] = True  # so that the payload's own lists do not count
        (made,) = hooked.hook.send(event).json["result"]["builds"]
        outcomes.append(kiln.wait(made["build_uuid"])["build_outcome"])
    assert outcomes == ["skipped", "success"]


def test_ping_and_other_events_are_answered_and_build_nothing(kiln, hooked, name):
    event = push_event(name, hooked.url, ZERO, "1" * 40)
    assert hooked.hook.send(event, kind="ping").status == 200
    assert hooked.hook.send(event, kind="star").status == 200
    assert kiln.builds_of(name) == []


def pull_request_event(repo, clone_url, number, branch, head, base, fork=None, action="opened"):
    own = {"id": 4711, "full_name": f"acme/{repo}", "fork": False, "clone_url": clone_url, "owner": {"login": "acme"}}
    theirs = {"id": 99, "full_name": f"{fork}/{repo}", "fork": True, "owner": {"login": fork}} if fork else own
    return {"action": action, "number": number, "repository": own, "sender": {"login": fork or "ada", "id": 2},
            "pull_request": {"number": number, "html_url": f"https://git.example/acme/{repo}/pull/{number}", "title": "A page",
                             "state": "closed" if action == "closed" else "open", "draft": False, "merged": False,
                             "user": {"login": fork or "ada"}, "created_at": "2026-11-24T10:00:00Z",
                             "updated_at": "2026-11-24T11:00:00Z",
                             "head": {"ref": branch, "sha": head, "repo": theirs},
                             "base": {"ref": "main", "sha": base, "repo": own}}}


def test_a_pull_request_is_noted_on_the_builds_of_its_branch(kiln, hooked, name):
    base = hooked.commit({"a": "1"})
    hooked.push()
    head = hooked.commit({"a": "2"}, branch="topic")
    hooked.push("topic")
    (made,) = hooked.hook.send(push_event(name, hooked.url, ZERO, head, "refs/heads/topic")).json["result"]["builds"]
    before = kiln.wait(made["build_uuid"])
    assert before["pull_request"] is None
    opened = pull_request_event(name, hooked.url, 7, "topic", head, base)
    assert hooked.hook.send(opened, kind="pull_request").status == 200
    after = kiln.build(made["build_uuid"])
    assert after["pull_request"] == {"created_on": "2026-11-24T10:00:00.000Z",
                                     "pull_request_url": f"https://git.example/acme/{name}/pull/7"}
    newer = hooked.commit({"a": "3"}, branch="topic")
    hooked.push("topic")
    (made,) = hooked.hook.send(push_event(name, hooked.url, head, newer, "refs/heads/topic")).json["result"]["builds"]
    build = kiln.wait(made["build_uuid"])
    assert build["build_trigger_metadata"]["build_trigger_source"] == "pull_request"
    assert build["pull_request"] == after["pull_request"]


def test_a_forks_pull_request_is_built_without_secrets_token_and_deploy(kiln, host, name):
    repo = Repo(host.folder, name)
    url = f"{host.url}/acme/{name}.git"
    connected = kiln.connect(url, name, build_command="cat a; env | sort", deploy_command="echo DEPLOYED",
                             preview_deploy_command="echo DEPLOYED", fork_pull_requests="without_secrets")
    hook = Hook(kiln, connected["hook"]["secret"])
    for trigger in connected["triggers"]:
        kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}/environment_variables",
                  {"PLAIN": {"value": "visible", "is_secret": False}, "KEY": {"value": "very-secret-1", "is_secret": True}})
    base = repo.commit({"a": "ours"})
    repo.push()
    head = repo.commit({"a": "a stranger's"}, message="Read me", branch="topic")
    repo.push("HEAD:refs/pull/8/head")
    answer = hook.send(pull_request_event(name, url, 8, "main", head, base, fork="eve"), kind="pull_request")
    (made,) = answer.json["result"]["builds"]
    build = kiln.wait(made["build_uuid"])
    log = "\n".join(kiln.build_log(made["build_uuid"]))
    assert build["build_outcome"] == "success", log
    meta = build["build_trigger_metadata"]
    assert (meta["build_trigger_source"], meta["branch"], meta["commit_message"]) == ("pull_request", "eve:main", "Read me")
    assert meta["build_token_uuid"] not in {token["build_token_uuid"] for token in kiln.get("/tokens?per_page=200").result}
    assert "a stranger's" in log and "PLAIN=visible" in log
    assert "KEY=" not in log and "CLOUDFLARE_API_TOKEN" not in log and "DEPLOYED" not in log
    assert "This is a pull request from a fork" in log
    again = kiln.call("POST", f"/builds/{made['build_uuid']}/retry").result
    assert kiln.wait(again["build_uuid"])["build_outcome"] == "success"
    log = "\n".join(kiln.build_log(again["build_uuid"]))
    assert "KEY=" not in log and "CLOUDFLARE_API_TOKEN" not in log and "DEPLOYED" not in log
