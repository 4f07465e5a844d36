"""GitHub's button "Re-run all checks", from the click to the checks: every Worker of the commit is built again, and nothing else is."""
import pytest

from harness.waiting import until
from test_forge_reports import Place


@pytest.fixture
def shop(kiln, forge, host, name):
    """A repository that two Workers are built from: the build of one fails at first."""
    made = Place(kiln, forge("github"), host, name, build_command="test -e /nonexistent", deploy_command="true", no_previews=True)
    kiln.connect(made.url, f"{name}-docs", build_command="true", deploy_command="true", no_previews=True)
    made.names = [name, f"{name}-docs"]
    yield made
    kiln.call("DELETE", f"/forges/{made.forge['forge_uuid']}")


def builds_of_all(shop):
    return {name: [build["build_uuid"] for build in shop.kiln.builds_of(name)] for name in shop.names}  # newest first


def latest(shop):
    """The newest check run of each Worker, as GitHub shows them beside the commit."""
    return {run["name"].removeprefix("Workers Builds: "): run for run in sorted(shop.runs(), key=lambda run: run["id"])}


def until_over(shop, builds):
    for uuid in builds:
        shop.until_run(uuid, status="completed")


def test_rerun_all_builds_every_worker_of_the_commit_again_and_shows_it(kiln, shop):
    first, other = shop.names
    commit = shop.commit()
    (sent,) = shop.github.push(shop.path)["deliveries"]
    assert sent["ok"], sent["answer"]
    before = builds_of_all(shop)
    assert [len(builds) for builds in before.values()] == [1, 1]
    until_over(shop, [builds[0] for builds in before.values()])
    assert {name: run["conclusion"] for name, run in latest(shop).items()} == {first: "failure", other: "success"}
    trigger = shop.connected["triggers"][0]["trigger_uuid"]
    kiln.call("PATCH", f"/triggers/{trigger}", {"build_command": "true"}).result  # what was wrong is put right
    # A suite that GitHub makes at every push asks for nothing.
    (asked,) = shop.github.send("check_suite", repo=shop.path, sha=commit, action="requested")["deliveries"]
    assert asked["ok"] and builds_of_all(shop) == before
    (clicked,) = shop.github.send("check_suite", repo=shop.path, sha=commit)["deliveries"]
    assert clicked["ok"], clicked["answer"]
    again = shop.github.redeliver(guid=clicked["guid"])
    assert again["ok"], again["answer"]
    after = builds_of_all(shop)
    assert {name: builds[1:] for name, builds in after.items()} == before, "each once, however often the click is delivered"
    until_over(shop, [builds[0] for builds in after.values()])
    for name in shop.names:
        run = latest(shop)[name]
        assert (run["conclusion"], run["external_id"], run["head_sha"]) == ("success", after[name][0], commit)
        build = kiln.build(after[name][0])
        assert build["build_trigger_metadata"]["commit_hash"] == commit and build["build_outcome"] == "success"
    assert len(shop.runs()) == 4 and not any(step["went_back"] for run in shop.runs() for step in run["history"])


def test_rerun_all_of_a_commit_that_kiln_never_built_is_answered_and_builds_nothing(kiln, shop):
    commit = shop.commit()
    (sent,) = shop.github.send("check_suite", repo=shop.path, sha=commit)["deliveries"]
    assert sent["ok"], sent["answer"]
    assert builds_of_all(shop) == {name: [] for name in shop.names} and shop.runs() == []
    (kept,) = until(lambda: kiln.get(f"/deliveries?provider_delivery_id={sent['guid']}").result, "the delivery to be kept")
    assert kept["event"].startswith("check_suite")
