"""Config autofill: what a repository's own files suggest for its first build, asked over the API and read through git."""
import os
from urllib.parse import quote

import pytest

from harness.githost import Repo
from test_wrangler import cf

EMPTY = {"config_file": None, "default_worker_name": None, "env_worker_names": {}, "package_manager": None, "scripts": {}}


class Project:
    """A repository on a git host and its connection; ask() is the request."""

    def __init__(self, kiln, host, name):
        self.kiln, self.repo = kiln, Repo(host.folder, name)
        self.ids = ("git", "acme", f"id/{name}")
        self.put = {"provider_type": "git", "provider_account_id": "acme", "provider_account_name": "acme",
                    "repo_id": f"id/{name}", "repo_name": name, "clone_url": f"{host.url}/acme/{name}.git"}
        kiln.call("PUT", "/repos/connections", self.put).result

    def push(self, files, branch="main"):
        self.repo.commit(files, branch=branch)
        self.repo.push()

    def ask(self, branch="main", root=None, ids=None):
        path = "/repos/" + "/".join(quote(part, safe="") for part in ids or self.ids) + "/config_autofill"
        query = [] if branch is None else ["branch=" + quote(branch, safe="")]
        query += [] if root is None else ["root_directory=" + quote(root, safe="")]
        return self.kiln.get(path + "?" + "&".join(query))


@pytest.fixture
def project(kiln, host, name):
    return Project(kiln, host, name)


def test_a_project_in_jsonc(project):
    project.push({"wrangler.jsonc": '// ours\n{ "name": "shop", "env": { "staging": {}, "live": { "name": "shop-eu" }, }, }\n',
                  "wrangler.toml": 'name = "not read"\n', "pnpm-lock.yaml": "",
                  "package.json": '{"scripts": {"build": "vite build", "test": "vitest"}}'})
    assert project.ask().result == {
        "config_file": "wrangler.jsonc", "default_worker_name": "shop",
        "env_worker_names": {"staging": "shop-staging", "live": "shop-eu"}, "package_manager": "pnpm",
        "scripts": {"build": "vite build", "test": "vitest"}}


def test_a_monorepo_in_toml_on_a_side_branch(project):
    project.push({"yarn.lock": "", "package.json": '{"workspaces": ["apps/*"], "scripts": {"no": "no"}}',
                  "apps/web/wrangler.toml": 'name = "web"\n[env.dev]\nvars = { A = "1" }\n',
                  "apps/web/package.json": '{"scripts": {"build": "tsc"}}'}, branch="feature/one")
    for root in ("apps/web", "/apps/web/"):
        assert project.ask("feature/one", root).result == {
            "config_file": "wrangler.toml", "default_worker_name": "web", "env_worker_names": {"dev": "web-dev"},
            "package_manager": "yarn", "scripts": {"build": "tsc"}}


def test_a_later_push_is_seen_at_once(project):
    project.push({"wrangler.json": '{"name": "one"}'})
    assert project.ask().result["default_worker_name"] == "one"
    project.push({"wrangler.json": '{"name": "two"}'})
    assert project.ask().result["default_worker_name"] == "two"


def test_nothing_to_go_by_is_a_success(project):
    project.push({"README.md": "hello"})
    assert project.ask().result == EMPTY
    assert project.ask(root="").result == EMPTY


def test_unknown_things_are_said(project):
    project.push({"a": "1"})
    assert project.ask(ids=("git", "acme", "other")).error[:2] == (404, 12000)
    assert project.ask("nowhere").error == (404, 12000, "branch 'nowhere' is not in the repository")
    for answer, words in ((project.ask(None), "branch is required"), (project.ask("-x"), "branch"), (project.ask(root="nowhere"), "root_directory nowhere"),
                          (project.ask(root="../.."), "root_directory"), (project.ask(root="a/.git"), "root_directory must"),
                          (project.ask(root="a"), "root_directory a")):
        status, code, message = answer.error
        assert (status, code) == (400, 12002) and words in message, message


@pytest.mark.parametrize("files, words", [
    ({"wrangler.jsonc": '{\n"name": "x"\n"main": 1}'}, "wrangler.jsonc, line 3"),
    ({"wrangler.toml": 'name = "x"\nmain = oops\n'}, "wrangler.toml, line 2"),
    ({"wrangler.json": '{"name": 7}'}, "wrangler.json: name"),
    ({"package.json": "{"}, "package.json, line 1"),
    ({"wrangler.toml": "#" * (1 << 20) + "\n"}, "wrangler.toml is 1048577 bytes long"),
])
def test_a_broken_file_is_named_and_the_rest_is_told(project, files, words):
    project.push({"package.json": '{"scripts": {"build": "tsc"}}', "yarn.lock": ""} | files)
    answer = project.ask()
    (message,) = [message["message"] for message in answer.json["messages"]]
    assert words in message
    broken_package = "package.json" in files
    assert answer.result == EMPTY | {
        "config_file": None if broken_package else next(iter(files)), "package_manager": "yarn",
        "env_worker_names": {} if broken_package else None, "scripts": None if broken_package else {"build": "tsc"}}


def test_a_python_worker(project):
    project.push({"wrangler.toml": 'name = "py"\n', "pyproject.toml": '[project]\nname = "py"\n', "uv.lock": ""})
    assert project.ask().result == EMPTY | {"config_file": "wrangler.toml", "default_worker_name": "py",
                                            "package_manager": "uv"}


def test_symlinks_are_not_followed(project, tmp_path):
    outside = tmp_path / "secret.json"
    outside.write_text('{"name": "leaked"}')
    os.symlink(outside, project.repo.work / "wrangler.json")
    os.symlink(tmp_path, project.repo.work / "folder")
    project.push({"package.json": "{}"})
    assert project.ask().result == EMPTY | {"package_manager": "npm"}
    assert project.ask(root="folder").status == 400


def test_a_host_that_does_not_answer_is_a_gateway_error(kiln, project):
    put = project.put | {"repo_id": "gone", "clone_url": "http://127.0.0.1:1/acme/gone.git"}
    kiln.call("PUT", "/repos/connections", put).result
    assert project.ask(ids=("git", "acme", "gone")).error[:2] == (502, 12006)


def test_the_official_cf_cli_reads_it(kiln, project, name):
    put = project.put | {"repo_id": f"plain-{name}"}
    kiln.call("PUT", "/repos/connections", put).result
    project.push({"apps/web/wrangler.toml": 'name = "web"\n'})
    answer = cf(kiln, "builds", "repos", "config-autofill-get", "git", "acme", f"plain-{name}", "--branch", "main",
                "--root-directory", "apps/web")
    assert answer == EMPTY | {"config_file": "wrangler.toml", "default_worker_name": "web"}
