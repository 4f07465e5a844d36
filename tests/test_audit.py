"""The audit: every operation of the API's document that writes leaves a row, no secret is in it, and it can be read and exported."""
import collections
import contextlib
import json
import sqlite3

import pytest

import harness.server
import test_openapi_answers
from conftest import WORKER_JS, wrangler_config
from harness.openapi import document
from harness.server import http
from test_sessions import Browser, code_of

WRITING = {operation.id: operation.body.get("x-kiln-audit", "always") for operation in document().operations
           if operation.method != "GET" or "x-kiln-audit" in operation.body}


@pytest.fixture(scope="module")
def auditor(kiln):
    return Auditor(kiln, kiln.cli("token", "create", "--name", "auditor", "--right", "admin").stdout.strip())


class Auditor:
    def __init__(self, kiln, token):
        self.kiln, self.headers = kiln, {"authorization": f"Bearer {token}"}

    def page(self, query=""):
        return http("GET", f"{self.kiln.url}/kiln/v1/audit?{query}", headers=self.headers).result

    def newest(self):
        return int(self.page("per_page=1")["entries"][0]["id"])

    def since(self, number):
        """The entries after that one, the newest first."""
        entries, cursor = [], ""
        while True:
            page = self.page("per_page=200" + cursor)
            fresh = [entry for entry in page["entries"] if int(entry["id"]) > number]
            entries += fresh
            if len(fresh) < len(page["entries"]) or not page["cursor"]:
                return entries
            cursor = "&cursor=" + page["cursor"]


@contextlib.contextmanager
def successes():
    """Counts the operations that succeed over TCP meanwhile."""
    counted, usual = collections.Counter(), harness.server.judge

    def judge(method, url, answer):
        usual(method, url, answer)
        path = url.partition("://")[2].partition("/")[2].partition("?")[0]
        segments = ["", *path.split("/")]
        operation = next((o for o in document().operations if o.method == method and o.fits(segments)), None)
        if operation and answer.status < 400:
            counted[operation.id] += 1

    harness.server.judge = judge
    try:
        yield counted
    finally:
        harness.server.judge = usual


@pytest.mark.parametrize("tag", [tag["name"] for tag in document().tree["tags"]])
def test_every_operation_that_writes_leaves_a_row(kiln, auditor, repo, name, tag):
    before = auditor.newest()
    with successes() as counted:
        getattr(test_openapi_answers, "ask_" + tag.replace(" ", "_"))(kiln, repo, name)
    told = collections.Counter(entry["action"] for entry in auditor.since(before) if entry["address"] != "unix")
    for operation in document().operations:
        if tag not in operation.body["tags"] or operation.id not in WRITING or operation.id == "endProviderSignIn":
            continue  # that one is asked of a server of its own
        how = WRITING[operation.id]
        assert counted[operation.id] > 0, f"{operation.id} was not asked"
        if how == "always":
            assert told[operation.id] >= counted[operation.id], f"{operation.id}: {told}"
        elif how == "changes":
            assert told[operation.id] > 0, f"{operation.id}: {told}"
        else:
            assert told[operation.id] == 0, f"{operation.id}: {told}"
    assert set(told) <= set(WRITING)


def test_it_tells_who_from_where_and_before_and_after(kiln, auditor, repo, name):
    repo.commit({"a": "1"})
    trigger = kiln.connect(repo.bare, name, build_command="true", deploy_command="true")["triggers"][0]
    token = kiln.cli_json("token", "list")
    kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}", {"build_command": "make"}).result
    entry = auditor.page("per_page=1")["entries"][0]
    assert entry["action"] == "updateTrigger" and entry["target"] == trigger["trigger_uuid"]
    assert entry["who"]["kind"] == "token" and entry["who"]["name"] == "tests"
    assert entry["who"]["id"] in [one["id"] for one in token]
    assert entry["address"] == "127.0.0.1" and entry["account_id"] == kiln.account
    (change,) = entry["changes"]
    assert change == {"object": "trigger", "id": trigger["trigger_uuid"], "change": "changed",
                      "fields": {"build_command": {"before": "true", "after": "make"}}}


def test_it_knows_administrators_sessions_and_hooks(kiln, auditor, repo, name):
    before = auditor.newest()
    repo.commit({"a": "1"})
    trigger = kiln.connect(repo.bare, name, build_command="true", deploy_command="true")["triggers"][0]
    repo.push()
    browser = Browser(kiln)
    session = browser.sign_in(code=code_of(kiln))["session"]
    path = f"/client/v4/accounts/{kiln.account}/builds/triggers/{trigger['trigger_uuid']}"
    assert browser.status("PATCH", path, {"build_command": "echo"}) == 200
    entries = auditor.since(before)
    by = {entry["action"]: entry for entry in entries}
    assert by["connectRepository"]["who"]["kind"] == "administrator" and by["connectRepository"]["address"] == "unix"
    assert by["updateTrigger"]["who"] == {"kind": "session", "id": session["session_id"], "name": session["name"]}
    assert by["takeGitReport"]["who"]["kind"] == "hook" and by["takeGitReport"]["account_id"] == kiln.account
    assert [change["object"] for change in by["takeGitReport"]["changes"]].count("build") == 1
    assert by["signIn"]["who"]["kind"] == "anybody"
    assert session["session_id"] in [change.get("id") for change in by["signIn"]["changes"]]
    assert by["createLoginCode"]["account_id"] is None


def test_a_builds_own_deploy_is_the_builds(kiln, auditor, repo, name):
    before = auditor.newest()
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)})
    kiln.connect(repo.bare, name)
    (uuid,) = repo.push()
    assert kiln.wait(uuid)["build_outcome"] == "success", "\n".join(kiln.build_log(uuid))
    mine = [entry for entry in auditor.since(before) if entry["who"]["kind"] == "build"]
    assert mine and {entry["who"]["id"] for entry in mine} == {uuid} and {entry["who"]["name"] for entry in mine} == {name}
    objects = {change["object"] for entry in mine for change in entry["changes"]}
    assert {"version", "deployment"} <= objects


def test_no_secret_is_in_it(kiln, auditor, repo, name):
    secret = f"hush-{name}"
    repo.commit({"a": "1"})
    trigger = kiln.connect(repo.bare, name, build_command="true", deploy_command="true")["triggers"][0]["trigger_uuid"]
    kiln.call("PATCH", f"/triggers/{trigger}/environment_variables", {"S": {"is_secret": True, "value": secret}}).result
    kiln.call("POST", "/tokens", {"build_token_name": name, "build_token_secret": secret,
                                  "cloudflare_token_id": "x"})
    test_openapi_answers.Scripts(kiln, name).upload()
    kiln.call("PUT", f"//accounts/{kiln.account}/workers/scripts/{name}/secrets", {"name": "KEY", "text": secret}).result
    with sqlite3.connect(f"file:{kiln.data / 'kiln.db'}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT * FROM audit").fetchall()
    text = repr(rows)
    assert f"{name}/KEY" in text, "it says which secret was set"
    assert secret not in text and kiln.token not in text
    assert auditor.headers["authorization"].removeprefix("Bearer ") not in text


def test_it_is_append_only_for_whoever_has_the_file(kiln, auditor):
    with sqlite3.connect(kiln.data / "kiln.db", timeout=30) as db:
        for sql in ("UPDATE audit SET who_name = 'nobody'", "DELETE FROM audit"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(sql)


def test_the_command_line_shows_filters_and_exports_it(kiln, auditor, repo, name):
    repo.commit({"a": "1"})
    trigger = kiln.connect(repo.bare, name, build_command="true", deploy_command="true")["triggers"][0]["trigger_uuid"]
    kiln.call("PATCH", f"/triggers/{trigger}", {"build_command": "make"}).result
    shown = kiln.cli("audit").stdout
    assert "updateTrigger" in shown and max(map(len, shown.splitlines())) <= 80
    only = kiln.cli("audit", "--action", "updateTrigger", "--on", trigger, "--changes").stdout
    assert "build_command: true → make" in only and "connectRepository" not in only
    assert max(map(len, only.splitlines())) <= 80
    lines = kiln.cli("audit", "--limit", "0", "--json").stdout.splitlines()
    entries = [json.loads(line) for line in lines]
    assert len(entries) > 3 and [int(e["id"]) for e in entries] == sorted((int(e["id"]) for e in entries), reverse=True)
    assert kiln.cli("audit", "--who", "nobody at all", "--json").stdout == ""
    assert kiln.cli("audit", "--since", "2020-01-01T00:00:00Z", "--until", "2020-01-02T00:00:00Z", "--json").stdout == ""


def test_it_is_for_administrators_and_says_what_is_wrong_with_a_question(kiln, auditor):
    answer = http("GET", f"{kiln.url}/kiln/v1/audit", headers={"authorization": f"Bearer {kiln.token}"})
    assert answer.status == 403 and "the right admin" in answer.error[2]
    for query in ("since=soon", "cursor=x", "per_page=0"):
        assert http("GET", f"{kiln.url}/kiln/v1/audit?{query}", headers=auditor.headers).status == 400, query
