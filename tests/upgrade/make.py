"""Makes a fixture of a data directory as a Kiln leaves it that is killed at work: what the next release must be able to take over.

    KILN_BUILD_DIR=/path/to/that/build PYTHONPATH=tests /usr/bin/python3 tests/upgrade/make.py NAME

writes tests/upgrade/NAME.tar.zst. Run it with the program of each release, before the first migration that comes after it."""
import json
import shutil
import subprocess
import sys
from pathlib import Path

from harness.keeping import cheap_repo
from harness.server import Kiln
from harness.stored import Stored

FOLDER = Path("/srv/kiln-fixture")  # a path of no machine in particular: repositories are named by it
HERE = Path(__file__).parent


def main():
    name = sys.argv[1]
    FOLDER.mkdir(parents=True)
    try:
        kiln = Kiln(FOLDER, "[builds]\nconcurrency = 1\nsupersede_queued = false\n[workers]\nserve = false\n[scm]\ncatch_up_seconds = 0\n").start()
        repo = cheap_repo(kiln, FOLDER, "shop", "case $WORKERS_CI_BRANCH in main) echo $SECRET | wc -c;; *) echo begun; sleep 600;; esac")
        trigger = kiln.cli_json("builds", "shop") or None
        (good,) = repo.push()
        version = kiln.wait(good)["version_ids"][0]
        repo.commit({"deploy.sh": "exit 3\n"})
        (bad,) = repo.push()
        assert kiln.wait(bad)["build_outcome"] == "fail" and trigger is None
        repo.commit(branch="long")
        (running,) = repo.push()
        kiln.wait_log(running, "begun")
        repo.commit(branch="later")
        (queued,) = repo.push()
        (FOLDER / "url").write_text("http://127.0.0.1:1/")
        kiln.cli("sinks", "add", "ops", "--url-file", FOLDER / "url", check=False)  # not every release has them
        facts = {"account": kiln.account, "token": kiln.token, "version": version, "good": good, "bad": bad, "running": running, "queued": queued,
                 "log": kiln.build_log(good), "schema": Stored(kiln).row("SELECT max(number) AS number FROM migrations")["number"],
                 "made_by": kiln.cli_json("status")["version"]}
        kiln.kill9()
        (kiln.data / "expected.json").write_text(json.dumps(facts, indent=1))
        subprocess.run(["tar", "-C", kiln.data, "-I", "zstd -19", "-cf", HERE / f"{name}.tar.zst", "--exclude=./runner", "--exclude=./mirrors", "--exclude=./runtime",
                        "--exclude=*.sock", "--exclude=./server.json", "--owner=0", "--group=0", "."], check=True)
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)


main()
