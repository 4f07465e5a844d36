"""Which version of a Worker answers, from the command line: versions, deployments, rollback, promote, secrets, where it is."""
import json
import os

import pytest

from harness.terminal import refused, typed, wide
from test_openapi_answers import Scripts, multipart
from test_serving import fetch, url_of
from test_wrangler import connect


class Shop(Scripts):
    """A Worker with versions of its own making, none by a build."""

    def put(self, text, path="", **metadata):
        about = {"main_module": "index.js", "compatibility_date": "2026-11-01"} | metadata
        code = f'export default {{ fetch(_, env) {{ return new Response("{text}" + (env.KEY ?? "")); }} }};'
        body, headers = multipart(("metadata", "application/json", json.dumps(about).encode()),
                                  ("index.js", "application/javascript+module", code.encode()))
        return self.call("POST" if path else "PUT", self.at(path), body, headers)

    def version(self, text, **metadata):
        return self.put(text, "/versions", **metadata)["id"]

    def says(self):
        return fetch(self.kiln, url_of(self.kiln, self.name))[2]


@pytest.fixture
def shop(kiln, name):
    made = Shop(kiln, name)
    made.put("one")
    return made


def test_versions_are_promoted_and_rolled_back_by_short_ids(kiln, shop):
    two = shop.version("two", annotations={"workers/message": "The second"})
    lines = wide(kiln, "versions", shop.name)
    assert lines[0].split()[:3] == ["VERSION", "NUMBER", "LIVE"] and len(lines) == 3
    assert "The second" in lines[1] and " - " in lines[1] and "100 %" in lines[2]
    assert two in "\n".join(wide(kiln, "versions", shop.name, columns=160)), "whole where there is room"
    assert shop.says() == "one"
    done = kiln.cli("promote", two[:8], "--message", "try it").stdout
    assert done.startswith(f"{shop.name} answers with {two[:8]} (before: ")
    assert shop.says() == "two"
    deployed = wide(kiln, "deployments", shop.name)
    assert two[:8] in deployed[1] and "try it" in deployed[1] and len(deployed) == 3
    kiln.cli("rollback", shop.name)
    assert shop.says() == "one"
    assert json.loads(kiln.cli("rollback", shop.name, two[:8], "--json").stdout)["versions"] == [{"version_id": two, "percentage": 100}]
    assert shop.says() == "two"


def test_a_version_is_given_a_share_of_the_requests(kiln, shop):
    two = shop.version("two")
    kiln.cli("promote", two[:10], "--percentage", "10")
    (live,) = [one["live"] for one in kiln.cli_json("workers") if one["worker_name"] == shop.name]
    assert sorted(one["percentage"] for one in live) == [10, 90]
    assert "90 %" in "\n".join(wide(kiln, "workers", columns=120))
    assert "10 % of requests" in kiln.cli("which", shop.name).stdout
    three = shop.version("three")
    assert "two other versions" in refused(kiln, "promote", three, "--percentage", "5")
    kiln.cli("promote", two)
    assert shop.says() == "two"


def test_rolling_back_the_first_version_says_what_there_is(kiln, shop):
    assert f"kiln versions {shop.name}" in refused(kiln, "rollback", shop.name)
    assert "there is no version ffffffff here" in refused(kiln, "promote", "ffffffff")
    assert "did you mean" in refused(kiln, "rollback", shop.name + "x")


def test_a_workers_secrets_come_from_the_input(kiln, shop, tmp_path):
    typed(kiln, "-s3cret\n", "secret", "set", shop.name, "KEY")
    assert shop.says() == "one-s3cret"
    assert kiln.cli("secret", "list", shop.name).stdout == "KEY\n"
    file = tmp_path / "key"
    file.write_text("-other")
    kiln.cli("secret", "set", shop.name, "KEY", "--file", file)
    assert shop.says() == "one-other"
    kiln.cli("secret", "delete", shop.name, "KEY")
    assert shop.says() == "one"
    assert "there is no secret KEY here" in refused(kiln, "secret", "delete", shop.name, "KEY")
    assert "has no value" in typed(kiln, "", "secret", "set", shop.name, "KEY", check=False).stderr


def test_a_built_worker_is_told_by_its_commit(kiln, worker_repo, name):
    connect(kiln, worker_repo, name)
    (uuid,) = worker_repo.push()
    build = kiln.wait(uuid)
    (version,) = build["version_ids"]
    commit = worker_repo.head()[:8]
    assert commit in wide(kiln, "versions", name)[1] and "main" in wide(kiln, "versions", name)[1]
    (line,) = [line for line in wide(kiln, "workers", columns=120) if line.startswith(name + " ")]
    assert "success" in line and f"{commit} of main" in line and "http://" in line
    for asked in (version, version[:8], name):
        shown = kiln.cli("which", asked).stdout
        assert uuid in shown and commit in shown, asked
    assert kiln.cli("open", name, "--print").stdout.strip() == url_of(kiln, name).rstrip("/")
    assert kiln.cli("open", uuid[:8], "--print").stdout.strip() == f"{kiln.url}/builds/{uuid}"


def test_open_uses_the_machines_browser(kiln, shop, tmp_path):
    browser = tmp_path / "xdg-open"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    kiln.cli("open", shop.name, env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert (tmp_path / "opened").read_text().strip() == url_of(kiln, shop.name).rstrip("/")
    done = kiln.cli("open", shop.name, env=os.environ | {"PATH": "/nowhere"}, check=False)
    assert done.returncode == 1 and "open the printed address yourself" in done.stderr
