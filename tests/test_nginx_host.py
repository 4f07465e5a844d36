"""A private repository behind nginx's password and `git http-backend`: connected by a token from a file, pushed to by real git, told by its
own hook, cloned by the build through nginx, and deployed. What is refused there says what to do."""
import subprocess

import pytest

from harness.keeping import DEPLOY_SH
from harness.nginxhost import NginxHost
from proxies.proxies import Certificates
from test_serving import fetch, url_of

TOKEN = "geh3im-Wort-of-nginx"
USER = "kiln"  # as whom Kiln shows a token to a host of no known kind


@pytest.fixture
def behind_nginx(request, tmp_path):
    """Without TLS, unless the test is parametrized to have it."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    certificates = Certificates(folder) if getattr(request, "param", "http") == "https" else None
    made = NginxHost(folder, {USER: TOKEN, "ada": "own-Wort"}, certificates)
    yield made
    made.stop()


@pytest.fixture
def server(fresh_kiln, behind_nginx, monkeypatch):
    """A server whose git trusts the host's authority, as a machine does after update-ca-certificates."""
    if behind_nginx.certificates:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(behind_nginx.certificates.ca))
    return fresh_kiln()


def token_file(folder, text):
    file = folder / "token"
    file.write_text(text + "\n")
    return file


def connect(kiln, repo, name, folder, text=TOKEN, **more):
    return kiln.connect(repo.url, name, provider="git", token_file=token_file(folder, text), build_command="true", deploy_command=f"sh deploy.sh {name}", **more)


def install_hook(kiln, repo, folder):
    """As whoever runs the host does: the script that `kiln repository hook` prints, run there."""
    script = folder / "install-hook.sh"
    script.write_text(kiln.cli("repository", "hook", repo.url).stdout)
    subprocess.run(["sh", script, repo.bare], check=True, capture_output=True)


@pytest.mark.parametrize("behind_nginx", ["http", "https"], indirect=True)
def test_a_push_through_nginx_is_cloned_through_it_and_deployed(server, behind_nginx, tmp_path, name):
    kiln = server
    repo = behind_nginx.repo(name, "ada", "own-Wort")
    connect(kiln, repo, name, tmp_path)
    install_hook(kiln, repo, tmp_path)
    commit = repo.commit({"deploy.sh": DEPLOY_SH})
    (build,) = repo.push()
    built = kiln.wait(build)
    log = "\n".join(kiln.build_log(build))
    assert built["build_outcome"] == "success" and built["build_trigger_metadata"]["commit_hash"] == commit, log
    assert fetch(kiln, url_of(kiln, name))[2] == commit, "what was pushed is live"
    asked = behind_nginx.asked()
    assert [one for one in asked if one[:3] == ("200", "ada", "POST") and one[3].endswith("/git-receive-pack")], "pushed through nginx"
    fetched = [one for one in asked if one[2] == "POST" and "/git-upload-pack" in one[3]]
    assert fetched and {(status, user) for status, user, *_ in fetched} == {("200", USER)}, "cloned through nginx with the token"
    assert TOKEN not in log + kiln.log() + str(kiln.cli_json("repository", "list"))


def test_a_token_that_nginx_refuses_is_told_as_such_with_the_way_out(server, behind_nginx, tmp_path, name):
    kiln = server
    repo = behind_nginx.repo(name, "ada", "own-Wort")
    repo.commit({"a": "1"})
    repo.push()
    refused = kiln.cli("connect", repo.url, "--worker", name, "--provider", "git", "--token-file", token_file(tmp_path, "wrong-Wort"), check=False)
    assert refused.returncode == 1 and "--token-file" in refused.stderr, refused.stderr
    assert "wrong-Wort" not in refused.stderr + kiln.log()
    assert repo.url not in str(kiln.cli_json("repository", "list")), "nothing was made"


def test_a_build_whose_token_was_taken_back_fails_with_a_word_on_it_and_goes_on_with_the_new_one(server, behind_nginx, tmp_path, name):
    kiln = server
    repo = behind_nginx.repo(name, "ada", "own-Wort")
    connect(kiln, repo, name, tmp_path)
    install_hook(kiln, repo, tmp_path)
    behind_nginx.let_in({USER: "another-Wort", "ada": "own-Wort"})
    repo.commit({"deploy.sh": DEPLOY_SH})
    (build,) = repo.push()
    assert kiln.wait(build)["build_outcome"] == "fail"
    log = "\n".join(kiln.build_log(build))
    assert "Check the credentials of the repository connection." in log and behind_nginx.url.removesuffix("/git") in log
    refused = [one for one in behind_nginx.asked() if one[0] == "401" and "git-upload-pack" in one[3]]
    assert refused, "nginx refused it"
    kiln.cli("repository", "rotate", repo.url, "--token-file", token_file(tmp_path, "another-Wort"))
    again = kiln.call("POST", f"/builds/{build}/retry").result["build_uuid"]
    assert kiln.wait(again)["build_outcome"] == "success", "\n".join(kiln.build_log(again))
    assert TOKEN not in log and "another-Wort" not in log + kiln.log()
