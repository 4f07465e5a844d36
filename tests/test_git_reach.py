"""Where git on the host goes, and what it is trusted with: addresses, redirects, credentials, hooks' refs."""
import base64
import http.server
import os
import subprocess
import threading

import pytest

from harness.githost import GIT_ENV, GitHost, Repo
from harness.server import Kiln


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """A server whose git goes to no address that is not the world's."""
    server = Kiln(tmp_path_factory.mktemp("closed"), "[git]\nallow = []\n").start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A server whose git goes to one address of loopback."""
    server = Kiln(tmp_path_factory.mktemp("narrow"), '[git]\nallow = ["127.0.0.1"]\n').start()
    yield server
    server.stop()


class Redirecting:
    """Answers every request with 302 to the same path below `to`; notes what it was asked, and with which credentials."""

    def __init__(self, to, address="127.0.0.1"):
        self.asked = asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.path, self.headers.get("authorization")))
                self.send_response(302 if to else 404)
                if to:
                    self.send_header("location", to + self.path)
                self.send_header("content-length", "0")
                self.end_headers()

            do_POST = do_GET

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer((address, 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://{address}:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def pushed(host, name):
    repo = Repo(host.folder, name)
    repo.commit({"a": "1"}, "First")
    repo.push()
    return repo


def outcome(kiln, url, name):
    """The log of a build of a repository that is connected under `url`."""
    kiln.connect(url, name, build_command="echo built", deploy_command="true")
    done = kiln.cli("build", name, "--json", check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "localhost"])
def test_loopback_is_closed_and_the_refusal_says_what_opens_it(closed, host, name, address):
    pushed(host, name)
    kiln = closed
    url = host.url.replace("127.0.0.1", address) + f"/acme/{name}.git"
    done = kiln.cli("connect", url, "--worker", name, check=False)
    assert done.returncode == 1 and "git does not go to" in done.stderr and "allow = [" in done.stderr, done.stderr
    answer = kiln.call("PUT", "/repos/connections", {
        "provider_type": "gitea", "provider_account_id": "1", "provider_account_name": "acme", "repo_id": "2",
        "repo_name": name, "clone_url": url})
    assert answer.status == 400 and "git does not go to" in answer.error[2]


def test_a_redirect_leads_only_where_git_may_go(narrow, host, name):
    pushed(host, name)
    trap = Redirecting(None, "127.0.0.2")
    away = Redirecting(trap.url)
    try:
        said = outcome(narrow, f"{away.url}/acme/{name}.git", name)
        assert "redirects: git does not go to 127.0.0.2" in said, said
        assert trap.asked == [], "nothing was asked of the closed address"
    finally:
        away.stop()
        trap.stop()


def test_an_open_redirect_is_followed_without_the_credentials(narrow, host, name):
    pushed(host, name)
    away, kiln = Redirecting(host.url), narrow
    try:
        url = away.url.replace("//", "//kiln:s3cret@")
        kiln.connect(f"{url}/acme/{name}.git", name, build_command="echo built", deploy_command="true")
        number = kiln.cli_json("build", name)["build_uuid"]
        assert kiln.wait(number)["build_outcome"] == "success", "\n".join(kiln.build_log(number))
        basic = "Basic " + base64.b64encode(b"kiln:s3cret").decode()
        assert {authorization for _, authorization in away.asked} == {basic}
        assert not any(host.authorizations), "another origin got the credentials"
    finally:
        away.stop()


def test_credentials_of_a_url_are_kept_sealed_and_shown_to_nobody(fresh_kiln, tmp_path, name):
    (tmp_path / "host" / "acme").mkdir(parents=True)
    private = GitHost(tmp_path / "host", password="geh3im-Wort")
    private.folder = tmp_path / "host" / "acme"
    try:
        pushed(private, name)
        kiln = fresh_kiln()
        url = private.url.replace("//", "//kiln:geh3im-Wort@") + f"/acme/{name}.git"
        shown = kiln.cli("connect", url, "--worker", name, "--build-command", "env; cat .git/config; git remote -v",
                         "--deploy-command", "true").stdout
        number = kiln.cli_json("build", name)["build_uuid"]
        assert kiln.wait(number)["build_outcome"] == "success", "\n".join(kiln.build_log(number))
        shown += "\n".join(kiln.build_log(number)) + kiln.log() + str(kiln.get("/repos/connections").json)
        # All but the test's own call, whose words were its own.
        shown += "\n".join(line for line in private.command_lines if f"connect {url}" not in line)
        basic = base64.b64encode(b"kiln:geh3im-Wort").decode()
        for secret in ("geh3im-Wort", basic):
            assert secret not in shown
            kept = subprocess.run(["grep", "-rlaF", secret, kiln.data], capture_output=True, text=True).stdout
            assert kept == "", f"in clear on the disk: {kept}"
    finally:
        private.stop()


def test_a_repository_beyond_its_size_is_refused_and_leaves_nothing(fresh_kiln, host, name):
    repo = Repo(host.folder, name)
    (repo.work / "large").write_bytes(os.urandom(3 << 20))
    repo.commit({"a": "1"}, "Large")
    repo.push()
    kiln = fresh_kiln('[git]\nallow = ["127.0.0.1"]\nmax_size = "1MiB"\n')
    kiln.connect(f"{host.url}/acme/{name}.git", name, build_command="echo built", deploy_command="true")
    done = kiln.cli("build", name, check=False)
    assert done.returncode == 1 and "sends more than 1048576 bytes (git.max_size)" in done.stderr, done.stderr
    kept = sum(file.stat().st_size for file in (kiln.data / "mirrors").rglob("*") if file.is_file())
    assert kept < 1 << 20, "of what was sent, nothing stays"


def test_refs_that_git_could_misread_build_nothing_whoever_reports_them(kiln, repo, name):
    kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    repo.commit({"a": "1"})
    for ref in ("--upload-pack=id", "a" * 240 + "/" + "b" * 60):
        assert repo.push(f"HEAD:refs/heads/{ref}") == [], repo.answer
        assert "the branch name" in repo.answer.replace("\nremote: ", ""), repo.answer


def test_connect_as_root_writes_nothing_where_the_repository_points(kiln, repo, name, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    subprocess.run(["git", "-C", repo.bare, "config", "core.hooksPath", elsewhere], env=GIT_ENV, check=True)
    done = kiln.cli("connect", repo.bare, "--worker", name, check=False)
    assert done.returncode == 1 and "core.hooksPath" in done.stderr, done.stderr
    assert list(elsewhere.iterdir()) == []
