"""Who may act, from the command line: tokens rotated, build tokens, accounts renamed and deleted."""
import re

from harness.githost import Repo
from harness.terminal import refused, typed, wide


def can_read(kiln, token, account=None):
    return kiln.call("GET", f"//accounts/{account or kiln.account}/builds/account/limits", token=token).status


def test_a_token_is_rotated_with_the_old_one_good_for_a_while(kiln, name):
    first = kiln.cli("token", "create", "--name", name, "--permissions", "ci:read").stdout.strip()
    assert can_read(kiln, first) == 200
    done = kiln.cli("token", "rotate", name, "--keep-old", "1h")
    second = done.stdout.strip()
    assert re.fullmatch(r"kiln_\S+", second) and second != first and "good until" in done.stderr
    assert can_read(kiln, first) == 200 and can_read(kiln, second) == 200
    (listed,) = [one for one in kiln.cli_json("token", "list") if one["name"] == name]
    assert listed["old_secret_until"] and listed["permissions"] == "ci:read"
    done = kiln.cli("token", "rotate", listed["id"][:8])
    third = done.stdout.strip()
    assert "worthless now" in done.stderr
    assert [can_read(kiln, one) for one in (first, second, third)] == [401, 401, 200]
    kiln.cli("token", "revoke", name)
    assert can_read(kiln, third) == 401
    assert "is revoked" in refused(kiln, "token", "rotate", listed["id"])
    assert "there is no token" in refused(kiln, "token", "rotate", "nobody's")


def test_build_tokens_are_listed_added_and_deleted(kiln, name):
    uuid = typed(kiln, "the-secret\n", "build-token", "create", "--name", name).stdout.strip()
    listed = wide(kiln, "build-token", "list")
    assert any(uuid[:8] in line and name in line for line in listed) and "the-secret" not in "\n".join(listed)
    kiln.cli("build-token", "delete", uuid[:8])
    assert all(one["build_token_uuid"] != uuid for one in kiln.cli_json("build-token", "list"))
    assert "there is no build token" in refused(kiln, "build-token", "delete", name)


def test_accounts_are_renamed_and_deleted_with_what_they_have(fresh_kiln, tmp_path):
    kiln = fresh_kiln()
    second = kiln.cli("account", "create", "--name", "acme").stdout.strip()
    assert "is called Acme Ltd now" in kiln.cli("account", "rename", "acme", "Acme Ltd").stdout
    assert kiln.cli_json("token", "list", "--account", "Acme Ltd") == []
    token = kiln.cli("token", "create", "--name", "t", "--account", second).stdout.strip()
    repo = Repo(tmp_path, "shop")
    repo.commit({"a": "1"})
    kiln.cli("connect", repo.bare, "--worker", "shop", "--deploy-command", "true", "--account", second)
    assert can_read(kiln, token, second) == 200
    assert "1 Workers and 1 connected repositories" in refused(kiln, "account", "delete", "Acme Ltd")
    assert "first account" in refused(kiln, "account", "delete", kiln.account)
    assert can_read(kiln, token, second) == 200
    kiln.cli("account", "delete", "Acme Ltd", "--with-everything")
    assert [one["id"] for one in kiln.cli_json("account", "list")] == [kiln.account]
    assert can_read(kiln, token, second) == 401
    assert "there is no account" in refused(kiln, "builds", "--account", "Acme Ltd")
    assert repo.push() == [], "its hook is known no more, and the push is safe"
    assert kiln.cli("account", "create", "--name", "acme").stdout.strip() != second, "its subdomain is free again"
