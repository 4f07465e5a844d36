"""Versions, the deployments that route to them, and rollback, with each wrangler."""
import pytest

from harness.wrangler import WRANGLERS, Wrangler

pytestmark = pytest.mark.parametrize("release", WRANGLERS)


@pytest.fixture
def wrangler(kiln, tmp_path, name, release):
    return Wrangler(kiln, tmp_path, name, release)


def test_an_uploaded_version_is_kept_listed_and_not_deployed(wrangler):
    live = wrangler.put()
    alias = [] if wrangler.is_old else ["--preview-alias", "feature-x"]
    fresh = wrangler.entry("version-upload", "versions", "upload", "--message", "why", "--tag", "v2", *alias)
    assert wrangler.versions() == [fresh.version_id, live] and wrangler.deployments() == [{live: 100}]
    assert f"{fresh.version_id[:8]}-{wrangler.name}" in fresh.preview_url
    annotations = wrangler.get(f"/versions/{fresh.version_id}")["annotations"]
    assert annotations["workers/message"] == "why" and annotations["workers/tag"] == "v2"
    if alias:
        assert wrangler.aliases() == {"feature-x": fresh.version_id}
        assert f"feature-x-{wrangler.name}" in fresh.preview_alias_url
    listed = wrangler.run("versions", "list").text
    assert fresh.version_id in listed and live in listed and "why" in listed
    assert "2025-05-01" in wrangler.run("versions", "view", fresh.version_id).text


def test_traffic_is_split_by_percentage_and_listed(wrangler):
    old, new = wrangler.put("one"), wrangler.put("two", deploy=False)
    made = wrangler.entry("version-deploy", "versions", "deploy", f"{new}@10", f"{old}@90", "-y", "--message", "canary")
    deployment = wrangler.get("/deployments")["deployments"][0]
    assert made.deployment_id == deployment["id"] and wrangler.deployments()[0] == {new: 10, old: 90}
    assert deployment["annotations"]["workers/message"] == "canary"
    for words in (["deployments", "status"], ["deployments", "list"]):
        text = wrangler.run(*words).text
        assert "(10%)" in text and "(90%)" in text and new in text and old in text


def test_rollback_goes_to_the_last_stable_version(wrangler):
    first, second = wrangler.put("one"), wrangler.put("two")
    assert "deployed to 100% of traffic" in wrangler.run("rollback", "-y", "--message", "oh no").text
    assert wrangler.deployments() == [{first: 100}, {second: 100}, {first: 100}]
    annotations = wrangler.get("/deployments")["deployments"][0]["annotations"]
    assert annotations == {"workers/message": "oh no", "workers/triggered_by": "rollback"}


def test_a_rollback_that_brings_other_secrets_back_says_which(wrangler, kiln):
    first = wrangler.put("one")
    wrangler.secret("API_KEY")
    wrangler.secret("OTHER")
    target = {"strategy": "percentage", "versions": [{"version_id": first, "percentage": 100}]}
    refused = kiln.call("POST", wrangler.scripts + "/deployments", target)
    assert refused.error[:2] == (400, 10220) and refused.error[2].endswith("have changed: API_KEY, OTHER")
    text = wrangler.run("rollback", first, "-y").text
    assert "* API_KEY" in text and "* OTHER" in text
    assert wrangler.deployments()[0] == {first: 100}
