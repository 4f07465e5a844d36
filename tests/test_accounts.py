"""Several accounts on one server: nothing of one is seen from another, and tokens end when they should."""
from harness.server import http


def ask(kiln, token, account, path):
    return http("GET", f"{kiln.url}/client/v4/accounts/{account}/builds{path}", headers={"authorization": f"Bearer {token}"})


def test_accounts_keep_to_themselves(fresh_kiln, repo, name):
    kiln = fresh_kiln()
    second = kiln.cli("account", "create", "--name", "Second team").stdout.strip()
    listed = kiln.cli_json("account", "list")
    assert [account["id"] for account in listed] == [kiln.account, second]
    token = kiln.cli("token", "create", "--name", "t", "--account", "Second team").stdout.strip()

    repo.commit({"a": "1"})
    ours = kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    (uuid,) = repo.push()
    kiln.wait(uuid)
    tag, trigger = ours["worker"]["tag"], ours["triggers"][0]["trigger_uuid"]

    for path in (f"/builds/{uuid}", f"/builds/{uuid}/logs", f"/workers/{tag}/builds", f"/workers/{tag}/triggers",
                 f"/triggers/{trigger}/environment_variables"):
        assert ask(kiln, token, second, path).error == (404, 12000, "Not found"), path
        assert ask(kiln, token, kiln.account, path).error == (403, 10000, "Authentication error"), path
    assert ask(kiln, token, second, f"/builds/latest?external_script_ids={tag}").result["builds"] == {}
    assert ask(kiln, token, second, "/tokens").result == []

    theirs = kiln.cli_json("connect", repo.bare, "--worker", name, "--account", second, "--deploy-command", "true")
    assert theirs["worker"]["tag"] != tag, "a Worker name is an account's own"
    assert kiln.cli_json("builds", "--account", second) == []
    assert [build["build_uuid"] for build in kiln.cli_json("builds")] == [uuid]


def test_an_account_that_is_not_there_is_named(kiln):
    done = kiln.cli("builds", "--account", "nobody", check=False)
    assert done.returncode == 1 and "nobody" in done.stderr and "kiln account list" in done.stderr


def test_a_token_has_an_end_and_a_last_use(kiln):
    token = kiln.cli("token", "create", "--name", "brief", "--expires-in", "90d").stdout.strip()
    assert ask(kiln, token, kiln.account, "/tokens").status == 200
    (shown,) = [t for t in kiln.cli_json("token", "list") if t["name"] == "brief"]
    assert shown["expires_on"] > shown["created_on"] and shown["last_used_on"] >= shown["created_on"]
    assert token not in kiln.cli("token", "list").stdout
    kiln.cli("token", "revoke", shown["id"])
    assert ask(kiln, token, kiln.account, "/tokens").error == (401, 1000, "Invalid API Token")
    wrong = kiln.cli("token", "create", "--name", "x", "--expires-in", "soon", check=False)
    assert wrong.returncode == 1 and "90d" in wrong.stderr
