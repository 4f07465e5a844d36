"""The command line against a server elsewhere, over https by a token: login, whoami, everything of every day, administration."""
import json
import os
import pty
import subprocess

import pytest

from conftest import WORKER_JS, wrangler_config
from harness.githost import Repo
from harness.server import KILN, http
from harness.tls import TlsFront

ALL = "ci:read,ci:write,scripts:read,scripts:write"


class Laptop:
    """A machine of its own: no data directory, no login."""

    def __init__(self, folder, front):
        self.front, self.home = front, folder / "home"
        self.home.mkdir()

    def environment(self, **more):
        return {"PATH": os.environ["PATH"], "HOME": str(self.home)} | {key: str(value) for key, value in more.items()}

    def by_token(self, token):
        return self.environment(KILN_URL=self.front.url, KILN_TOKEN=token, KILN_CA=self.front.ca)

    def run(self, *words, env=None, stdin="", check=True):
        done = subprocess.run([KILN, *map(str, words)], input=stdin, capture_output=True, text=True, timeout=120,
                              env=env or self.environment(), cwd=self.home)
        if check:
            assert done.returncode == 0, f"kiln {' '.join(map(str, words))}: exit {done.returncode}\n{done.stderr}"
        return done


@pytest.fixture
def laptop(kiln, tmp_path):
    folder = tmp_path / "tls"
    folder.mkdir()
    front = TlsFront(folder, kiln.url)
    yield Laptop(tmp_path, front)
    front.stop()


def token_of(kiln, permissions, name="laptop"):
    return kiln.cli("token", "create", "--name", name, "--permissions", permissions).stdout.strip()


def test_login_is_verified_and_kept_for_its_owner_alone(kiln, laptop):
    token = token_of(kiln, ALL)
    file = laptop.home / ".config/kiln/login.json"
    untrusted = laptop.run("login", laptop.front.url, stdin=token, check=False)
    assert untrusted.returncode == 1 and "KILN_CA" in untrusted.stderr and not file.exists()
    wrong = laptop.run("login", laptop.front.url, "--ca", laptop.front.ca, stdin="kiln_nonsense", check=False)
    assert wrong.returncode == 1 and "unknown, expired or revoked" in wrong.stderr and not file.exists()
    said = laptop.run("login", laptop.front.url, "--ca", laptop.front.ca, stdin=token + "\n")
    assert file.stat().st_mode & 0o777 == 0o600
    assert token not in said.stdout + said.stderr
    assert laptop.front.url in laptop.run("whoami").stdout
    about = json.loads(laptop.run("whoami", "--json").stdout)
    assert about["name"] == "laptop" and about["account"]["id"] == kiln.account and about["is_admin"] is False
    laptop.run("logout")
    assert not file.exists()
    gone = laptop.run("status", check=False)
    assert gone.returncode == 1 and "no Kiln server runs" in gone.stderr


def test_a_typed_token_is_not_shown(kiln, laptop):
    token = token_of(kiln, ALL)
    child, terminal = pty.fork()
    if child == 0:
        os.execve(KILN, ["kiln", "login", laptop.front.url, "--ca", str(laptop.front.ca)], laptop.environment())
    shown = b""
    while b"Token for" not in shown:
        shown += os.read(terminal, 1024)
    os.write(terminal, token.encode() + b"\n")
    try:
        while piece := os.read(terminal, 1024):
            shown += piece
    except OSError:  # the child has ended
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown
    assert token.encode() not in shown and b"Logged in" in shown


def test_everything_of_every_day_works_over_https(kiln, laptop, host, tmp_path, name):
    env = laptop.by_token(token_of(kiln, ALL))
    repo = Repo(host.folder, "shop")
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)})
    repo.push()
    url = f"{host.url}/acme/{repo.bare.name}"
    made = json.loads(laptop.run("connect", url, "--worker", name, "--build-command", "true", "--deploy-command", "true",
                                 "--json", env=env).stdout)
    assert made["worker"]["name"] == name and made["hook"]["secret"]
    started = json.loads(laptop.run("build", name, "--json", env=env).stdout)["build_uuid"]
    kiln.wait(started)
    assert started in laptop.run("logs", started, env=env).stdout + started
    assert laptop.run("show", started, env=env).stdout
    assert name in laptop.run("repository", "list", env=env).stdout
    for words in (("status",), ("deliveries",), ("sinks", "list"), ("forge", "list")):
        laptop.run(*words, env=env)
    shown = json.loads(laptop.run("status", "--json", env=env).stdout)
    assert shown["account_id"] == kiln.account and "data_dir" not in shown and "pid" not in shown


def test_a_lacking_right_is_named_with_the_way_to_it(kiln, laptop, name):
    env = laptop.by_token(token_of(kiln, "ci:read", "looker"))
    refused = laptop.run("build", name, env=env, check=False)
    assert refused.returncode == 1
    assert "the right ci:write, which the token 'looker' lacks" in refused.stderr
    assert "kiln token create --name NAME --permissions ci:write" in refused.stderr
    for words in (("token", "list"), ("account", "create", "--name", "x"), ("dashboard",), ("audit",)):
        refused = laptop.run(*words, env=env, check=False)
        assert refused.returncode == 1 and "needs the right admin" in refused.stderr, words


def test_a_token_with_the_right_administers(kiln, laptop, name):
    env = laptop.by_token(token_of(kiln, "admin", "ops"))
    account = laptop.run("account", "create", "--name", name, env=env).stdout.strip()
    assert account in laptop.run("account", "list", env=env).stdout
    token = laptop.run("token", "create", "--name", "theirs", "--account", name, env=env).stdout.strip()
    about = json.loads(laptop.run("whoami", "--json", env=laptop.by_token(token)).stdout)
    assert about["account"] == {"id": account, "name": name}
    assert "/login#" in laptop.run("dashboard", env=env).stdout
    assert json.loads(laptop.run("status", "--json", env=env).stdout)["pid"] == kiln.process.pid
    other = laptop.run("builds", "--account", name, env=laptop.by_token(token_of(kiln, ALL)), check=False)
    assert other.returncode == 1 and "there is no account" in other.stderr, "an account's own token sees no other"


def test_a_path_and_ssh_are_for_administrators(kiln, laptop, repo, name):
    repo.commit({"a": "1"})
    base = f"{kiln.url}/kiln/v1/accounts/{kiln.account}/connect"
    for place in (str(repo.bare), "ssh://git@127.0.0.1/shop.git"):
        answer = http("POST", base, {"repo_url": place, "worker": name}, {"authorization": "Bearer " + token_of(kiln, ALL)})
        assert answer.status == 400 and "by an administrator" in answer.error[2]


def test_plain_http_to_another_machine_is_refused(kiln, laptop):
    refused = laptop.run("login", "http://kiln.example.com", stdin="kiln_x", check=False)
    assert refused.returncode == 1 and "--insecure" in refused.stderr
    here = laptop.run("whoami", "--json", env=laptop.environment(KILN_URL=kiln.url, KILN_TOKEN=token_of(kiln, "ci:read")))
    assert json.loads(here.stdout)["server"] == kiln.url, "to this machine it goes"
