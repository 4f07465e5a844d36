"""Git hosts that say nothing, or drip, hold up nobody but their own: pushes make builds, uploads are taken, readers, log appends and
claims go on as before. How long those waited is printed beside the same without silent hosts (goal: at most 1.5 times at p99).

    /usr/bin/python3 -m pytest tests/admission/test_hanging_hosts.py -s
"""
import contextlib
import hashlib
import hmac
import http.client as http_client
import json
import threading
import time
import uuid

import pytest

from harness.githost import Repo
from harness.server import http
from harness.waiting import until
from test_github import Hook, push_event
from test_openapi_answers import Scripts

from .people import QUIET, ROUNDS
from .silent_hosts import silent_hosts

HOOK_GIVES_UP = 10  # seconds, the post-receive script as well as GitHub


def test_a_silent_host_is_connected_to_the_usual_branch_and_it_is_said(people, name):
    with silent_hosts(1, False) as (host,):
        made = people.kiln.connect(f"{host.url}/acme/{name}.git", f"{name}-far")
        assert made["triggers"][0]["branch_includes"] == ["main"]
        note = made["notes"][-1]
        assert "did not answer within" in note and "--branch" in note, note


class Strange:
    """A repository at a silent host, connected by the administrator, with a trigger that looks at paths."""

    def __init__(self, kiln, host, name):
        self.kiln, self.name = kiln, name
        made = kiln.connect(f"{host.url}/acme/{name}.git", name, branch="main")
        self.secret = made["hook"]["secret"]
        self.trigger = made["triggers"][0]["trigger_uuid"]
        kiln.call("PATCH", f"/triggers/{self.trigger}", {"path_includes": ["src/*"]}).result
        (connection,) = [c for c in kiln.get("/repos/connections").result if c["repo_name"] == name]
        self.path = "/repos/{provider_type}/{provider_account_id}/".format(**connection) + connection["repo_id"].replace(
            ":", "%3A").replace("/", "%2F")

    def autofill(self):
        with_token = {"authorization": f"Bearer {self.kiln.token}"}
        return http("GET", f"{self.kiln.builds_api}{self.path}/config_autofill?branch=main", headers=with_token)

    def autofill_meanwhile(self):
        """The call on a thread of its own; how it ends when its host or the server goes is not asked."""
        def call():
            with contextlib.suppress(OSError, http_client.HTTPException, AssertionError):
                self.autofill()
        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        return thread

    def push(self, padding=0):
        """What GitHub says of a new branch: which paths changed it leaves to git. So many bytes longer than it need be."""
        body = json.dumps({
            "padding": "x" * padding,
            "ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40, "created": True, "deleted": False, "forced": False,
            "base_ref": None, "commits": [], "head_commit": {"id": "1" * 40, "message": "A change", "author": {"name": "Ada"}},
            "repository": {"id": 4711, "full_name": f"acme/{self.name}", "name": self.name, "clone_url": "https://example.com/x",
                           "default_branch": "main", "private": True, "fork": False, "owner": {"login": "acme", "name": "acme"}},
            "pusher": {"name": "ada"}, "sender": {"login": "ada", "id": 1}}).encode()
        return http("POST", self.kiln.url + "/webhooks/github", body, {
            "content-type": "application/json", "x-github-event": "push", "x-github-delivery": str(uuid.uuid4()),
            "x-hub-signature-256": "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()})


def in_time(what, call):
    began = time.monotonic()
    answer = call()
    took = time.monotonic() - began
    assert took < HOOK_GIVES_UP, f"{what} took {took:.1f} s"
    return answer, took


@pytest.mark.parametrize("count, drips", [(4, False), (4, True), (8, False), (8, True)],
                         ids=["four-hang", "four-drip", "eight-hang", "eight-drip"])
def test_silent_git_hosts_hold_up_nobody_else(people, worker_repo, name, count, drips):
    kiln = people.kiln
    people.live(3)  # what is made once
    before = people.live(ROUNDS)
    with silent_hosts(count, drips) as hosts:
        strange = [Strange(kiln, host, f"{name}-{number}") for number, host in enumerate(hosts)]
        callers = [one.autofill_meanwhile() for one in strange for _ in range(2)]
        until(lambda: all(host.asked for host in hosts), "every host to be asked")

        meanwhile = people.live(ROUNDS)
        worker_repo.commit({"index.js": "export default {};\n"}, "While they hang")
        (build,), pushed = in_time("a push", worker_repo.push)
        assert kiln.build(build)["status"] == "queued"
        _, uploaded = in_time("an upload", lambda: Scripts(kiln, f"{name}-up").upload())
        # A push of a repository at a silent host is taken in without what git would say of it.
        for one in strange:
            answer, _ = in_time("a push at a silent host", one.push)
            (made,) = answer.result["builds"]
            assert (made["status"], made["reason"]) == ("queued", ""), made
            assert kiln.build(made["build_uuid"])["status"] == "queued", "on disk"
        assert any(caller.is_alive() for caller in callers), "the hosts have hung all the time"
    print(f"\n{count} git hosts that {'drip' if drips else 'hang'}: a push took {pushed:.2f} s, an upload {uploaded:.2f} s")
    for what in before:
        print(f"  p99 of {what}: {meanwhile[what]:.1f} ms, without {before[what]:.1f} ms ({meanwhile[what] / before[what]:.2f} ×)")


def test_pushes_that_wait_for_six_dead_hosts_take_no_place_of_a_host_that_answers(fresh_kiln, host, name):
    kiln = fresh_kiln(QUIET)
    with silent_hosts(6, False) as dead:
        strange = [Strange(kiln, one, f"{name}-{number}") for number, one in enumerate(dead)]
        before = [one.asked for one in dead]
        repo = Repo(host.folder, name)
        first = repo.commit({"docs/a": "1"})
        second = repo.commit({"docs/a": "2"})
        repo.push()
        url = f"{host.url}/acme/{name}.git"
        made = kiln.connect(url, name, branch="main")
        kiln.call("PATCH", f"/triggers/{made['triggers'][0]['trigger_uuid']}", {"path_includes": ["src/*"]}).result
        waiting = [threading.Thread(target=one.push) for one in strange for _ in range(2)]
        for one in waiting:
            one.start()
        try:
            until(lambda: all(one.asked > asked for one, asked in zip(dead, before)), "every dead host to be asked what was pushed")
            (build,) = Hook(kiln, made["hook"]["secret"]).send(push_event(name, url, first, second)).json["result"]["builds"]
            assert "changed files matches" in build["reason"], f"judged by what git says of the push: {build}"
        finally:
            for one in waiting:
                one.join()


def test_a_host_has_a_bounded_number_of_calls_and_the_next_is_told_which_and_why(fresh_kiln, name):
    kiln = fresh_kiln(QUIET + '[git]\ncalls_per_host = 2\nallow = ["127.0.0.0/8"]\n')
    with silent_hosts(1, False) as (host,):
        strange = Strange(kiln, host, name)
        for _ in range(2):
            strange.autofill_meanwhile()
        until(lambda: host.asked == 2, "both calls to have asked the host")
        answer = strange.autofill()
        assert answer.status == 503 and answer.headers["retry-after"] == "30"
        assert f"{host.address} has not answered 2 calls of git yet" in answer.error[2]
        assert host.asked == 2
        # Another host's call does not wait for it.
        repo = Repo(kiln.folder, f"{name}-near")
        repo.commit({"wrangler.json": json.dumps({"name": "near"})})
        repo.push()
        near = kiln.connect(repo.bare, f"{name}-near")
        assert kiln.call("POST", f"/triggers/{near['triggers'][0]['trigger_uuid']}/builds", {"branch": "main"}).status == 200


def test_many_silent_hosts_leave_places_for_repositories_of_this_machine(fresh_kiln, name):
    kiln = fresh_kiln(QUIET)
    with silent_hosts(13, False) as hosts:
        # Four repositories of each: calls for one repository ask its host one after the other.
        strange = [Strange(kiln, host, f"{name}-{number}-{repository}")
                   for number, host in enumerate(hosts) for repository in range(4)]
        for one in strange:
            one.autofill_meanwhile()
        until(lambda: sum(host.asked for host in hosts) == 36, lambda: f"36 calls to wait, and not {[host.asked for host in hosts]}")
        repo = Repo(kiln.folder, f"{name}-near")
        repo.commit({"wrangler.json": json.dumps({"name": "near"})})
        repo.push()
        near, _ = in_time("a connect", lambda: kiln.connect(repo.bare, f"{name}-near"))
        path = f"/triggers/{near['triggers'][0]['trigger_uuid']}/builds"
        answer, _ = in_time("a build", lambda: kiln.call("POST", path, {"branch": "main"}))
        assert answer.status == 200


def test_a_server_stops_while_a_git_host_hangs(fresh_kiln, name):
    kiln = fresh_kiln(QUIET)
    with silent_hosts(1, True) as (host,):
        strange = Strange(kiln, host, name)
        strange.autofill_meanwhile()
        until(lambda: host.asked, "the host to be asked")
        kiln.process.terminate()
        assert kiln.process.wait(15) == 0
