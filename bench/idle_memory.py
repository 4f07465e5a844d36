"""Resident memory of an idle server and its runner, after one build, against the goal of 40 MB together."""
import os
import re
import tempfile
from pathlib import Path

from harness.githost import Repo
from harness.server import Kiln


def resident_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def processes(server):
    """name -> pid of the server and what it started."""
    pids = {"server": server}
    for task in os.listdir(f"/proc/{server}/task"):
        for child in Path(f"/proc/{server}/task/{task}/children").read_text().split():
            pids[Path(f"/proc/{child}/comm").read_text().strip()] = int(child)
    return pids


def main():
    with tempfile.TemporaryDirectory() as temporary:
        kiln = Kiln(temporary).start()
        try:
            repo = Repo(temporary, "idle")
            kiln.connect(repo.bare, "idle", build_command="true", deploy_command="true")
            repo.commit({"a": "1"})
            kiln.wait(repo.push()[0])
            total = 0.0
            for name, pid in processes(kiln.process.pid).items():
                size = resident_mb(pid)
                total += size
                print(f"{name:20} {size:6.1f} MB resident")
            print(f"together {total:.1f} MB, {total / 40:.2f}x of 40 MB (goal: at most 1x)")
        finally:
            kiln.stop()


if __name__ == "__main__":
    main()
