"""From a real push over HTTP to builds: create, update, force, delete, two refs, patterns, skip markers."""
import pytest

from harness.githost import Repo, git


@pytest.fixture
def pushed(kiln, host, name):
    """A repository served by git http-backend, connected, with commands that only echo."""
    repo = Repo(host.folder, name, remote=f"{host.url}/acme/{name}.git")
    kiln.connect(repo.bare, name, build_command="echo built", deploy_command="echo deployed",
                 preview_deploy_command="echo previewed")
    return repo


def triggers(kiln, name):
    tag = kiln.builds_of(name)[0]["trigger"]["external_script_id"]
    return kiln.get(f"/workers/{tag}/triggers").result


def production_trigger(kiln, connected):
    return connected["triggers"][0]["trigger_uuid"]


def test_a_new_branch_is_built_by_the_trigger_that_matches_it(kiln, pushed, name):
    commit = pushed.commit({"a.txt": "1"}, "First, with a \"quote\" and\n\na body")
    (uuid,) = pushed.push()
    build = kiln.wait(uuid)
    assert build["build_outcome"] == "success"
    meta = build["build_trigger_metadata"]
    assert meta["commit_hash"] == commit
    assert meta["branch"] == "main"
    assert meta["author"] == "Ada Author"
    assert meta["commit_message"].startswith('First, with a "quote" and')
    assert meta["build_trigger_source"] == "push"
    assert meta["deploy_command"] == "echo deployed"
    log = kiln.build_log(uuid)
    assert "Executing user build command: echo built" in log
    assert "built" in log and "deployed" in log and "Success! Build completed." in log


def test_other_branches_get_the_preview_command(kiln, pushed):
    pushed.commit({"a.txt": "1"}, branch="feature/x")
    (uuid,) = pushed.push()
    build = kiln.wait(uuid)
    assert build["build_trigger_metadata"]["deploy_command"] == "echo previewed"
    assert build["build_trigger_metadata"]["branch"] == "feature/x"
    assert "previewed" in kiln.build_log(uuid)


def test_update_and_force_push_build_the_new_head(kiln, pushed):
    pushed.commit({"a.txt": "1"})
    pushed.push()
    second = pushed.commit({"a.txt": "2"})
    (uuid,) = pushed.push()
    assert kiln.wait(uuid)["build_trigger_metadata"]["commit_hash"] == second
    git(pushed.work, "commit", "-q", "--amend", "-m", "Rewritten")
    rewritten = pushed.head()
    (uuid,) = pushed.push("--force", "HEAD")
    build = kiln.wait(uuid)
    assert build["build_trigger_metadata"]["commit_hash"] == rewritten
    assert build["build_outcome"] == "success"


def test_two_refs_in_one_push_make_two_builds(kiln, pushed):
    pushed.commit({"a.txt": "1"})
    git(pushed.work, "branch", "one")
    git(pushed.work, "branch", "two")
    uuids = pushed.push("one", "two")
    assert len(uuids) == 2
    assert {kiln.wait(u)["build_trigger_metadata"]["branch"] for u in uuids} == {"one", "two"}


def test_deleted_branches_and_tags_build_nothing_and_say_so(kiln, pushed):
    pushed.commit({"a.txt": "1"}, branch="gone")
    pushed.push()
    assert pushed.push(":gone") == []
    assert "nothing to build" in pushed.answer
    git(pushed.work, "tag", "v1")
    assert pushed.push("v1") == []


def test_a_hook_that_was_there_is_kept_and_still_runs(kiln, host, name, tmp_path):
    repo = Repo(host.folder, name, remote=f"{host.url}/acme/{name}.git")
    seen = tmp_path / "seen"
    earlier = repo.bare / "hooks" / "post-receive"
    earlier.write_text(f"#!/bin/sh\ncat > {seen}\n")
    earlier.chmod(0o755)
    for _ in range(2):  # connecting twice keeps it once
        kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    commit = repo.commit({"a": "1"})
    assert len(repo.push()) == 1
    assert seen.read_text() == f"{'0' * 40} {commit} refs/heads/main\n"


def test_a_ci_skip_marker_or_push_option_is_recorded_as_skipped_with_its_reason(kiln, pushed):
    pushed.commit({"a.txt": "1"}, "Docs only [skip ci]")
    (uuid,) = pushed.push()
    build = kiln.build(uuid)
    assert (build["status"], build["build_outcome"]) == ("stopped", "skipped")
    assert build["initializing_on"] is None and build["running_on"] is None and build["stopped_on"]
    assert any("[skip ci]" in line for line in kiln.build_log(uuid))
    pushed.commit({"a.txt": "2"}, "Also docs")
    (uuid,) = pushed.push("-o", "ci.skip", "HEAD")
    assert kiln.build(uuid)["build_outcome"] == "skipped"
    assert any("ci.skip" in line for line in kiln.build_log(uuid))


def test_path_patterns_decide_by_the_files_that_git_says_changed(kiln, host, name):
    repo = Repo(host.folder, name, remote=f"{host.url}/acme/{name}.git")
    connected = kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    trigger = production_trigger(kiln, connected)
    kiln.call("PATCH", f"/triggers/{trigger}",
              {"path_includes": ["apps/web/*"], "path_excludes": ["*.md"]}).result
    repo.commit({"apps/web/index.js": "1", "docs/a.md": "1"})
    repo.push()
    outcomes = []
    for files in ({"docs/a.txt": "2"}, {"apps/web/README.md": "2"}, {"apps/web/index.js": "2"}):
        repo.commit(files)
        (uuid,) = repo.push()
        build = kiln.wait(uuid)
        outcomes.append(build["build_outcome"])
        if build["build_outcome"] == "skipped":
            assert any("path" in line for line in kiln.build_log(uuid))
    assert outcomes == ["skipped", "skipped", "success"]


def test_branch_patterns_exclude_first_then_include(kiln, host, name):
    repo = Repo(host.folder, name, remote=f"{host.url}/acme/{name}.git")
    connected = kiln.connect(repo.bare, name, build_command="true", deploy_command="true", no_previews=True)
    trigger = production_trigger(kiln, connected)
    kiln.call("PATCH", f"/triggers/{trigger}",
              {"branch_includes": ["release/*"], "branch_excludes": ["*-wip"]}).result
    repo.commit({"a": "1"}, branch="release/1")
    assert len(repo.push()) == 1
    repo.commit({"a": "2"}, branch="release/2-wip")
    assert repo.push() == []
    repo.commit({"a": "3"}, branch="other")
    assert repo.push() == []


def test_a_newer_push_supersedes_the_one_still_queued(kiln, pushed, tmp_path):
    gate = "while [ -e .hold ] && ! [ -e /tmp/never ]; do sleep 0.05; done"
    pushed.commit({".hold": "", "a.txt": "1"})
    trigger = kiln.get(f"/workers/{kiln.cli_json('connect', pushed.bare, '--worker', pushed.bare.stem, '--build-command', gate, '--deploy-command', 'true')['worker']['tag']}/triggers").result[0]
    assert trigger["build_command"] == gate
    (first,) = pushed.push()
    kiln.wait_status(first, "running")
    pushed.commit({"a.txt": "2"})
    (second,) = pushed.push()
    git(pushed.work, "rm", "-q", ".hold")
    pushed.commit({"a.txt": "3"})
    (third,) = pushed.push()
    skipped = kiln.build(second)
    assert skipped["build_outcome"] == "skipped"
    assert any("superseded" in line for line in kiln.build_log(second))
    assert kiln.build(third)["status"] == "queued", "one build of a trigger and branch at a time"
    kiln.cli("cancel", first)
    assert kiln.wait(third)["build_outcome"] == "success"
