"""A source host in trouble, and a Kiln that goes on: whatever becomes of a call, each build is shown once and as it is in the end, and the
reports of other hosts wait for none of it. Builds stay in the queue, since no runner is there: a push makes a report, cancelling another."""
import json
import time

import pytest

from harness.githost import GitHost
from harness.waiting import until
from test_forge_reports import Place

NO_RUNNER = "[runner]\nembedded = false\n[builds]\nsupersede_queued = false\n"
CREATE = {"method": "POST", "path": "/check-runs$"}


@pytest.fixture
def server(fresh_kiln):
    return fresh_kiln(NO_RUNNER)


@pytest.fixture
def place(server, forge, tmp_path, name):
    """Repositories, each at a GitHub of its own, which knows it by the same id: place(), place("other")."""
    hosts = []

    def make(more=""):
        folder = tmp_path / f"host{more}" / "acme"
        folder.mkdir(parents=True)
        hosts.append(GitHost(folder.parent))
        hosts[-1].folder = folder
        return Place(server, forge("github"), hosts[-1], name + more, app_secret=f"secret {more}", deploy_command="true")

    yield make
    for one in hosts:
        one.stop()


def pushed(shop, branch="main"):
    """A build that waits, of a new commit."""
    shop.commit({"a": str(time.monotonic_ns())}, branch=branch)
    (sent,) = shop.github.push(shop.path, branch=branch, deliver={"unchecked": True})["deliveries"]
    assert sent["ok"], sent["answer"]
    (build,) = json.loads(sent["answer"]["body"])["result"]["builds"]
    return build["build_uuid"]


def cancelled(shop, build):
    shop.kiln.cli("cancel", build)
    return shop.until_run(build, status="completed", conclusion="cancelled")


def creations(shop, build=None):
    return [call for call in shop.github.calls("POST", "/check-runs") if build in (None, call["body"]["external_id"])]


def shown_once(shop, builds):
    """Each build has one check run that never went back, and no other has one."""
    runs = shop.runs()
    assert sorted(run["external_id"] for run in runs) == sorted(builds)
    assert not any(step["went_back"] for run in runs for step in run["history"])
    return {run["external_id"]: run for run in runs}


# What becomes of the first call, and after how many ms at least the next one may come.
FAULTS = {
    "500": ({"status": 500}, 900),
    "502 that is no JSON": ({"status": 502, "body": "<html>Bad gateway</html>"}, 900),
    "500 after it was done": ({"status": 500, "when": "after"}, 900),
    "403 with Retry-After": ({"status": 403, "headers": {"Retry-After": "2"}}, 1900),
    "429 with Retry-After": ({"status": 429, "headers": {"Retry-After": "2"}}, 1900),
    "cut in the middle": ({"drop": True}, 900),
    "cut in the middle after it was done": ({"drop": True, "when": "after"}, 900),
    "closed without a byte": ({"refuse": True}, 900),
    "closed without a byte after it was done": ({"refuse": True, "when": "after"}, 900),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_call_that_fails_is_made_again_in_time_and_the_build_is_shown_once(place, fault):
    about, pause_ms = FAULTS[fault]
    shop = place()
    shop.github.fault(**CREATE, **about)
    build = pushed(shop)
    calls = until(lambda: (made := shop.github.calls(path="/check-runs"))[1:] and made, "a second call")
    run = shop.until_run(build, status="queued")
    assert calls[0]["fault"] and calls[1]["at_ms"] - calls[0]["at_ms"] >= pause_ms, "the host was not left alone for long enough"
    assert cancelled(shop, build)["id"] == run["id"]
    if about.get("when") == "after":
        assert len(creations(shop)) == 1, "it was made, and found again"
    shown_once(shop, [build])
    until(lambda: shop.kiln.get("/forge_reports").result == [], "nothing to be left untold")


def test_a_limit_by_its_reset_time_is_kept(place):
    shop = place()
    build = pushed(shop)
    shop.until_run(build, status="queued")
    reset = int(time.time()) + 3
    shop.github.fault(method="PATCH", path="/check-runs/", status=429, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)})
    cancelled(shop, build)
    limited, then = [call for call in shop.github.calls("PATCH", "/check-runs/")]
    assert limited["status"] == 429 and then["at_ms"] >= (reset - 1) * 1000, "asked again before the host's own time"


def test_a_bare_403_is_not_hammered_stands_in_the_list_and_holds_up_nothing(place):
    shop = place()
    shop.github.fault(**CREATE, status=403, body={"message": "Resource not accessible by integration"})
    refused = pushed(shop)
    (kept,) = until(lambda: shop.kiln.get("/forge_reports").result, "the refusal to be kept")
    assert kept["build_uuid"] == refused and "answered 403" in kept["error"] and "Resource not accessible by integration" in kept["error"]
    # What comes behind it at the same host is told meanwhile.
    others = [pushed(shop, f"topic-{number}") for number in range(3)]
    for build in others:
        shop.until_run(build, status="queued")
    assert len(creations(shop, refused)) == 1, "a matter of rights is not asked again at once"
    assert "Resource not accessible by integration" in shop.kiln.cli("forge", "reports").stdout.replace("\n", " ")
    (row,) = [row for row in json.loads(shop.kiln.cli("doctor", "--json", check=False).stdout)["rows"] if row["name"] == "reports to hosts"]
    assert "1 given up: kiln forge reports" in row["found"], row
    cancelled(shop, refused)  # it moved: told again, and taken now
    shown_once(shop, [refused, *others])


def test_a_host_that_hangs_delays_no_other_host_and_loses_and_doubles_nothing(place):
    shop, other = place(), place("other")
    before = pushed(shop, "before")
    shop.until_run(before, status="queued")
    shop.github.fault(**CREATE, hang=True, when="after")
    first = pushed(shop)
    until(lambda: shop.github.state()["hanging"] == 1, "a call that gets no answer")
    waiting = [first, pushed(shop, "topic")]
    meanwhile = [pushed(other, f"topic-{number}") for number in range(5)]
    for build in meanwhile:
        other.until_run(build, status="queued")
    assert shop.github.state()["hanging"] == 1, "the others were told while that call hung"
    assert len(creations(shop)) == 2, "one call a host at a time"
    shop.github.clear_faults()  # the connection ends without an answer
    for build in waiting:
        shop.until_run(build, status="queued")
        cancelled(shop, build)
    shown_once(shop, [before, *waiting])
    shown_once(other, meanwhile)


def test_what_was_made_over_a_connection_that_then_ended_is_not_made_again(place):
    shop, _ = place(), place("other")  # a forge that is set up makes Kiln ask for tokens anew: the report does, and goes the same way
    shop.github.fault(**CREATE, refuse=True, when="after")
    build = pushed(shop)
    cancelled(shop, build)
    shown_once(shop, [build])


def test_a_call_that_is_never_answered_is_given_up_and_made_good(place):
    shop = place()
    build = pushed(shop)
    shop.until_run(build, status="queued")
    shop.github.fault(method="PATCH", path="/check-runs/", hang=True)
    cancelled(shop, build)  # though nobody ends the connection but Kiln
    hung, then = shop.github.calls("PATCH", "/check-runs/")
    assert hung["fault"] and then["status"] == 200
    shown_once(shop, [build])


def test_a_host_that_is_down_and_back_is_told_everything_once_and_only_the_state_of_now(place):
    shop, other = place(), place("other")
    shop.github.fault(refuse=True, times=100_000)  # of its whole API, tokens too
    builds = [pushed(shop, f"topic-{number}") for number in range(6)]
    for build in builds[:3]:
        shop.kiln.cli("cancel", build)
    until(lambda: shop.kiln.get("/forge_reports").result, "a report that failed")
    meanwhile = pushed(other)
    other.until_run(meanwhile, status="queued")
    assert shop.runs() == []
    shop.kiln.kill9()  # what waits is on the disk
    shop.kiln.start()
    shop.github.clear_faults()
    for build in builds:
        shop.until_run(build, status="completed" if build in builds[:3] else "queued")
    runs = shown_once(shop, builds)
    assert [len(runs[build]["history"]) for build in builds[:3]] == [1] * 3, "what came meanwhile was told once"
    until(lambda: shop.kiln.get("/forge_reports").result == [], "nothing to be left untold")
    shown_once(other, [meanwhile])
