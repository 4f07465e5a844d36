"""Secrets, of the Worker and of its next version, with each wrangler."""
import json

import pytest

from harness.wrangler import WRANGLERS, Wrangler

pytestmark = pytest.mark.parametrize("release", WRANGLERS)


@pytest.fixture
def wrangler(kiln, tmp_path, name, release):
    return Wrangler(kiln, tmp_path, name, release)


def test_secret_put_makes_a_worker_that_does_not_exist(wrangler):
    wrangler.run("secret", "put", "A", stdin="hush")
    assert wrangler.secrets() == ["A"]
    assert '"A"' in wrangler.run("secret", "list").text
    wrangler.run("secret", "delete", "A")
    assert wrangler.secrets() == [] and "A" in wrangler.run("secret", "delete", "A", fails=True).text


def test_secret_bulk_sets_many_at_once_and_keeps_everything_else(wrangler):
    wrangler.put(bindings=[{"name": "V", "type": "plain_text", "text": "v"}, {"name": "M", "type": "version_metadata"}])
    wrangler.secret("OLD")
    wrangler.write(**{"secrets.json": json.dumps({"A": "1", "B": "2"})})
    wrangler.run("secret", "bulk", "secrets.json")
    assert wrangler.secrets() == ["A", "B", "OLD"]
    assert wrangler.bindings()["V"] == {"name": "V", "type": "plain_text", "text": "v"} and "M" in wrangler.bindings()
    assert wrangler.deployments()[0] == {wrangler.versions()[0]: 100}


def test_secret_bulk_reaches_a_worker_that_has_no_version_yet(wrangler, kiln):
    kiln.call("POST", wrangler.worker.rpartition("/")[0], {"name": wrangler.name}).result
    wrangler.write(**{"secrets.json": json.dumps({"A": "1"})})
    wrangler.run("secret", "bulk", "secrets.json")
    assert wrangler.secrets() == ["A"]


def test_versions_secret_makes_a_version_that_is_not_deployed(wrangler):
    wrangler.put(bindings=[{"name": "V", "type": "plain_text", "text": "v"}])
    wrangler.secret("OLD")
    live = wrangler.deployments()[0]
    wrangler.run("versions", "secret", "put", "A", "--message", "for later", stdin="hush")
    assert sorted(wrangler.bindings()) == ["A", "OLD", "V"] and wrangler.deployments()[0] == live
    wrangler.write(**{"secrets.json": json.dumps({"B": "2"})})
    wrangler.run("versions", "secret", "bulk", "secrets.json")
    wrangler.run("versions", "secret", "delete", "A", stdin="y\n")
    assert sorted(wrangler.bindings()) == ["B", "OLD", "V"] and wrangler.deployments()[0] == live
    assert "export default" in wrangler.kiln.get(wrangler.scripts + "/content/v2").raw.decode()
    text = wrangler.run("secret", "put", "C", fails=True, stdin="x").text
    assert "latest version of your Worker isn't currently deployed" in text
