"""What a connection shows to its host, and expects of it: a real sshd, and real git over HTTP with a password."""
import os
import subprocess
from pathlib import Path

import pytest

from harness.githost import GitHost, Repo, git
from harness.sshhost import SshHost, fingerprint, keygen
from harness.waiting import until
from harness.watching import BUILD, repository, wait_build, wait_error, wait_seen


@pytest.fixture
def sshhost():
    host = SshHost()
    yield host
    host.stop()


def succeeds(kiln, number):
    assert kiln.wait(number)["build_outcome"] == "success", "\n".join(kiln.build_log(number))
    return "\n".join(kiln.build_log(number))


def kept_in_clear(kiln, secret):
    return subprocess.run(["grep", "-rlaF", secret, kiln.data], capture_output=True, text=True).stdout


def test_a_deploy_key_opens_one_repository_and_is_seen_by_no_build(fresh_kiln, sshhost, name):
    kiln = fresh_kiln()
    repo = sshhost.repo(name)
    repo.commit({"a": "1"}, "First")
    repo.push()
    sshhost.own(repo.bare)
    url = sshhost.url(repo)
    look_around = ("env; cat .git/config; ls -la /dev/shm; find / -xdev \\( -name 'kiln-ssh*' -o -name 'known_hosts' \\) 2>/dev/null; "
                   "grep -rlaF 'OPENSSH PRIVATE' /tmp /dev/shm \"$HOME\" . 2>/dev/null; echo looked")
    made = kiln.connect(url, name, deploy_key=True, poll="1s", branch="main", build_command=look_around, deploy_command="true")
    key = made["credentials"]["deploy_key"]["public_key"]
    assert key.startswith("ssh-ed25519 AAAA") and "authorized_keys" in made["deploy_key_place"]
    assert made["credentials"]["host_key_fingerprints"] == fingerprint(sshhost.host_key)
    assert made["credentials"]["host_key_pinned_now"]
    assert "does not take the deploy key" in wait_error(kiln, url, "deploy key")
    sshhost.let_in(key)
    again = kiln.connect(url, name, deploy_key=True)
    assert again["credentials"]["deploy_key"]["public_key"] == key, "asked again, it is the same"
    assert key in kiln.cli("connect", url, "--worker", name, "--deploy-key").stdout
    wait_seen(kiln, url)
    commit = repo.commit({"a": "2"}, "Second")
    repo.push()
    sshhost.own(repo.bare)
    log = succeeds(kiln, wait_build(kiln, name, commit)["build_uuid"])
    assert "looked" in log
    printed = log[log.index("WORKERS_CI=1"):]  # behind the command itself, which names what it looks for
    for word in ("kiln-ssh", "OPENSSH PRIVATE", "IdentityFile", "known_hosts"):
        assert word not in printed, printed
    until(lambda: list(Path("/dev/shm").glob("kiln-ssh*")) == [], "the key's file to go with git")  # the server looks as well
    assert kept_in_clear(kiln, "BEGIN OPENSSH PRIVATE KEY") == ""
    assert "OPENSSH" not in kiln.log()


def test_a_host_with_another_key_is_refused_until_its_owner_vouches_for_it(fresh_kiln, sshhost, name):
    kiln = fresh_kiln()
    repo = sshhost.repo(name)
    repo.commit({"a": "1"}, "First")
    repo.push()
    sshhost.own(repo.bare)
    url = sshhost.url(repo)
    key = kiln.connect(url, name, deploy_key=True, poll="1s", branch="main", **BUILD)["credentials"]["deploy_key"]["public_key"]
    sshhost.let_in(key)
    kiln.connect(url, name, poll="1s")
    wait_seen(kiln, url)
    sshhost.new_host_key()
    error = wait_error(kiln, url, "another key than the one that was pinned")
    assert "--known-host" in error
    done = kiln.cli("build", name, check=False)
    assert done.returncode == 1 and "another key than the one that was pinned" in done.stderr, done.stderr
    wrong = kiln.cli("repository", "rotate", url, "--known-host", "SHA256:" + "x" * 43, check=False)
    assert wrong.returncode == 1 and "nothing was pinned" in wrong.stderr, wrong.stderr
    done = kiln.cli("repository", "rotate", url, "--known-host", fingerprint(sshhost.host_key))
    assert fingerprint(sshhost.host_key) in done.stdout
    commit = repo.commit({"a": "2"}, "Second")
    repo.push()
    sshhost.own(repo.bare)
    succeeds(kiln, wait_build(kiln, name, commit)["build_uuid"])


def test_a_key_given_beforehand_is_believed_and_no_other(fresh_kiln, sshhost, name, tmp_path):
    kiln = fresh_kiln()
    repo = sshhost.repo(name)
    other = keygen(tmp_path / "other")
    (tmp_path / "known").write_text(f"# of the host\n[127.0.0.1]:{sshhost.port} {other}")
    url = sshhost.url(repo)
    made = kiln.connect(url, name, known_host=tmp_path / "known", deploy_key=True, poll="1s", branch="main", **BUILD)
    assert made["credentials"]["host_key_fingerprints"] == fingerprint(other)
    sshhost.let_in(made["credentials"]["deploy_key"]["public_key"])
    wait_error(kiln, url, "another key than the one that was pinned")
    (tmp_path / "known").write_text(f"[127.0.0.1]:{sshhost.port} {sshhost.host_key}")
    kiln.cli("repository", "rotate", name, "--known-host", tmp_path / "known")
    wait_seen(kiln, url)


def test_a_new_deploy_key_replaces_the_old_one_without_a_gap(fresh_kiln, sshhost, name):
    kiln = fresh_kiln()
    repo = sshhost.repo(name)
    commit = repo.commit({"a": "1"}, "First")
    repo.push()
    sshhost.own(repo.bare)
    url = sshhost.url(repo)
    first = kiln.connect(url, name, deploy_key=True, poll="1s", branch="main", **BUILD)["credentials"]["deploy_key"]["public_key"]
    sshhost.let_in(first)
    done = kiln.cli("repository", "rotate", url, "--deploy-key")
    second = repository(kiln, url)["deploy_key"]
    assert second != first and second in done.stdout and "authorized_keys" in done.stdout, done.stdout
    succeeds(kiln, kiln.cli_json("build", name)["build_uuid"])
    sshhost.keys.write_text(second + "\n")
    succeeds(kiln, kiln.cli_json("build", name, "--commit", commit)["build_uuid"])


@pytest.mark.parametrize("form", ["scp", "scp with a user", "ssh"])
def test_every_form_of_an_ssh_address_with_its_hook(fresh_kiln, sshhost, name, tmp_path, monkeypatch, form):
    key = tmp_path / "mine"
    sshhost.let_in(keygen(key))
    programs = sshhost.ssh_program(tmp_path / "programs", key)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    kiln = fresh_kiln()
    repo = sshhost.repo(name)
    repo.commit({"a": "1"}, "First")
    repo.push()
    sshhost.own(repo.bare)
    address = {"scp": f"githost:{name}.git", "scp with a user": f"{sshhost.user}@githost:{name}.git",
               "ssh": f"ssh://githost{repo.bare}"}[form]
    said = kiln.cli("connect", address, "--worker", name, "--build-command", "echo built", "--deploy-command", "true").stdout
    assert "post-receive installed" in said and fingerprint(sshhost.host_key) in said, said
    git(repo.work, "remote", "set-url", "origin", address)
    repo.commit({"a": "2"}, "Second")
    pushed = subprocess.run(["git", "-C", repo.work, "push", "origin", "HEAD"], capture_output=True, text=True, timeout=60)
    assert pushed.returncode == 0 and "queued for" in pushed.stderr, pushed.stderr
    (build,) = kiln.builds_of(name)
    succeeds(kiln, build["build_uuid"])


def test_where_the_host_gives_no_shell_the_script_is_at_hand(fresh_kiln, sshhost, name, tmp_path, monkeypatch):
    key = tmp_path / "mine"
    sshhost.let_in(keygen(key), 'restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" ')
    programs = sshhost.ssh_program(tmp_path / "programs", key)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    kiln = fresh_kiln()
    repo = sshhost.repo(name)
    repo.commit({"a": "1"}, "First")
    repo.push()
    sshhost.own(repo.bare)
    url = f"ssh://githost{repo.bare}"
    done = kiln.cli("connect", url, "--worker", name, "--build-command", "echo built", "--deploy-command", "true", check=False)
    assert done.returncode == 1 and "gives no shell" in done.stderr and "kiln repository hook" in done.stderr, done.stderr
    script = tmp_path / "install.sh"
    script.write_text(kiln.cli("repository", "hook", url).stdout)
    subprocess.run(["sh", script, repo.bare], check=True)
    sshhost.own(repo.bare)
    repo.commit({"a": "2"}, "Second")
    (number,) = repo.push()
    succeeds(kiln, number)


def test_a_token_is_read_from_a_file_and_shown_to_nobody(fresh_kiln, tmp_path, name):
    (tmp_path / "host" / "acme").mkdir(parents=True)
    private = GitHost(tmp_path / "host", password="geh3im-Token")
    try:
        repo = Repo(tmp_path / "host" / "acme", name)
        repo.commit({"a": "1"}, "First")
        repo.push()
        kiln = fresh_kiln()
        file = tmp_path / "token"
        file.write_text("geh3im-Token\n")
        url = f"{private.url}/acme/{name}.git"
        shown = kiln.cli("connect", url, "--worker", name, "--provider", "git", "--token-file", file, "--build-command", "env",
                         "--deploy-command", "true").stdout
        number = kiln.cli_json("build", name)["build_uuid"]
        shown += succeeds(kiln, number) + kiln.log() + str(kiln.cli_json("repository", "list")) + "".join(private.command_lines)
        assert "geh3im" not in shown and kept_in_clear(kiln, "geh3im-Token") == ""
        assert repository(kiln, url)["has_token"]
        file.write_text("wrong")
        done = kiln.cli("repository", "rotate", name, "--token-file", file, check=False)
        assert done.returncode == 1 and "is not opened by this token, and nothing was changed" in done.stderr, done.stderr
        assert "wrong" not in done.stderr
        repo.commit({"a": "2"}, "Second")
        repo.push()
        succeeds(kiln, kiln.cli_json("build", name)["build_uuid"])  # by the token before
        done = kiln.cli("connect", url, "--worker", f"{name}-too", "--provider", "git", "--token-file", file, check=False)
        assert done.returncode == 1 and "is not opened by this token" in done.stderr, done.stderr
        fresh = subprocess.run([kiln_program(kiln), "repository", "rotate", name, "--token-file", "-", "--data-dir", kiln.data],
                               input="geh3im-Token\n", capture_output=True, text=True, timeout=60)
        assert fresh.returncode == 0 and "geh3im" not in fresh.stdout + fresh.stderr, fresh.stderr
        succeeds(kiln, kiln.cli_json("build", name)["build_uuid"])
        empty = kiln.cli("repository", "rotate", name, "--token-file", "/dev/null", check=False)
        assert empty.returncode == 1 and "is empty" in empty.stderr
    finally:
        private.stop()


def kiln_program(kiln):
    return Path(f"/proc/{kiln.process.pid}/exe").resolve()


def test_a_hooks_new_secret_is_written_into_the_repository_and_the_old_one_is_good_for_a_day(fresh_kiln, worker_repo, name):
    kiln = fresh_kiln()
    kiln.connect(worker_repo.bare, name, **BUILD)
    conf = worker_repo.bare / "hooks" / "kiln-hook.conf"
    before = conf.read_text()
    said = kiln.cli("repository", "rotate", worker_repo.bare, "--hook-secret").stdout
    assert "has the new secret" in said
    assert conf.read_text() != before and conf.stat().st_mode & 0o777 == 0o600
    (number,) = worker_repo.push()
    succeeds(kiln, number)
    conf.write_text(before)
    worker_repo.commit({"a": "2"}, "By the old secret")
    (number,) = worker_repo.push()
    succeeds(kiln, number)
    kiln.kill9()
    kiln.start()
    worker_repo.commit({"a": "3"}, "Still")
    assert len(worker_repo.push()) == 1


def test_what_does_not_fit_is_said(kiln, repo, name):
    repo.commit({"a": "1"})
    done = kiln.cli("connect", repo.bare, "--worker", name, "--deploy-key", check=False)
    assert done.returncode == 1 and "connect it by its SSH address" in done.stderr, done.stderr
    kiln.connect(repo.bare, name, **BUILD)
    for words, said in [(["nobody/nothing"], "kiln repository list"), ([repo.bare], "say what is to be replaced"),
                        ([repo.bare, "--known-host", "x"], "ssh-keyscan")]:
        done = kiln.cli("repository", "rotate", *words, *(["--hook-secret"] if words == ["nobody/nothing"] else []), check=False)
        assert done.returncode == 1 and said in done.stderr, done.stderr
