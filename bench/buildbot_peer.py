"""How many builds a second Buildbot (Debian's package) does of the same work, without a sandbox: a peer for many_builds.py."""
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

CONFIG = Path(__file__).with_name("buildbot.cfg")


def count_ended(state):
    try:
        with sqlite3.connect(f"file:{state}?mode=ro", uri=True, timeout=5) as db:
            return db.execute("SELECT count(*), coalesce(sum(results != 0), 0) FROM builds WHERE complete_at IS NOT NULL").fetchone()
    except sqlite3.OperationalError:  # not made yet
        return 0, 0


def builds_per_second(repo, branches, folder, environment):
    """None where Buildbot is not installed. `repo` is a bare repository with branches b0, b1, …."""
    if not shutil.which("buildbot"):
        return None
    base = Path(folder) / "buildbot"
    environment = environment | {"BENCH_REPO": str(repo), "BENCH_BUILDS": str(branches)}
    subprocess.run(["buildbot", "create-master", "--quiet", base], env=environment, check=True, stdout=subprocess.DEVNULL)
    shutil.copy(CONFIG, base / "master.cfg")
    with open(Path(folder) / "buildbot.out", "wb") as out:
        master = subprocess.Popen(["buildbot", "start", "--nodaemon", base], env=environment, stdout=out, stderr=out,
                                  start_new_session=True)
    try:
        began = first = None
        deadline = time.monotonic() + 300
        while True:
            ended, failed = count_ended(base / "state.sqlite")
            now = time.monotonic()
            assert not failed, f"{failed} of Buildbot's builds failed: see {base}/twistd.log"
            # From the first one's end, so that the start of the master is not counted.
            if ended and began is None:
                began, first = now, ended
            if ended >= branches:
                return (ended - first) / (now - began)
            assert now < deadline and master.poll() is None, f"Buildbot did not end its builds: see {base}/twistd.log"
            time.sleep(0.02)
    finally:
        # Asked to end, it may wait for builds that it has not begun; nothing of it is to be kept.
        os.killpg(master.pid, signal.SIGKILL)
        master.wait()
