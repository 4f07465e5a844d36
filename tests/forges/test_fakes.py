"""What all fakes share: faults, the record of calls, the clock, real repositories; and Bitbucket's hooks."""
import hashlib
import hmac
import http.client
import json
import subprocess
import threading
import urllib.error
import urllib.request

import pytest

from harness.forges import FORGES, Refused
from harness.githost import Repo
from harness.ports import listening
from harness.server import NODE
from harness.waiting import until

HEAD, OTHER = "1" * 40, "2" * 40
COMMENTS = "/repos/acme/shop/issues/1/comments"


@pytest.fixture
def gitea(forge):
    made = forge("gitea")
    made.seed(repos=[{"path": "acme/shop", "branches": {"main": HEAD, "topic": OTHER}}], pulls=[{"repo": "acme/shop", "branch": "topic"}])
    made.key = made.token()["token"]
    return made


def ask(forge, method, path, body=None, timeout=20):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(forge.api_url + path, data=data, method=method, headers={"content-type": "application/json", "authorization": f"token {forge.key}"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, json.loads(answer.read() or b"null"), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null"), error.headers


def test_a_fault_meets_as_many_calls_as_it_says_and_those_that_match(gitea):
    gitea.fault(method="POST", path="comments$", status=403, headers={"Retry-After": "1"}, body={"message": "slow down"}, times=2)
    answers = [ask(gitea, "POST", COMMENTS, {"body": f"{i}"}) for i in range(3)]
    assert [status for status, _, _ in answers] == [403, 403, 201] and answers[0][2]["Retry-After"] == "1" and answers[0][1] == {"message": "slow down"}
    assert ask(gitea, "GET", COMMENTS)[0] == 200
    assert [(one["status"], one["fault"]) for one in gitea.calls("POST", "comments")] == [(403, True), (403, True), (201, False)]
    assert [one["body"] for one in gitea.state()["comments"]] == ["2"], "a fault that comes before has no effect"


def test_a_fault_that_comes_after_has_had_its_effect(gitea):
    gitea.fault(method="POST", status=502, when="after")
    assert ask(gitea, "POST", COMMENTS, {"body": "made all the same"})[0] == 502
    assert [one["body"] for one in gitea.state()["comments"]] == ["made all the same"]


@pytest.mark.parametrize("when, comments", [("before", []), ("after", ["dropped"])])
def test_a_connection_breaks_in_mid_answer(gitea, when, comments):
    gitea.fault(method="POST", drop=True, when=when)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        ask(gitea, "POST", COMMENTS, {"body": "dropped"})
    assert [one["body"] for one in gitea.state()["comments"]] == comments


def test_a_connection_is_closed_without_a_word(gitea):
    gitea.fault(method="POST", refuse=True, times=2)
    for _ in range(2):
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            ask(gitea, "POST", COMMENTS, {"body": "x"})
    assert gitea.state()["comments"] == [] and ask(gitea, "POST", COMMENTS, {"body": "x"})[0] == 201


def test_a_call_hangs_until_the_faults_are_cleared(gitea):
    gitea.fault(path="comments", hang=True)
    met = []
    thread = threading.Thread(target=lambda: met.append(pytest.raises((http.client.HTTPException, OSError), ask, gitea, "GET", COMMENTS)))
    thread.start()
    until(lambda: gitea.state()["hanging"] == 1, "the call to hang", 20)
    assert ask(gitea, "GET", "/version")[0] == 200, "others go on"
    gitea.clear_faults()
    thread.join(20)
    assert len(met) == 1 and ask(gitea, "GET", COMMENTS)[0] == 200


def test_a_fault_that_is_none_is_refused(gitea):
    with pytest.raises(Refused, match="a fault has no stauts"):
        gitea.fault(stauts=500)


def test_calls_are_kept_with_what_they_said(gitea):
    ask(gitea, "POST", COMMENTS, {"body": "hello"})
    (call,) = gitea.calls("POST")
    assert (call["path"], call["body"], call["status"]) == (f"/api/v1{COMMENTS}", {"body": "hello"}, 201) and call["headers"]["authorization"] == f"token {gitea.key}"


def test_a_reset_leaves_nothing(gitea):
    gitea.fault(status=500, times=100)
    gitea.reset()
    state = gitea.state()
    assert (state["repos"], state["tokens"], state["calls"], state["faults"]) == ([], [], [], [])


def test_a_fake_listens_on_loopback_alone_and_sends_nowhere_else(gitea):
    assert listening(gitea.process.pid) == {("127.0.0.1", int(gitea.own_url.rsplit(":", 1)[1]))}
    gitea.seed(hooks=[{"repo": "acme/shop", "url": "http://192.0.2.1/hook"}])
    (sent,) = gitea.push("acme/shop", commits=[{"message": "x"}])["deliveries"]
    assert not sent["ok"] and "nothing is sent" in sent["answer"]["error"]


def test_a_fake_ends_with_its_test(forge):
    made = forge("gitlab")
    made.process.stdin.close()
    assert made.process.wait(10) == 0


def test_a_real_repository_tells_its_branches_and_what_a_push_brought(forge, tmp_path):
    """`git_dir` at seeding: then a push needs no words, and files can be read."""
    folder = tmp_path / "repos"
    folder.mkdir()
    repo = Repo(folder, "shop")
    first = repo.commit({"a.txt": "1", "gone.txt": "x"}, message="First")
    repo.push()
    made = forge("github")
    made.seed(repos=[{"path": "acme/shop", "git_dir": str(repo.bare)}])
    payload = made.control("POST", "payload", {"event": "push", "repo": "acme/shop"})["payload"]
    assert (payload["after"], payload["created"], [one["id"] for one in payload["commits"]]) == (first, True, [first])
    subprocess.run(["git", "-C", repo.work, "rm", "-q", "gone.txt"], check=True)
    second = repo.commit({"a.txt": "2", "new.txt": "3"}, message="Second")
    repo.push()
    payload = made.control("POST", "payload", {"event": "push", "repo": "acme/shop"})["payload"]
    (commit,) = payload["commits"]
    assert (payload["before"], payload["after"], payload["forced"]) == (first, second, False)
    assert (commit["added"], commit["modified"], commit["removed"]) == (["new.txt"], ["a.txt"], ["gone.txt"])


def test_bitbucket_clouds_hooks_are_signed_and_named(forge, hook_inbox):
    made = forge("bitbucket")
    made.seed(repos=[{"path": "acme/shop", "branches": {"main": HEAD}}], hooks=[{"repo": "acme/shop", "url": hook_inbox.url, "secret": "s"}])
    sent = [made.push("acme/shop", commits=[{"message": f"{i}"} for i in range(7)]), made.push("acme/shop", pushes=[{"branch": "one", "after": OTHER}, {"tag": "v1", "after": HEAD}]), made.push("acme/shop", branch="one", deleted=True),
            made.pull_request("acme/shop", branch="main", head="4" * 40, **{"from": "eve/shop"})]
    assert all(one["deliveries"][0]["ok"] for one in sent)
    many, two, deleted, fork = [one["payload"] for one in sent]
    assert (len(many["push"]["changes"][0]["commits"]), many["push"]["changes"][0]["truncated"]) == (5, True)
    assert [change["new"]["type"] for change in two["push"]["changes"]] == ["branch", "tag"] and deleted["push"]["changes"][0]["new"] is None
    assert fork["pullrequest"]["source"]["repository"]["uuid"] != fork["pullrequest"]["destination"]["repository"]["uuid"]
    headers, body = hook_inbox.requests[0].fields, hook_inbox.requests[0].raw
    assert headers["x-hub-signature"] == "sha256=" + hmac.new(b"s", body, hashlib.sha256).hexdigest()
    assert headers["x-event-key"] == "repo:push" and {"x-request-uuid", "x-hook-uuid"} <= headers.keys()


def test_bitbucket_data_centers_hooks_are_signed_and_named(forge, hook_inbox):
    made = forge("bitbucket_server")
    made.seed(repos=[{"path": "SHOP/web", "branches": {"main": HEAD}}], hooks=[{"repo": "SHOP/web", "url": hook_inbox.url, "secret": "s"}])
    push = made.push("SHOP/web", commits=[{"message": "x"}])["payload"]
    fork = made.pull_request("SHOP/web", branch="main", head="4" * 40, **{"from": "~eve/web"})["payload"]["pullRequest"]
    made.send("ping", repo="SHOP/web")
    assert (push["eventKey"], push["changes"][0]["type"], push["changes"][0]["fromHash"]) == ("repo:refs_changed", "UPDATE", HEAD)
    assert fork["fromRef"]["repository"]["origin"]["id"] == fork["toRef"]["repository"]["id"] and fork["fromRef"]["repository"]["project"]["type"] == "PERSONAL"
    headers, body = hook_inbox.requests[0].fields, hook_inbox.requests[0].raw
    assert headers["x-hub-signature"] == "sha256=" + hmac.new(b"s", body, hashlib.sha256).hexdigest()
    assert [one.fields["x-event-key"] for one in hook_inbox.requests] == ["repo:refs_changed", "pr:opened", "diagnostics:ping"] and hook_inbox.requests[2].raw == b'{"test":true}'


def test_the_seeds_are_what_the_emitters_send():
    """payloads/ is written by write_payloads.mjs: run it again when this fails."""
    kept = {str(path.relative_to(FORGES / "payloads")): json.loads(path.read_bytes()) for path in (FORGES / "payloads").rglob("*.json")}
    listed = subprocess.run([NODE, "--no-warnings", FORGES / "write_payloads.mjs", "--print"], capture_output=True, check=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert kept == json.loads(listed.stdout)
