"""What is live, request by request: shares of a gradual deployment, deployments under load, deaths in the middle of an
upload, and Workers that call each other."""
import http.client
import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harness.server import KILN
from harness.waiting import Watching, until
from harness.wrangler import Wrangler
from test_serving import fetch, url_of


class Client:
    """A kept connection to one Worker."""

    def __init__(self, kiln, worker):
        there = urlsplit(url_of(kiln, worker))
        self.host, self.connection = there.netloc, http.client.HTTPConnection("127.0.0.1", there.port, timeout=30)

    def get(self, path="/"):
        """(status, version, body)"""
        self.connection.request("GET", path, headers={"Host": self.host})
        answer = self.connection.getresponse()
        return answer.status, answer.headers["x-kiln-version"], answer.read().decode()


@pytest.fixture
def wrangler(kiln, tmp_path, name):
    return Wrangler(kiln, tmp_path, name)


def test_a_gradual_deployment_serves_each_version_its_share(wrangler, kiln, name):
    old, new = wrangler.put("one"), wrangler.put("two", deploy=False)
    wrangler.entry("version-deploy", "versions", "deploy", f"{new}@20", f"{old}@80", "-y")
    client = Client(kiln, name)
    seen = Counter(client.get()[1:] for _ in range(2000))
    assert set(seen) == {(old, "one"), (new, "two")}
    assert 400 - 90 <= seen[new, "two"] <= 400 + 90, seen  # five standard deviations
    wrangler.run("rollback", old, "-y")
    assert {client.get()[1:] for _ in range(200)} == {(old, "one")}


def test_secrets_aliases_and_assets_answer_after_each_command(wrangler, kiln, name):
    wrangler.configure(assets={"directory": "public", "binding": "ASSETS"})
    wrangler.write(**{"index.js": 'export default { fetch(r, env) { return new Response("secret=" + env.S); } };\n',
                      "public/page.txt": "an asset", "public/_headers": "/*\n  X-A: 1\n", "public/_redirects": "/old /page.txt 302\n"})
    wrangler.run("deploy")
    live = url_of(kiln, name)
    assert fetch(kiln, live)[2] == "secret=undefined"
    status, headers, body = fetch(kiln, live + "page.txt")
    assert (status, body, headers["x-a"]) == (200, "an asset", "1")
    assert fetch(kiln, live + "old")[1]["location"] == "/page.txt"
    wrangler.run("secret", "put", "S", stdin="hush")
    assert fetch(kiln, live)[2] == "secret=hush"
    wrangler.write(**{"public/page.txt": "another"})
    fresh = wrangler.entry("version-upload", "versions", "upload", "--preview-alias", "soon")
    assert fetch(kiln, url_of(kiln, f"soon-{name}") + "page.txt")[2] == "another"
    assert fetch(kiln, url_of(kiln, f"soon-{name}"))[1]["x-kiln-version"] == fresh.version_id
    assert fetch(kiln, live + "page.txt")[2] == "an asset"
    wrangler.run("versions", "deploy", f"{fresh.version_id}@100", "-y")
    assert fetch(kiln, live + "page.txt")[2] == "another" and fetch(kiln, live)[2] == "secret=hush"
    wrangler.run("secret", "delete", "S")
    assert fetch(kiln, live)[2] == "secret=undefined"


def test_ten_deployments_under_load_fail_no_request(wrangler, kiln, name):
    spans = {wrangler.put("v0"): [0, None]}  # version → when it may first and last have answered
    answers, stop, failures = [], threading.Event(), []

    def load():
        client = Client(kiln, name)
        try:
            while not stop.is_set():
                begin = time.monotonic()
                status, version, _ = client.get()
                answers.append((begin, time.monotonic(), status, version))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    last = next(iter(spans))
    try:
        for number in range(1, 11):
            began = time.monotonic()
            fresh = wrangler.put(f"v{number}")
            spans[fresh], spans[last][1], last = [began, None], time.monotonic(), fresh
            seen = len(answers)
            until(lambda: len(answers) > seen + 20, "requests after a deployment", 20)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures and {status for _, _, status, _ in answers} == {200}
    for begin, end, _, version in answers:
        first, gone = spans[version]
        assert end >= first and (gone is None or begin <= gone), "a version answered when it was not deployed"
    assert {version for *_, version in answers} == set(spans)


def workerds(kiln):
    """Processes of workerd below that server."""
    found, frontier = [], [kiln.process.pid]
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = stat.read_text().partition(" (")
        except OSError:
            continue
        command, _, fields = rest.rpartition(") ")
        parents.setdefault(int(fields.split()[1]), []).append((int(pid), command))
    while frontier:
        for pid, command in parents.get(frontier.pop(), []):
            frontier.append(pid)
            if command == "workerd":
                found.append(pid)
    return found


def test_a_killed_process_is_started_again_and_a_killed_upload_leaves_nothing(fresh_kiln, tmp_path):
    kiln = fresh_kiln()
    wrangler = Wrangler(kiln, tmp_path, "steady")
    live = wrangler.put("one")
    assert fetch(kiln, url_of(kiln, "steady"))[2] == "one"
    for pid in workerds(kiln):
        os.kill(pid, signal.SIGKILL)
    until(lambda: fetch(kiln, url_of(kiln, "steady"))[::2] == (200, "one"), "the Worker to answer again", 20)
    # Uploads one after another, and the server dies in the middle of one.
    accepted, stop = [live], threading.Event()

    def upload():
        number = 0
        while not stop.is_set():
            number += 1
            try:
                accepted.append(wrangler.put(f"v{number}" + "x" * 200_000, deploy=number % 2 == 0))
            except Exception:
                return

    thread = threading.Thread(target=upload)
    thread.start()
    until(lambda: len(accepted) > 3, "some uploads", 30)
    until(lambda: workerds(kiln), "a version to be tried", 10)
    for pid in workerds(kiln):
        os.kill(pid, signal.SIGKILL)
    kiln.kill9()
    stop.set()
    thread.join(60)
    kiln.start()
    versions = wrangler.versions()
    assert set(accepted) <= set(versions) and len(set(versions) - set(accepted)) <= 1
    deployed = [id for deployment in wrangler.deployments() for id in deployment]
    assert set(deployed) <= set(versions)
    for version in versions[:3] + [live]:
        status, headers, body = fetch(kiln, url_of(kiln, f"{version[:8]}-steady"))
        assert (status, headers["x-kiln-version"]) == (200, version) and body
    assert fetch(kiln, url_of(kiln, "steady"))[1]["x-kiln-version"] == deployed[0]


CALLER = 'export default { async fetch(request, env) { const a = await env.NEXT.fetch(%s); return new Response("via " + await a.text(), { status: a.status }); } };\n'


def test_a_worker_calls_another_and_sees_its_new_version(kiln, tmp_path, name):
    callee = Wrangler(kiln, tmp_path, name + "-callee")
    callee.put("one")
    caller = Wrangler(kiln, tmp_path, name)
    caller.write(**{"index.js": CALLER % "request"})
    caller.configure(services=[{"binding": "NEXT", "service": callee.name}])
    caller.run("deploy")
    assert fetch(kiln, url_of(kiln, name))[2] == "via one"
    callee.put("two")
    assert fetch(kiln, url_of(kiln, name))[2] == "via two"


@pytest.mark.parametrize("how", ["request", '"http://next/"'], ids=["forwarding", "anew"])
def test_workers_that_call_each_other_in_a_circle_end(kiln, tmp_path, name, how):
    """Neither by hop count nor by the number of open calls may they go on for ever, and others answer afterwards."""
    one, other = (Wrangler(kiln, tmp_path, name + end) for end in ("-a", "-b"))
    one.put("one")
    other.put("two")
    for from_, to in ((one, other), (other, one)):
        from_.write(**{"index.js": CALLER % how})
        from_.configure(services=[{"binding": "NEXT", "service": to.name}])
        from_.run("deploy")
    status, _, body = fetch(kiln, url_of(kiln, one.name), Accept="text/plain")
    assert status == 503 and "in a circle" in body and body.startswith("via via")
    hops = body.count("via ")
    assert hops == 17 if how == "request" else hops > 17, hops
    bystander = Wrangler(kiln, tmp_path, name)
    bystander.put("fine")
    assert fetch(kiln, url_of(kiln, name))[2] == "fine"


def test_the_time_of_the_trial_start_stays_with_the_version(wrangler, kiln, name):
    deployed = wrangler.entry("deploy", "deploy")
    assert "Worker Startup Time:" in deployed.text
    version = wrangler.get(f"/versions/{deployed.version_id}")
    assert version["startup_time_ms"] > 0
    assert f"Worker Startup Time: {version['startup_time_ms']} ms" in deployed.text


def test_a_worker_that_never_lets_go_is_ended_and_says_so(fresh_kiln, tmp_path):
    kiln = fresh_kiln("[workers]\nhang_seconds = 1\n")
    wrangler = Wrangler(kiln, tmp_path, "spins")
    wrangler.write(**{"index.js": 'export default { fetch(r) { if (r.url.endsWith("/spin")) for (;;); return new Response("fine"); } };\n'})
    wrangler.run("deploy")
    live = url_of(kiln, "spins")
    tail = Watching([KILN, "tail", "spins", "--json", "--data-dir", kiln.data], tmp_path / "tail", "Watching")
    try:
        assert fetch(kiln, live)[2] == "fine"
        assert fetch(kiln, live + "spin")[0] >= 500
        tail.wait("did not let go of its process for 1000 ms")
        until(lambda: fetch(kiln, live)[::2] == (200, "fine"), "the Worker to answer again", 20)
    finally:
        tail.stop()
    assert "did not let go of its process" in kiln.log()
