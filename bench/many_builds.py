"""500 trivial builds queued at once, each isolated, and how many end in a second, the pushes that queue them
included and, since plain programs push nothing, without.

Peers in the same run: the bare programs of one sandboxed build (a fetch-free checkout and `bwrap true`) run by `xargs` with as
many at a time, and Buildbot, where Debian's package is installed, with a checkout and two commands a build and no sandbox. Debian
has no Laminar: 32 builds a second is what it did elsewhere on two idle cores without any sandbox."""
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from buildbot_peer import builds_per_second
from harness.githost import GIT_ENV, Repo
from harness.server import Kiln
from harness.waiting import until

BUILDS = int(sys.argv[1]) if len(sys.argv) > 1 else 500
AT_ONCE = 2
LAMINAR_PER_SECOND = 32

BY_HAND = ('set -e; d=$(mktemp -d); git clone -q --shared --branch main "$1" "$d/repo"; '
           'bwrap --unshare-all --die-with-parent --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib '
           '--symlink usr/lib64 /lib64 --proc /proc --dev /dev --bind "$d/repo" /repo true; rm -rf "$d"')


def seconds_of(stamp):
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def by_hand(bare):
    """Builds a second of the plain programs."""
    few = max(20, BUILDS // 2)
    began = time.monotonic()
    words = "\n".join(str(bare) for _ in range(few))
    subprocess.run(["xargs", "-P", str(AT_ONCE), "-n", "1", "sh", "-c", BY_HAND, "sh"], input=words, text=True, env=GIT_ENV,
                   check=True)
    return few / (time.monotonic() - began)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        kiln = Kiln(temporary, f"[builds]\nconcurrency = {AT_ONCE}\nsupersede_queued = false\n").start()
        try:
            # Builds of one trigger and branch run one after the other, so each has a branch of its own.
            repo = Repo(temporary, "many")
            kiln.connect(repo.bare, "many", build_command="true", deploy_command="true", preview_deploy_command="true")
            repo.commit({"a": "1"})
            kiln.wait(repo.push()[0])
            head = repo.head()
            began = time.monotonic()
            queued = []
            for first in range(0, BUILDS, 100):
                queued += repo.push(*(f"{head}:refs/heads/b{number}" for number in range(first, min(first + 100, BUILDS))))
            pushed, all_queued = time.monotonic() - began, time.time()
            assert len(queued) == BUILDS, f"{len(queued)} builds were queued"
            until(lambda: kiln.build(queued[-1])["status"] == "stopped" and all(
                kiln.build(uuid)["status"] == "stopped" for uuid in queued[-20:]), "all builds to stop", 600)
            stopped = [kiln.build(uuid) for uuid in queued]
            elapsed = time.monotonic() - began
            assert all(build["build_outcome"] == "success" for build in stopped)
            ends = sorted(seconds_of(build["stopped_on"]) for build in stopped)
            later = [end for end in ends if end > all_queued]
            assert len(later) > BUILDS // 4, "too few builds were left when all were queued: ask for more"
            steady = (len(later) - 1) / (later[-1] - later[0])
        finally:
            kiln.stop()
        hand = statistics.median(by_hand(repo.bare) for _ in range(5))
        buildbot = builds_per_second(repo.bare, max(20, BUILDS // 10), temporary, GIT_ENV)
    rate = BUILDS / elapsed
    print(f"{BUILDS} builds, {AT_ONCE} at once: queued in {pushed:.1f} s, ended in {elapsed:.1f} s")
    print(f"{rate:.1f} builds a second is {rate / LAMINAR_PER_SECOND:.2f}x of Laminar's 32 without a sandbox (goal: at least 1x)")
    print(f"once all are queued {steady:.1f} a second, {steady / hand:.2f}x of the plain programs by xargs ({hand:.1f} a second; "
          "goal: at least 0.85x)")
    if buildbot:
        print(f"and {rate / buildbot:.1f}x of Buildbot without a sandbox ({buildbot:.1f} a second; goal: at least 5x)")
    else:
        print("Buildbot is not installed here (Debian packages buildbot, buildbot-worker): not compared")


if __name__ == "__main__":
    main()
