"""How long it takes from a push's POST to the arrival of the queued check run at the host (goal: within 1 s).

The host is the tests' fake GitHub on loopback, with an App, whose clock says when a check run was made; each delivery is a signed push of a
new branch. The runner is off, so that what is told is the queue. First each push once the one before is shown, then all at once."""
import hashlib
import sys
import tempfile
import threading
import time
from pathlib import Path

from harness.forges import Forge
from harness.server import Kiln
from harness.waiting import until
from test_github import ZERO, Hook, push_event

PUSHES = int(sys.argv[1]) if len(sys.argv) > 1 else 50
CALLERS = 10
GOAL_MS = 1000


class Shop:
    """A repository at that GitHub, and Kiln told of it. The branch n<N> has the commit commits[N]."""

    def __init__(self, kiln, github):
        self.kiln, self.github = kiln, github
        self.commits = [hashlib.sha1(str(number).encode()).hexdigest() for number in range(2 * PUSHES)]
        github.seed(app={}, repos=[{"path": "acme/shop", "branches": {f"n{number}": commit for number, commit in enumerate(self.commits)}}],
                    installations=[{"repositories": ["acme/shop"]}])
        app = github.state()["app"]
        kiln.call("POST", "/forges", {"provider": "github", "web_url": github.url, "api_url": github.api_url, "app_id": str(app["id"]), "private_key": app["private_key"]}).result
        self.url = f"{github.url}/acme/shop.git"
        self.hook = Hook(kiln, kiln.connect(self.url, "shop", branch="main")["hook"]["secret"])
        self.posted = {}  # commit → wall clock, ms

    def push(self, number):
        commit = self.commits[number]
        event = push_event("shop", self.url, ZERO, commit, f"refs/heads/n{number}")
        self.posted[commit] = time.time() * 1000
        answer = self.hook.send(event)
        assert answer.status == 200 and len(answer.json["result"]["builds"]) == 1, answer.raw

    def shown(self):
        """Commit → when its check run was made as queued."""
        return {call["body"]["head_sha"]: call["at_ms"] for call in self.github.calls("POST", "/check-runs")
                if call["status"] == 201 and call["body"]["status"] == "queued"}

    def delays(self, numbers):
        commits = {self.commits[number] for number in numbers}
        shown = until(lambda: (found := self.shown()).keys() >= commits and found, "every push to be shown", 120)
        assert len(self.github.state()["check_runs"]) == len(shown), "a build was shown twice"
        return sorted(shown[commit] - self.posted[commit] for commit in commits)


def one_after_another(shop, numbers):
    for number in numbers:
        shop.push(number)
        until(lambda: shop.commits[number] in shop.shown(), "the push to be shown")
    return shop.delays(numbers)


def all_at_once(shop, numbers):
    def call(mine):
        for number in mine:
            shop.push(number)
    callers = [threading.Thread(target=call, args=(numbers[place::CALLERS],)) for place in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return shop.delays(numbers)


def say(what, delays):
    p95 = delays[int(len(delays) * 0.95)]
    print(f"{what:26} {len(delays):4} pushes   p50 {delays[len(delays) // 2]:6.0f} ms   p95 {p95:6.0f} ms   longest {delays[-1]:6.0f} ms   (goal: {GOAL_MS} ms)")


def main():
    with tempfile.TemporaryDirectory(dir=".") as temporary:
        folder = Path(temporary)
        github = Forge("github", folder)
        kiln = Kiln(folder, "[runner]\nembedded = false\n[builds]\nsupersede_queued = false\n")
        try:
            shop = Shop(kiln.start(), github)
            say("shown one after another", one_after_another(shop, range(PUSHES)))
            say(f"shown, {CALLERS} callers at once", all_at_once(shop, range(PUSHES, 2 * PUSHES)))
        finally:
            kiln.stop()
            github.stop()


if __name__ == "__main__":
    main()
