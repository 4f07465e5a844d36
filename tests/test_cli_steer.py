"""What is built, steered from the command line: triggers, their variables, and a repository disconnected again."""
import json

import pytest

from harness.githost import Repo
from harness.terminal import refused, typed, wide
from harness.waiting import until
from test_forge_hosts import HOSTS


@pytest.fixture
def shop(kiln, repo, name):
    """A connected Worker whose builds print a variable."""
    repo.commit({"a": "1"}, "First")
    kiln.connect(repo.bare, name, build_command='echo "stage is $STAGE, key is $KEY"', deploy_command="true", preview_deploy_command="true")
    repo.worker = name
    return repo


def triggers(kiln, name):
    return {one["trigger_name"]: one for one in kiln.cli_json("trigger", "list", name)}


def test_triggers_are_listed_shown_and_changed(kiln, shop, name):
    before = triggers(kiln, name)
    assert len(before) == 2 and all(one["worker_name"] == name for one in before.values())
    lines = wide(kiln, "trigger", "list", name)
    assert lines[0].split()[:4] == ["TRIGGER", "WORKER", "NAME", "STATE"] and sum("active" in line for line in lines) == 2
    (production,) = [one for one in before.values() if one["branch_includes"] == ["main"]]
    short = production["trigger_uuid"][:8]
    shown = kiln.cli("trigger", "show", short).stdout
    assert production["trigger_uuid"] in shown and "true" in shown and "active" in shown
    changed = kiln.cli_json("trigger", "set", short, "--build-command", "echo new", "--branch", "main", "--branch", "release/*",
                            "--not-path", "docs/*", "--cache", "--require-version")
    assert changed["build_command"] == "echo new" and changed["branch_includes"] == ["main", "release/*"]
    assert changed["path_excludes"] == ["docs/*"] and changed["build_caching_enabled"] and changed["require_version"]
    emptied = kiln.cli_json("trigger", "set", short, "--not-path", "")
    assert emptied["path_excludes"] == [] and emptied["branch_includes"] == ["main", "release/*"]
    kiln.cli("trigger", "set", short, "--not-path", "docs/*", "--not-branch", "x")
    emptied = kiln.cli_json("trigger", "set", short, "--not-path=", "--not-branch=", "--build-command=", "--name", "Deploy")
    assert emptied["path_excludes"] == emptied["branch_excludes"] == [] and emptied["build_command"] == ""
    assert emptied["trigger_name"] == "Deploy"
    assert "name one of them" in refused(kiln, "trigger", "set", name, "--no-cache")
    assert "say what to change" in refused(kiln, "trigger", "set", short)
    assert "there is no trigger" in refused(kiln, "trigger", "show", "ffffffff")


def test_a_paused_trigger_builds_nothing_until_it_is_resumed(kiln, shop, name):
    paused = kiln.cli("trigger", "pause", name).stdout
    assert paused.count("paused") == 2 and f"of {name}" in paused
    assert sum("paused" in line for line in wide(kiln, "trigger", "list", name)) == 2
    assert shop.push() == [], "the push itself is taken"
    assert kiln.builds_of(name) == []
    assert "the trigger is paused" in kiln.cli("why", "main", check=False).stdout
    built = kiln.cli_json("build", name)["build_uuid"]  # what somebody asks for is built
    assert kiln.wait(built)["build_outcome"] == "success"
    kiln.cli("trigger", "resume", name)
    shop.commit({"b": "2"})
    assert len(shop.push()) == 1


def test_a_deploy_hook_of_a_paused_trigger_is_refused(kiln, shop, name):
    shop.push()
    hook = kiln.call("POST", f"/workers/{name}/deploy_hooks", {"deploy_hook_name": "cms", "branch": "main"}).result["deploy_hook_uuid"]
    kiln.cli("trigger", "pause", name)
    answer = kiln.call("POST", f"//workers/builds/deploy_hooks/{hook}")
    assert answer.status == 409 and "is paused" in answer.json["errors"][0]["message"]


def test_a_deleted_trigger_is_gone_and_its_builds_stay(kiln, shop, name):
    (build,) = shop.push()
    kiln.wait(build)
    (preview,) = [one for one in triggers(kiln, name).values() if one["branch_includes"] != ["main"]]
    assert "deleted" in kiln.cli("trigger", "delete", preview["trigger_uuid"][:8]).stdout
    assert len(triggers(kiln, name)) == 1
    assert kiln.builds_of(name)[0]["build_uuid"] == build


def test_variables_reach_builds_and_secrets_stay_hidden(kiln, shop, name, tmp_path):
    assert "every trigger" in kiln.cli("variable", "set", "STAGE=production", "--worker", name).stdout
    typed(kiln, "s3cret-value\n", "variable", "set", "KEY", "--secret", "--worker", name)
    listed = wide(kiln, "variable", "list", "--worker", name)
    assert sum("production" in line for line in listed) == 2 and sum("[secret]" in line for line in listed) == 2
    assert "s3cret" not in "\n".join(listed) + json.dumps(kiln.cli_json("variable", "list", "--worker", name))
    (build,) = shop.push()
    kiln.wait(build)
    log = "\n".join(kiln.build_log(build))
    assert "stage is production" in log and "s3cret-value" not in log
    note = tmp_path / "note"
    note.write_text("two\nlines\n")
    (production,) = [one for one in triggers(kiln, name).values() if one["branch_includes"] == ["main"]]
    kiln.cli("variable", "set", "NOTE", "--file", note, "--trigger", production["trigger_uuid"][:8])
    (of_one,) = kiln.cli_json("variable", "list", "--trigger", production["trigger_uuid"])
    assert of_one["variables"]["NOTE"]["value"] == "two\nlines"
    kiln.cli("variable", "unset", "STAGE", "--worker", name)
    assert "has no variable STAGE" in refused(kiln, "variable", "unset", "STAGE", "--worker", name)
    assert "not given as an argument" in refused(kiln, "variable", "set", "KEY=leaked", "--secret", "--worker", name)
    assert "--worker NAME, or --trigger" in refused(kiln, "variable", "list")


def test_a_plain_repository_is_disconnected_with_its_hook(kiln, shop, name):
    hooks = shop.bare / "hooks"
    kept = hooks / "post-receive"
    assert kept.exists() and (hooks / "kiln-hook.conf").exists()
    done = kiln.cli("disconnect", name).stdout
    assert "disconnected" in done and "post-receive hook is removed" in done and done.count("deleted") == 2
    assert not kept.exists() and not (hooks / "kiln-hook.conf").exists()
    assert shop.push() == [] and kiln.cli_json("trigger", "list") is not None
    assert name in [one["worker_name"] for one in kiln.cli_json("workers")], "the Worker stays"
    assert "kiln repository list" in refused(kiln, "disconnect", name)


def test_the_hook_that_was_there_before_comes_back(kiln, repo, name):
    repo.commit({"a": "1"})
    own = repo.bare / "hooks" / "post-receive"
    own.parent.mkdir(exist_ok=True)
    own.write_text("#!/bin/sh\necho mine\n")
    own.chmod(0o755)
    kiln.connect(repo.bare, name, deploy_command="true")
    kiln.cli("disconnect", repo.bare)
    assert own.read_text() == "#!/bin/sh\necho mine\n"


def test_a_repository_of_two_workers_keeps_its_hook_for_the_other(kiln, shop, name):
    other = name + "-two"
    kiln.connect(shop.bare, other, deploy_command="true")
    assert "stays connected" in kiln.cli("disconnect", name).stdout
    assert (shop.bare / "hooks" / "post-receive").exists()
    (build,) = shop.push()
    assert kiln.builds_of(other)[0]["build_uuid"] == build
    (done,) = kiln.cli_json("disconnect", shop.bare)
    assert done["connection_deleted"] and not (shop.bare / "hooks" / "post-receive").exists()


def hooks_at(forge):
    return [hook for repo in forge.state()["repos"] for hook in repo["hooks"]]


@pytest.mark.parametrize("kind", ["github", *HOSTS])
def test_the_webhook_that_kiln_made_is_removed_at_its_host(kiln, checked_forge, host, tmp_path, name, kind):
    provider, path, cloned, *_ = HOSTS.get(kind, ("github", "acme/{}", "acme/{}"))
    forge = checked_forge(kind)
    folder = (tmp_path / "host" / cloned.format(name)).parent
    folder.mkdir(parents=True, exist_ok=True)
    repo = Repo(folder, name)
    repo.commit({"a": "1"})
    repo.push()
    url = f"{host.url}/{cloned.format(name)}.git"
    forge.seed(repos=[{"path": path.format(name), "git_dir": str(repo.bare), "clone_url": url}])
    kept = kiln.call("POST", "/forges", {"provider": provider, "web_url": host.url, "api_url": forge.api_url, "token": forge.token()["token"]}).result
    try:
        kiln.connect(url, name, deploy_command="true")
        assert len(hooks_at(forge)) == 1
        assert "is removed" in kiln.cli("disconnect", name).stdout
        until(lambda: hooks_at(forge) == [], "the webhook to be gone")
    finally:
        kiln.call("DELETE", f"/forges/{kept['forge_uuid']}")
