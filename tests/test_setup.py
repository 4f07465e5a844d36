"""What set-up fetches is held to the lock files, which are whole."""
import json
import os
import re
import subprocess

import pytest

from frameworks.subject import PROJECTS
from frameworks.subjects import ALL
from harness import compatibility
from harness.server import ROOT


def found_from(folder, name, packages):
    """The path at which node finds `name` from the package at `folder`, or None."""
    while True:
        path = f"{folder}/node_modules/{name}".lstrip("/")
        if path in packages:
            return path
        if not folder:
            return None
        folder = folder.rpartition("node_modules/")[0].rstrip("/")


@pytest.mark.parametrize("place", ["tools/toolchain", "tests/clients", "tests/old_wranglers", "tests/forges", "tests/page", "tests/telemetry", "tests/oidc", "tests/provenance", "bench/lighthouse", "web"])
def test_a_lock_names_every_package_with_its_hash(place):
    """`npm ci` refuses a lock that leaves packages out, be they of other platforms."""
    packages = json.loads((ROOT / place / "package-lock.json").read_text())["packages"]
    wanted = json.loads((ROOT / place / "package.json").read_text())["dependencies"]
    assert packages[""]["dependencies"] == wanted
    assert not any(version.startswith(("^", "~")) for version in wanted.values())
    for path, package in packages.items():
        if path and not package.get("inBundle"):  # that one comes inside another
            assert package["integrity"].startswith("sha512-"), path
            assert "resolved" not in package, f"{path} names a registry"
        optional_peers = {name for name, about in package.get("peerDependenciesMeta", {}).items() if about.get("optional")}
        for kind in ("dependencies", "optionalDependencies", "peerDependencies"):
            for name in package.get(kind, {}):
                assert found_from(path, name, packages) or name in optional_peers, f"{path or 'the project'} needs {name}"


def test_set_up_installs_what_the_locks_say_and_nothing_newer():
    text = (ROOT / "tools" / "setup.sh").read_text()
    renew = re.search(r'^if \[ "\$want" = renew \].*?^fi$', text, re.DOTALL | re.MULTILINE).group()
    rest = text.replace(renew, "")
    assert re.findall(r"npm (ci|install|i|add|update)\b --prefix", rest) == ["ci", "ci"]


def test_set_up_says_what_it_says_without_colours_where_no_terminal_is(tmp_path):
    """A copy of the script alone: it ends, in its own words, where the sources should be."""
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "setup.sh"
    script.write_bytes((ROOT / "tools" / "setup.sh").read_bytes())
    env = os.environ | {"KILN_TOOLS_DIR": str(tmp_path / "found")}
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\nexit 1\n")
    npm.chmod(0o755)
    done = subprocess.run(["bash", script, "renew"], env=env | {"PATH": f"{npm.parent}:{os.environ['PATH']}"},
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "[set-up] npm could not fetch" in done.stderr, done.stderr
    assert "\x1b" not in done.stderr + done.stdout


def test_the_table_of_wranglers_names_the_releases_that_are_driven():
    """They are run by `make test-wranglers` alone, so that a release which was changed without it shows here."""
    driven = [version.rpartition("@")[2] for version in json.loads(
        (ROOT / "tests/old_wranglers/package.json").read_text())["dependencies"].values()]
    for place in ("tests/clients", "tools/toolchain"):
        dependencies = json.loads((ROOT / place / "package.json").read_text())["dependencies"]
        driven += [version.rpartition("@")[2] for name, version in dependencies.items() if name.startswith("wrangler")]
    rows = compatibility.rows_of("wranglers")
    assert sorted(row[0].removeprefix("wrangler ") for row in rows) == sorted(driven), "run `make test-wranglers`"
    assert all("fails" not in cell and "not reached" not in cell for row in rows for cell in row)


LOCKS = ["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"]


@pytest.mark.parametrize("folder", sorted(folder.name for folder in PROJECTS.iterdir()))
def test_a_project_of_a_framework_pins_what_it_brings(folder):
    packages = [json.loads(file.read_text()) for file in (PROJECTS / folder).rglob("package.json")]
    wanted = {name: version for package in packages for kind in ("dependencies", "devDependencies")
              for name, version in package.get(kind, {}).items() if not version.startswith("workspace:")}
    assert all(re.fullmatch(r"[0-9]+(\.[0-9]+){2}", version) for version in wanted.values()), wanted
    locks = [file for name in LOCKS for file in (PROJECTS / folder).rglob(name)]
    assert bool(locks) == bool(wanted)
    for lock in locks:
        assert not re.search(r'registry\.|"resolved"|tarball|\.tgz', lock.read_text()), f"{lock} names a registry"


def test_the_table_of_frameworks_names_the_versions_that_are_pinned():
    """It is written by `make test-projects` alone."""
    rows = compatibility.rows_of("frameworks")
    assert rows == [one.row({"": "works"} | dict.fromkeys(one.answers, "works")) for one in ALL], "run `make test-projects`"
