"""One server for the whole run (tests that break servers start their own), fresh repositories for every test."""
import itertools

import pytest

import harness.server
from harness.balance import place_of, scheduler
from harness.forge_fixtures import checked_forge, checked_forges, forge, hook_inbox, receiver  # noqa: F401  fixtures: who asks for none pays nothing
from harness.githost import GitHost, Repo
from harness.openapi import document
from harness.server import Kiln

# An answer that api/openapi.yaml does not describe fails the test that got it.
harness.server.judge = document().check


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: place_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return scheduler(config, log) if config.getvalue("dist") == "loadfile" else None


_numbers = itertools.count(1)

WORKER_JS = 'export default { fetch() { return new Response("hello"); } };\n'


def wrangler_config(name):
    return f'{{ "name": "{name}", "main": "index.js", "compatibility_date": "2026-11-01" }}\n'


@pytest.fixture(scope="session")
def kiln(tmp_path_factory):
    server = Kiln(tmp_path_factory.mktemp("kiln"), "[builds]\nconcurrency = 2\n[workers]\nzones = [\"zone.test\"]\n").start()
    yield server
    server.stop()


@pytest.fixture
def fresh_kiln(tmp_path):
    """Makes servers of the test's own: fresh_kiln() or fresh_kiln("toml text"); all are stopped at its end."""
    made = []

    def make(config=""):
        folder = tmp_path / f"kiln{len(made)}"
        folder.mkdir()
        made.append(Kiln(folder, config))
        return made[-1].start()

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def name():
    """A Worker name that no other test uses."""
    return f"w{next(_numbers)}"


@pytest.fixture
def repo(tmp_path, name):
    return Repo(tmp_path, name)


@pytest.fixture
def host(tmp_path):
    """A git host over the repositories in tmp_path/host."""
    folder = tmp_path / "host" / "acme"
    folder.mkdir(parents=True)
    server = GitHost(tmp_path / "host")
    server.folder = folder
    yield server
    server.stop()


@pytest.fixture
def worker_repo(repo, name):
    """A repository with a Worker in it, committed but not pushed."""
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)}, "First")
    return repo
