"""Which tools a build gets, by the files of its project, and which it has without being asked for."""
import json
import shutil
from pathlib import Path

import pytest

PROJECTS = Path(__file__).parent / "projects"

SHOW = "node --version; npm --version"


def build(kiln, repo, name, files, command, **options):
    repo.commit(files)
    kiln.connect(repo.bare, name, build_command=command, deploy_command="true", **options)
    (number,) = repo.push()
    build = kiln.wait(number, 300)
    return build, kiln.build_log(number)


def detected(log):
    (line,) = [line for line in log if line.startswith("Detected the following tools")]
    return line


@pytest.mark.parametrize("files,root", [
    ({".tool-versions": "nodejs 22.16.0\njava 21\n", "a": ""}, "/"),
    ({"mise.toml": "[tools]\nnode = \"22.16.0\"\n", "a": ""}, "/"),
    ({".nvmrc": "22.16.0\n", "apps/site/a": ""}, "apps/site"),
    ({"package.json": json.dumps({"private": True, "volta": {"node": "22.16.0"}})}, "/"),
    ({"package.json": "\ufeff" + json.dumps({"private": True, "devEngines": {"runtime": {"name": "node", "version": "22.16.0"}}})}, "/"),
    ({"package.json": json.dumps({"private": True, "engines": {"node": "22.16.0"}})}, "/"),
], ids=["tool-versions", "mise", "nvmrc-at-the-top", "volta", "devEngines", "engines"])
def test_the_node_that_the_project_names(kiln, repo, name, files, root):
    done, log = build(kiln, repo, name, files, SHOW, root_directory=root)
    assert done["build_outcome"] == "success", "\n".join(log)
    assert "v22.16.0" in log and "nodejs@22.16.0" in detected(log)
    assert ("not obeyed: java in .tool-versions" in detected(log)) == (".tool-versions" in files)


def test_a_limit_that_the_default_keeps_or_nothing_can(kiln, repo, name):
    package = {"private": True, "engines": {"node": ">=18"}, "devEngines": {"runtime": {"name": "node", "version": "999", "onFail": "warn"}}}
    done, log = build(kiln, repo, name, {"package.json": json.dumps(package)}, SHOW)
    assert done["build_outcome"] == "success", "\n".join(log)
    assert 'not obeyed: devEngines.runtime in package.json "999"' in detected(log)


def test_the_npm_of_a_package_json_with_a_byte_order_mark(kiln, repo, name):
    done, log = build(kiln, repo, name, {"package.json": '\ufeff{"packageManager": "npm@10.9.2"}'}, SHOW)
    assert done["build_outcome"] == "success" and "10.9.2" in log, "\n".join(log)


@pytest.mark.parametrize("version", ["9.15.0", "^9.15.0"])
def test_the_package_manager_of_dev_engines(kiln, repo, name, version):
    package = {"private": True, "devEngines": {"packageManager": {"name": "pnpm", "version": version, "onFail": "error"}}}
    done, log = build(kiln, repo, name, {"package.json": json.dumps(package)}, "pnpm --version")
    assert done["build_outcome"] == "success", "\n".join(log)
    assert "pnpm@9.15." in detected(log) and "Installing project dependencies: pnpm install" in log


def test_npx_runs_although_dev_engines_name_another_manager(kiln, repo, name):
    """As the default deploy command does; npm's own npx would end with EBADDEVENGINES."""
    package = {"private": True, "devEngines": {"packageManager": {"name": "pnpm", "version": "9.15.0"}}}
    done, log = build(kiln, repo, name, {"package.json": json.dumps(package)}, "npx -c 'echo npx ran'")
    assert done["build_outcome"] == "success", "\n".join(log)
    assert "npx ran" in log and any(line.startswith("npx would refuse to run") for line in log)


@pytest.mark.parametrize("project,tool,install", [
    ("pnpm-12", "pnpm@12.4.2", "pnpm install --frozen-lockfile"), ("bun-1.4", "bun@1.4", "bun install --frozen-lockfile")])
def test_a_lock_file_that_only_newer_versions_read(kiln, repo, name, project, tool, install):
    shutil.copytree(PROJECTS / project, repo.work, dirs_exist_ok=True)
    done, log = build(kiln, repo, name, {"use.cjs": "console.log('is ' + require('is-number')(7))\n"}, "node use.cjs")
    assert done["build_outcome"] == "success", "\n".join(log)
    assert tool in detected(log) and f"Installing project dependencies: {install}" in log and "is true" in log


def test_package_managers_that_the_project_does_not_name(kiln, repo, name):
    """Fetched when first called, also by two processes at once, and not otherwise."""
    done, log = build(kiln, repo, name, {"package.json": '{"private": true}'},
                      "(pnpm --version & pnpm --version; wait) && yarn --version && bunx --version && ls -A $HOME/.kiln-tools")
    assert done["build_outcome"] == "success", "\n".join(log)
    assert log.count("10.11.1") == 2 and "1.2.15" in log, "\n".join(log)
    assert any(line.startswith("4.9.1") for line in log)


def test_the_version_of_such_a_manager_is_a_variables(kiln, repo, name):
    answer = kiln.connect(repo.bare, name, build_command="yarn --version", deploy_command="true")
    kiln.call("PATCH", f"/triggers/{answer['triggers'][0]['trigger_uuid']}/environment_variables",
              {"YARN_VERSION": {"value": "1.22.22", "is_secret": False}}).result
    repo.commit({"a": ""})
    (number,) = repo.push()
    assert kiln.wait(number, 300)["build_outcome"] == "success", "\n".join(kiln.build_log(number))
    assert "1.22.22" in kiln.build_log(number)
