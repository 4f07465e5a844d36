"""Tricks with repositories, their addresses and their folders: what git and the runner do on a build's behalf."""
import os
import subprocess
from types import SimpleNamespace

import pytest

from harness.githost import GIT_ENV, Repo, git


@pytest.fixture(scope="module")
def hidden(tmp_path_factory):
    """A repository of the host with a secret, which nobody connected."""
    repo = Repo(tmp_path_factory.mktemp("hidden"), "hidden")
    repo.commit({"secret.txt": "hidden-secret-4711"})
    repo.push("HEAD")
    return repo


@pytest.mark.parametrize("address", ["ext::sh -c touch% {mark}", "ext::sh -c touch${{IFS}}{mark}", "--upload-pack=touch {mark}",
                                     "-oProxyCommand=touch {mark}", "ssh://-oProxyCommand=touch${{IFS}}{mark}/x", "fd::17",
                                     "file://{hidden}", "git@-oProxyCommand=touch${{IFS}}{mark}:x",
                                     "{hidden}\n--upload-pack=touch {mark}"])
def test_an_address_runs_nothing(hostile_server, hidden, tmp_path, address):
    mark = tmp_path / "mark"
    address = address.format(mark=mark, hidden=hidden.bare)
    done = hostile_server.cli("connect", "--worker", "tricks", "--deploy-command", "true", "--", address, check=False)
    assert done.returncode != 0 and done.stderr.strip(), "it was taken"
    assert not mark.exists()


def test_an_address_with_ext_would_run_a_command(tmp_path):
    """The control: git itself does."""
    subprocess.run(["git", "-c", "protocol.ext.allow=always", "clone", f"ext::sh -c touch% {tmp_path}/mark", tmp_path / "c"],
                   env=GIT_ENV, capture_output=True, timeout=30)
    assert (tmp_path / "mark").exists()


def test_a_submodule_of_the_hosts_files_is_not_fetched(hostile_server, hidden, tmp_path):
    repo = Repo(tmp_path, "with-submodule")
    repo.write({"a": "1"})
    git(repo.work, "-c", "protocol.file.allow=always", "submodule", "add", "-q", f"file://{hidden.bare}", "sub")
    assert (repo.work / "sub" / "secret.txt").exists(), "the control: it is there to be had"
    repo.commit()
    hostile_server.connect(repo.bare, "submodules", deploy_command="true", build_command=(
        "cat sub/secret.txt; git -c protocol.file.allow=always submodule update --init; cat sub/secret.txt; true"))
    (number,) = repo.push()
    hostile_server.wait(number)
    assert "hidden-secret" not in "\n".join(hostile_server.build_log(number))


def test_alternates_to_a_repository_of_the_host_are_empty(hostile_server, hidden, build):
    head = hidden.head()
    steal = f"echo {hidden.bare}/objects >> .git/objects/info/alternates; git cat-file -p {head}:secret.txt; echo tried"
    done = build("mkdir -p .git/objects/info; " + steal)
    assert "\ntried" in done.log and "hidden-secret" not in done.log
    work = hidden.work.parent / "control"
    subprocess.run(["git", "init", "-q", work], env=GIT_ENV, check=True)
    control = subprocess.run(["sh", "-c", "mkdir -p .git/objects/info; " + steal], cwd=work, env=GIT_ENV, capture_output=True, text=True)
    assert "hidden-secret" in control.stdout, "the control: outside it is read"


def test_what_a_checkout_configures_runs_inside_or_not_at_all(hostile_server, build, tmp_path):
    """Later steps use git in a checkout that the build command has filled with its own settings."""
    tmp_path.chmod(0o777)
    mark = tmp_path / "mark"
    hook = f"#!/bin/sh\\necho ran as $(id -u), pid $$ >> {mark}\\n"
    commands = (f"printf '{hook}' > evil; chmod 755 evil; mkdir -p hooks; cp evil hooks/post-checkout; cp evil hooks/pre-commit; "
                "git config core.fsmonitor $PWD/evil; git config core.hooksPath $PWD/hooks; git config core.pager $PWD/evil; "
                "git config diff.external $PWD/evil; git config core.sshCommand $PWD/evil; git status; echo configured")
    done = build(commands, deploy="true")
    assert "configured" in done.log and not mark.exists()


def test_the_mirror_cannot_be_written(build):
    done = build("git config --global safe.directory '*'; touch /opt/kiln/mirror/x; echo x >> /opt/kiln/mirror/config; "
                 "git -C /opt/kiln/mirror update-ref refs/heads/evil $(git rev-parse HEAD); "
                 "git push /opt/kiln/mirror HEAD:refs/heads/evil; ls /opt/kiln/mirror/refs/heads | grep evil; echo tried")
    assert "tried" in done.log and "\nevil" not in done.log and "Read-only file system" in done.log, done.log


# --- root_directory ---

@pytest.fixture(scope="module")
def folders(hostile_server, tmp_path_factory):
    """A repository whose folders are links out of it, and its trigger."""
    repo = Repo(tmp_path_factory.mktemp("folders"), "folders")
    repo.write({"plain/file": "x"})
    data = hostile_server.data
    for name, target in {"data": str(data), "etc": "/etc", "up": "../../..", "root": "/", "proc": "/proc/self/root", "loop": "loop"}.items():
        os.symlink(target, repo.work / name)
    repo.commit()
    made = hostile_server.connect(repo.bare, "folders", deploy_command="true",
                                  build_command="pwd -P; ls -a; cat kiln.db passwd 2>&1 | head -c 3000; echo looked")
    return SimpleNamespace(repo=repo, trigger=made["triggers"][0]["trigger_uuid"])


@pytest.mark.parametrize("folder", ["..", "../..", "plain/../../..", "plain/..", "plain/../.GIT/hooks", ".git", ".GIT/hooks", "plain/.git/x", "a\nb", "a\u0000b"])
def test_a_root_directory_that_no_checkout_has_is_refused(hostile_server, folders, folder):
    answer = hostile_server.call("PATCH", f"/triggers/{folders.trigger}", {"root_directory": folder})
    assert answer.status == 400, answer.raw


@pytest.mark.parametrize("folder", ["/etc", "data", "etc", "up", "root/etc", "proc", "loop", "plain"])
def test_a_root_directory_that_is_a_link_stays_inside(hostile_server, folders, folder):
    hostile_server.call("PATCH", f"/triggers/{folders.trigger}", {"root_directory": folder}).result
    folders.repo.commit()
    (number,) = folders.repo.push()
    build = hostile_server.wait(number)
    log = "\n".join(hostile_server.build_log(number))
    listed = [line for line in log.split("Executing user build command")[-1].splitlines()[1:] if not line.startswith("cat:")]
    assert "SQLite format" not in log and "kiln.db" not in listed, log
    with open("/etc/hostname") as file:
        assert file.read().strip() not in log.split("Executing user build command")[-1].split()
    if folder == "plain":
        assert build["build_outcome"] == "success" and "/opt/buildhome/repo/plain" in log and "looked" in log
