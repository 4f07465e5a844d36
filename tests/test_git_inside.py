"""git inside a build: the branches and tags of the repository, and fetching them, in every kind of connection."""
import hashlib
import os

from harness.githost import GitHost, Repo, git
from test_github import Hook, pull_request_event, push_event

BUILD = ("git fetch origin main --tags && echo base $(git merge-base HEAD origin/main) main $(git rev-parse main) && "
         "git describe --tags && git for-each-ref --format='ref %(refname)' && git rev-parse --abbrev-ref origin/HEAD && "
         "git diff --name-only main...HEAD && git status --porcelain && git config --get remote.origin.url")
REFS = ["ref refs/heads/main", "ref refs/remotes/origin/HEAD", "ref refs/remotes/origin/main", "ref refs/remotes/origin/pr",
        "ref refs/tags/v1.0.0"]


def a_branch_behind(repo):
    """Branch pr, one commit past the tag v1.0.0; main is one past it, too. Returns the tagged commit."""
    base = repo.commit({"a": "1"}, "First")
    git(repo.work, "tag", "-a", "v1.0.0", "-m", "release")
    repo.commit({"b": "1"}, "On main")
    git(repo.work, "push", "-q", "origin", "main", "v1.0.0")
    git(repo.work, "checkout", "-q", "-b", "pr", base)
    repo.commit({"c": "1"}, "On a branch")
    return base


def check(build, log, repo, base):
    assert build["build_outcome"] == "success", "\n".join(log)
    main = git(repo.work, "rev-parse", "main").stdout.strip()
    assert f"base {base} main {main}" in log
    assert any(line.startswith("v1.0.0-1-g") for line in log)
    assert [line for line in log if line.startswith("ref ")] == REFS
    assert "origin/main" in log and "c" in log and "b" not in log


def test_of_a_local_repository(kiln, repo, name):
    base = a_branch_behind(repo)
    kiln.connect(repo.bare, name, build_command=BUILD, deploy_command="true", preview_deploy_command="true")
    (number,) = repo.push("pr")
    log = kiln.build_log(number) if kiln.wait(number) else []
    check(kiln.build(number), log, repo, base)
    assert str(repo.bare) not in "\n".join(log)
    # A tag that came after the build: it is there when the build is run again, once the refs are older than a minute;
    # another commit brings it at once.
    git(repo.work, "tag", "v1.1.0")
    git(repo.work, "push", "-q", "origin", "v1.1.0")
    repo.commit({"d": "1"}, "More")
    (number,) = repo.push("pr")
    assert kiln.wait(number)["build_outcome"] == "success"
    assert any(line.startswith("v1.1.0-1-g") for line in kiln.build_log(number))


def test_of_a_host_with_a_password(fresh_kiln, tmp_path, name):
    """The build fetches without the password, which is nowhere in its reach, and knows the address without it."""
    (tmp_path / "host" / "acme").mkdir(parents=True)
    private = GitHost(tmp_path / "host", password="geheim")
    try:
        kiln = fresh_kiln()
        repo = Repo(tmp_path / "host" / "acme", name)
        base = a_branch_behind(repo)
        git(repo.work, "push", "-q", "origin", "pr")
        kiln.connect(private.url.replace("//", "//kiln:geheim@") + f"/acme/{name}.git", name, deploy_command="true",
                     build_command=BUILD + " && ! grep -rq geheim .git /opt/kiln/mirror/config /etc/gitconfig",
                     preview_deploy_command="true")
        number = kiln.cli_json("build", name, "--branch", "pr")["build_uuid"]
        build = kiln.wait(number)
        log = kiln.build_log(number)
        check(build, log, repo, base)
        assert f"{private.url}/acme/{name}.git" in log and "geheim" not in "\n".join(log)
    finally:
        private.stop()


def test_a_forks_build_sees_what_its_repository_shows_and_nothing_that_credentials_opened(fresh_kiln, tmp_path, name):
    """Its .gitmodules may name any repository of the host; the connection's password does not open it for a stranger."""
    (tmp_path / "host" / "acme").mkdir(parents=True)
    private = GitHost(tmp_path / "host", password="geheim")
    try:
        kiln = fresh_kiln()
        repo, secret = (Repo(tmp_path / "host" / "acme", f"{name}{part}") for part in ("", "-secret"))
        hidden = secret.commit({"s": "for no stranger\n"})
        secret.push()
        base = repo.commit({"a": "ours"})
        repo.push()
        address = f"{private.url}/acme/{name}.git"
        connected = kiln.connect(address.replace("//", "//kiln:geheim@"), name, deploy_command="true",
                                 build_command=f"git rev-parse origin/main; git cat-file -t {hidden}; cat lib/s",
                                 fork_pull_requests="without_secrets")
        hook = Hook(kiln, connected["hook"]["secret"])
        # A build of the repository's own, which may have the submodule: its objects are on this machine then.
        git(repo.work, "-c", "protocol.file.allow=always", "submodule", "add", "-q", secret.bare, "lib")
        git(repo.work, "config", "-f", ".gitmodules", "submodule.lib.url", f"../{name}-secret.git")
        own = repo.commit(message="With a submodule")
        repo.push()
        (made,) = hook.send(push_event(name, address, base, own)).json["result"]["builds"]
        assert kiln.wait(made["build_uuid"])["build_outcome"] == "success", "\n".join(kiln.build_log(made["build_uuid"]))
        assert "for no stranger" in kiln.build_log(made["build_uuid"])
        repo.commit({"b": "1"}, branch="theirs")
        head = repo.head()
        git(repo.work, "push", "-q", "origin", "HEAD:refs/pull/8/head")
        (made,) = hook.send(pull_request_event(name, address, 8, "main", head, own, fork="eve"),
                            kind="pull_request").json["result"]["builds"]
        build = kiln.wait(made["build_uuid"])
        log = "\n".join(kiln.build_log(made["build_uuid"]))
        assert build["build_outcome"] == "fail" and "for no stranger" not in log, log
        assert "Failed: error occurred while updating repository submodules" in log
        assert "geheim" not in log
    finally:
        private.stop()


def test_turbo_knows_what_a_branch_changed(kiln, repo, name):
    """`turbo --affected` compares with the local branch main, which is there as after a clone."""
    packages = {f"packages/{one}/package.json": f'{{"name": "{one}", "version": "1.0.0", "scripts": {{"build": "echo BUILT-{one}"}}}}'
                for one in ("left", "right")}
    repo.commit(packages | {"turbo.json": '{"tasks": {"build": {}}}', ".gitignore": "node_modules\npackage-lock.json\n.turbo\n",
                            "packages/left/a": "1", "packages/right/a": "1",
                            "package.json": '{"private": true, "packageManager": "npm@11.0.0", "workspaces": ["packages/*"], '
                                            '"devDependencies": {"turbo": "2.5.4"}}'}, "First")
    git(repo.work, "push", "-q", "origin", "main")
    repo.commit({"packages/left/a": "2"}, "On a branch", branch="pr")
    answer = kiln.connect(repo.bare, name, build_command="npx turbo run build --affected --no-daemon", deploy_command="true",
                          preview_deploy_command="true")
    for trigger in answer["triggers"]:
        kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}/environment_variables",
                  {name: {"value": "1", "is_secret": False} for name in ("TURBO_TELEMETRY_DISABLED", "TURBO_NO_UPDATE_NOTIFIER")}).result
    (number,) = repo.push("pr")
    build, log = kiln.wait(number, 200), kiln.build_log(number)
    assert build["build_outcome"] == "success", "\n".join(log)
    assert any("BUILT-left" in line for line in log) and not any("BUILT-right" in line for line in log), "\n".join(log)


SSH = """#!/bin/sh
# Plays ssh: says where it would go, and runs git's command for the other end here.
if [ "$1" = -G ]; then echo "hostname 127.0.0.1"; echo "port 22"; exit 0; fi
for command; do :; done
echo "$command" >> ASKED
case $command in
"git-lfs-authenticate 'FOLDER/NAME.git' download") echo '{"href": "URL/acme/NAME.git/info/lfs", "header": {"x-pass": "geheim"}}' ;;
git-lfs-authenticate*) exit 1 ;;
*) exec sh -c "$command" ;;
esac
"""


def test_over_ssh_with_contents_of_lfs(fresh_kiln, host, tmp_path, name, monkeypatch):
    """The ways of git and of LFS are the host's to go; the build needs neither."""
    programs = tmp_path / "programs"
    programs.mkdir()
    text = (SSH.replace("ASKED", f"{tmp_path}/asked").replace("FOLDER", str(host.folder)[1:]).replace("NAME", name)
            .replace("URL", host.url))
    (programs / "ssh").write_text(text)
    (programs / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    kiln = fresh_kiln()
    repo = Repo(host.folder, name)
    base = a_branch_behind(repo)
    content = b"a picture"
    oid = hashlib.sha256(content).hexdigest()
    host.lfs[oid] = content
    repo.commit({".gitattributes": "*.png filter=lfs\n", "c.png": f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 9\n"})
    git(repo.work, "push", "-q", "origin", "pr")
    kiln.connect(f"ssh://git@127.0.0.1{repo.bare}", name, build_command=BUILD + " && cat c.png", deploy_command="true",
                 preview_deploy_command="true")
    number = kiln.cli_json("build", name, "--branch", "pr")["build_uuid"]
    build, log = kiln.wait(number), kiln.build_log(number)
    assert build["build_outcome"] == "success", "\n".join(log) + (tmp_path / "asked").read_text()
    assert f"base {base} main {git(repo.work, 'rev-parse', 'main').stdout.strip()}" in log
    assert "a picture" in log and f"ssh://git@127.0.0.1{repo.bare}" in log
