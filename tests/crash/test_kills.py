"""A seeded driver pushes, and kills server and runner with SIGKILL at random moments; then it counts what is left. Meanwhile backups are
made, and each that was finished is put back and held against what had happened by then.

By default about 12 kills over 30 builds, within a minute. The long run, which takes its time:

    KILN_CRASH_KILLS=200 KILN_CRASH_BUILDS=500 /usr/bin/python3 -m pytest tests/crash -s

It prints its seed; KILN_CRASH_SEED=N runs the same plan again (the moments are the machine's, so not the very same course).
"""
import json
import os
import random
import signal
import sqlite3
import subprocess
import time
import uuid
from pathlib import Path

import pytest

from conftest import wrangler_config
from harness.githost import Repo
from harness.keeping import restored
from harness.server import KILN, Kiln
from harness.stored import Stored, as_text
from harness.waiting import until

KILLS = int(os.environ.get("KILN_CRASH_KILLS", 12))
BUILDS = int(os.environ.get("KILN_CRASH_BUILDS", 30))
SEED = int(os.environ.get("KILN_CRASH_SEED", random.SystemRandom().randrange(1 << 31)))
WORKERS = 3
LINES = 60
DEADLINE = 60 + 4 * BUILDS + 4 * KILLS

# The lines are numbered: what is kept of them must be 1, 2, 3 … up to where the attempt came.
BUILD_SH = f"""for i in $(seq {LINES}); do echo "line $i of $1"; [ $((i % 20)) = 0 ] && sleep 0.05; done
echo "all lines of $1"
"""
# One version for each commit, uploaded without wrangler: its start would be most of the build.
DEPLOY_SH = """about='{"main_module": "index.js", "compatibility_date": "2025-05-01"}'
echo "export default { fetch() { return new Response('$WORKERS_CI_COMMIT_SHA'); } };" > index.js
curl -sS --fail-with-body -X PUT -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" -F "metadata=$about;type=application/json" \\
  -F "index.js=@index.js;type=application/javascript+module" \\
  "$CLOUDFLARE_API_BASE_URL/accounts/$CLOUDFLARE_ACCOUNT_ID/workers/scripts/$1" > answer || { cat answer; exit 1; }
sleep 0.05
echo deployed
"""


class Course:
    """One run: a server, its repositories, and every push that was acknowledged."""

    def __init__(self, folder):
        self.random = random.Random(SEED)
        self.marker = f"kiln-crash-{uuid.uuid4().hex}"
        self.kiln = Kiln(folder, "[builds]\nconcurrency = 2\nmax_attempts = 10\nsupersede_queued = false\n[workers]\nserve = false\n")
        self.kiln.start()
        self.acknowledged = {}  # build uuid → (Worker, commit)
        self.backups = []  # (file, acknowledged when it was begun, acknowledged when it was found finished)
        self.backing_up = None
        self.refused = 0  # pushes whose hook found no server; nothing is promised of them
        self.killed = {"server": 0, "runner": 0}
        self.orphans_before = orphans()
        self.families = set()  # how the names of our runners' cgroups begin, the same for all runners of a folder
        self.repos = [Repo(folder, f"crash{number}") for number in range(WORKERS)]
        for number, repo in enumerate(self.repos):
            name = f"crash{number}"
            repo.commit({"build.sh": BUILD_SH, "deploy.sh": DEPLOY_SH, "wrangler.jsonc": wrangler_config(name)})
            self.kiln.connect(repo.bare, name, build_command=f"sh build.sh $WORKERS_CI_COMMIT_SHA {self.marker}",
                              deploy_command=f"sh deploy.sh {name} {self.marker}")

    def backup(self):
        """One is always under way."""
        if self.backing_up:
            process, file, before = self.backing_up
            if process.poll() is None:
                return
            if process.returncode == 0:
                self.backups.append((file, before, set(self.acknowledged)))
            else:  # its server was killed
                assert not file.exists()
        file = self.kiln.folder / f"backup{len(self.backups)}"
        words = [KILN, "backup", file, "--with-key", "--data-dir", self.kiln.data]
        self.backing_up = (subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL), file, set(self.acknowledged))

    def push(self):
        self.backup()
        number = self.random.randrange(WORKERS)
        repo = self.repos[number]
        commit = repo.commit({"n": str(len(self.acknowledged) + self.refused)})
        uuids = repo.push()
        assert len(uuids) <= 1, repo.answer
        if uuids:
            assert uuids[0] not in self.acknowledged, "two pushes were given the same build"
            self.acknowledged[uuids[0]] = (f"crash{number}", commit)
        else:
            self.refused += 1

    def runner(self):
        """The process of the runner that serves now, or None."""
        try:
            pid = json.loads(self.kiln.cli("status", "--json", check=False).stdout or "{}").get("runner_pid")
        except ValueError:
            return None
        self.families |= {entry.name.rsplit("-", 2)[0] for entry in groups(self.kiln) if f"-{pid}-" in entry.name}
        return pid

    def kill(self):
        self.backup()
        # Some moment of a build, or of a start: not the same distance every time.
        moment = time.monotonic() + self.random.choice([0, 0.05, 0.2, 0.5, 1.0]) * self.random.random()
        until(lambda: time.monotonic() >= moment, "the moment")
        if self.random.random() < 0.5:
            self.runner()
            self.kiln.kill9()
            self.killed["server"] += 1
            # Every other time a push meets no server: git itself must not fail.
            if self.random.random() < 0.5:
                self.push()
            self.kiln.start()
        elif pid := self.runner():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            self.killed["runner"] += 1

    def go(self):
        plan = ["push"] * (BUILDS - WORKERS) + ["kill"] * KILLS
        self.random.shuffle(plan)
        for what in ["push"] * WORKERS + plan:
            getattr(self, what)()
        while sum(self.killed.values()) < KILLS:  # a runner that was not up yet could not be killed
            self.kill()
        while len(self.acknowledged) < BUILDS:  # so many pushes found no server
            self.push()

    def rows(self, sql, *values):
        db = sqlite3.connect(f"file:{self.kiln.data / 'kiln.db'}?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def finish(self):
        self.backing_up[0].wait(60)
        self.backup()
        assert self.backing_up[0].wait(60) == 0, "a backup that no kill met failed"
        until(lambda: self.rows("SELECT count(*) FROM builds WHERE status <> 'stopped'")[0][0] == 0, "every build to stop", DEADLINE)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    print(f"\nKILN_CRASH_SEED={SEED} KILN_CRASH_KILLS={KILLS} KILN_CRASH_BUILDS={BUILDS}", flush=True)
    made = Course(tmp_path_factory.mktemp("crash"))
    try:
        made.go()
        made.finish()
        print(f"killed: {made.killed}, acknowledged {len(made.acknowledged)}, without a server {made.refused}", flush=True)
        yield made
    finally:
        made.kiln.stop()


def outcomes(course):
    return {as_text(row[0]): row[1:] for row in course.rows(
        "SELECT uuid, outcome, status, commit_hash, attempt, deploy_started, number, stopped_on FROM builds")}


def test_it_was_a_course_worth_checking(course):
    assert sum(course.killed.values()) >= KILLS and len(course.acknowledged) >= BUILDS
    assert any(attempt > 1 for _, _, _, attempt, *_ in outcomes(course).values()) or KILLS < 10, "no kill met a build"


def test_every_acknowledged_push_has_exactly_one_build(course):
    builds = outcomes(course)
    commits = [found[2] for found in builds.values()]
    assert len(commits) == len(set(commits)), "a commit was built twice"
    for number, (worker, commit) in course.acknowledged.items():
        assert number in builds, f"the push of {commit} to {worker} was acknowledged and is lost (seed {SEED})"
        assert builds[number][2] == commit


def test_each_build_has_one_end_and_a_right_one(course):
    for number, (outcome, status, _, attempt, deploy_started, *_) in outcomes(course).items():
        log = course.kiln.build_log(number)
        where = f"{number}, attempt {attempt} (seed {SEED}):\n" + "\n".join(log)
        assert status == "stopped", where
        ends = [line for line in log if line == "Success! Build completed." or "not run again" in line]
        assert len(ends) == 1, where
        # A build ends well, unless a kill met its deploy command.
        assert outcome == "success" if ends[0].startswith("Success!") else outcome == "terminated" and deploy_started, where


def test_no_version_is_mapped_twice_and_no_build_deployed_twice(course):
    mapped = course.rows("SELECT version_id, build_number FROM version_builds")
    assert len({version for version, _ in mapped}) == len(mapped)
    by_build = {}
    for version, number in mapped:
        by_build.setdefault(number, []).append(as_text(version))
    for name, (outcome, *_, number, _) in outcomes(course).items():
        made = by_build.get(number, [])
        assert len(made) == 1 if outcome == "success" else len(made) <= 1, f"{name}, {outcome}: {made} (seed {SEED})"
        assert course.kiln.build(name)["version_ids"] == made
    # And the other way round: every version that there is was mapped to a build.
    for number in range(WORKERS):
        path = f"//accounts/{course.kiln.account}/workers/scripts/crash{number}/versions?per_page=100"
        ours = {version["id"] for version in course.kiln.get(path).result["items"]}
        assert ours <= {as_text(version) for version, _ in mapped}, f"crash{number}: a version without a build (seed {SEED})"


def test_each_log_is_a_prefix_of_what_was_printed(course):
    for number, (outcome, _, commit, *_) in outcomes(course).items():
        truth = [f"line {i} of {commit}" for i in range(1, LINES + 1)] + [f"all lines of {commit}"]
        log = course.kiln.build_log(number)
        runs, shown = [], []
        for line in log:
            if line.startswith("line 1 of "):
                shown = []
                runs.append(shown)
            if line.startswith(("line ", "all lines ")):
                shown.append(line)
        for run in runs:
            assert run == truth[:len(run)], f"{number}: {run[-3:]} (seed {SEED})"
        if outcome == "success":
            assert runs and runs[-1] == truth, f"{number} (seed {SEED})"


def test_backups_from_the_middle_are_what_had_happened_by_then(course, tmp_path):
    assert course.backups, "no backup was finished"
    print(f"{len(course.backups)} backups", flush=True)
    for number, (file, before, by_then) in enumerate(course.backups[:: max(1, len(course.backups) // 5)]):
        copy = restored(file, tmp_path / f"copy{number}", "[runner]\nembedded = false\n[workers]\nserve = false\n[scm]\ncatch_up_seconds = 0\n")
        there = {as_text(row["uuid"]): row for row in Stored(copy).rows("SELECT uuid, status, outcome, commit_hash, number FROM builds")}
        assert before <= set(there), f"pushes that were acknowledged before the backup began are lost (seed {SEED})"
        assert set(there) & set(course.acknowledged) <= by_then, f"builds of the future (seed {SEED})"
        for uuid, row in there.items():
            assert row["status"] == "stopped"
            if uuid in course.acknowledged:
                assert row["commit_hash"] == course.acknowledged[uuid][1]
        mapped = Stored(copy).rows("SELECT version_id, build_number FROM version_builds")
        made = {as_text(version) for version, _ in course.rows("SELECT version_id, build_number FROM version_builds")}
        assert {as_text(row["version_id"]) for row in mapped} <= made, f"a version that the original does not know (seed {SEED})"
        successes = {row["number"] for row in there.values() if row["outcome"] == "success"}
        assert successes <= {row["build_number"] for row in mapped}, f"a success without its version (seed {SEED})"
        checked = copy.cli("check", check=False)
        assert checked.returncode == 0, checked.stdout
        copy.start()
        copy.stop()


def processes(marker):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marker in words:
            found.append(f"{entry.name} {words}")
    return found


def test_nothing_is_left_over(course):
    """Last: it stops the server, so that what it keeps ready for the next build goes too."""
    kiln = course.kiln
    course.runner()
    until(lambda: not processes(course.marker), "the builds' processes to be gone", 20)
    builds = kiln.data / "runner" / "builds"
    ours = until(lambda: (left := {entry.name for entry in builds.iterdir()}) is not None and
                 not [name for name in left if not name.startswith("disk-")] and [True], "the builds' folders to be gone", 20)
    assert ours
    assert course.families or not groups(kiln), "no cgroup of ours was ever seen, though there are some"
    kiln.stop()
    until(lambda: not list(builds.iterdir()), "what was ready to be gone", 20)
    left = [str(entry) for entry in groups(kiln) if entry.name.rsplit("-", 2)[0] in course.families]
    assert not left, left
    mounts = [line for entry in Path("/proc").glob("[0-9]*/mountinfo") for line in lines_of(entry) if str(builds) in line]
    assert not mounts, mounts
    until(lambda: not loops(builds), "the kernel to free its loop devices", 20)
    assert not processes(str(kiln.data)), "servers and runners are gone"
    until(lambda: orphans() <= course.orphans_before, "what builds ran in to be gone", 20)
    assert subprocess.run(["git", "-C", str(course.repos[0].bare), "fsck"], capture_output=True).returncode == 0


def groups(kiln):
    """The cgroups of any runner, below the places that this server's runner uses."""
    return [entry for place in lines_of(kiln.data / "runner" / "cgroups") if place for entry in Path(place).glob("kiln-*-*")]


def orphans():
    """Processes that carry builds and that lost whoever started them: nobody ends these any more."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/status"):
        fields = dict(line.split(":\t", 1) for line in lines_of(entry) if ":\t" in line)
        if fields.get("PPid") == "1" and fields.get("Name") in ("bwrap", "slirp4netns", "agent", "kiln-agent", "kiln-runner") \
                and not fields["State"].startswith("Z"):
            found.add(entry.parent.name)
    return found


def lines_of(file):
    try:
        return file.read_text().splitlines()
    except OSError:
        return []


def loops(folder):
    return [str(entry) for entry in Path("/sys/block").glob("loop*/loop/backing_file") for line in lines_of(entry) if f"{folder}/" in line]
