"""An account's build minutes: counted, limited by its administrator, and said wherever they matter."""
from datetime import datetime, timezone


def limits(kiln):
    return kiln.get("/account/limits").result


def test_minutes_are_counted_and_no_limit_is_the_default(fresh_kiln, repo, name):
    kiln = fresh_kiln()
    before = limits(kiln)
    assert (before["build_minutes_used"], before["build_minutes_limit"]) == (0, None)
    assert before["has_reached_build_minutes_limit"] is False
    repo.commit({"a": "1"})
    kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    (uuid,) = repo.push()
    kiln.wait(uuid)
    assert limits(kiln)["build_minutes_used"] == 1, "a minute that has begun counts"
    assert kiln.cli_json("account", "list")[0]["build_minutes_used"] == 1


def test_without_minutes_nothing_is_built_and_everybody_is_told(fresh_kiln, repo, name):
    kiln = fresh_kiln()
    repo.commit({"a": "1"})
    made = kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    (first,) = repo.push()
    kiln.wait(first)
    said = kiln.cli("account", "limit", "--build-minutes", "1").stdout
    assert "at most 1 minutes a month" in said
    assert "1 of 1" in kiln.cli("account", "list").stdout
    kiln.cli("account", "limit", "--build-minutes", "0")
    now = limits(kiln)
    assert now["has_reached_build_minutes_limit"] is True and now["build_minutes_limit"] == 0

    repo.commit({"a": "2"}, "Second")
    (pushed,) = repo.push()
    build = kiln.wait(pushed)
    assert (build["build_outcome"], build["initializing_on"]) == ("skipped", None)
    (line,) = kiln.build_log(pushed)
    assert line.startswith("Skipped: the account has used 1 of its 0 build minutes"), line
    assert now["build_minutes_refresh_on"][:10] in line and "kiln account limit" in line

    trigger = made["triggers"][0]["trigger_uuid"]
    hook = kiln.call("POST", f"/workers/{name}/deploy_hooks", {"deploy_hook_name": "h", "branch": "main"}).result
    refresh = datetime.fromisoformat(now["build_minutes_refresh_on"])
    for answer in (kiln.call("POST", f"/triggers/{trigger}/builds", {"branch": "main"}),
                   kiln.call("POST", f"/builds/{first}/retry"),
                   kiln.call("POST", f"//workers/builds/deploy_hooks/{hook['deploy_hook_uuid']}")):
        status, code, message = answer.error
        assert (status, code) == (429, 12005) and "build minutes" in message, message
        left = (refresh - datetime.now(timezone.utc)).total_seconds()
        assert abs(int(answer.headers["retry-after"]) - left) < 60

    kiln.cli("account", "limit", "--build-minutes", "none")
    again = kiln.call("POST", f"/builds/{pushed}/retry").result["build_uuid"]
    assert kiln.wait(again)["build_outcome"] == "success"


def test_a_limit_is_the_accounts_own_and_outlives_the_server(fresh_kiln):
    kiln = fresh_kiln()
    other = kiln.cli("account", "create", "--name", "Other", "--build-minutes", "3000").stdout.strip()
    kiln.cli("account", "limit", "--build-minutes", "60")
    kiln.kill9()
    kiln.start()
    listed = {account["id"]: account["build_minutes_limit"] for account in kiln.cli_json("account", "list")}
    assert listed == {kiln.account: 60, other: 3000}
    for words in ("-1", "1.5", "many", "1000000000000"):
        done = kiln.cli("account", "limit", "--build-minutes", words, check=False)
        assert done.returncode == 2 and "minutes" in done.stderr, done.stderr
