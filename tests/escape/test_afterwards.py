"""What a build leaves running or lying about is gone when it has stopped."""
import os
from pathlib import Path

import pytest

from harness.waiting import until

from .conftest import PYTHON

TREES = """
import os
os.makedirs("locked/inner"); open("locked/inner/file", "w").close()
os.chmod("locked/inner", 0); os.chmod("locked", 0)
os.mkdir("new\\nline"); open("new\\nline/ \\t\\x01\\xff*?", "w").close(); open("-rf", "w").close()
os.symlink("/", "top"); os.symlink("loop", "loop"); os.mkfifo("pipe")
for depth in range(3000):
    os.mkdir("d"); os.chdir("d")
print("trees made")
"""


def processes_with(marker):
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (entry / "cmdline").read_text(errors="replace") or marker in os.readlink(entry / "cwd"):
                found.append(entry.name)
        except OSError:
            continue
    return found


def folders_of(server, number):
    return [entry for entry in (server.data / "runner" / "builds").iterdir() if number in entry.name]


def mounts_of(server, number):
    """In the runner's own mount namespace."""
    runner = server.cli_json("status")["runner_pid"]
    return [line for line in Path(f"/proc/{runner}/mountinfo").read_text().splitlines() if number in line]


@pytest.mark.parametrize("escape", ["(setsid sh -c 'trap \"\" TERM HUP INT; sleep {0}' &)", "(sleep {0} &) & disown 2>/dev/null; true",
                                    "(nohup setsid sleep {0} >/dev/null 2>&1 </dev/null &)"],
                         ids=["setsid", "double-fork", "nohup"])
def test_nothing_outlives_its_command(hostile_server, build, escape):
    marker = str(900_000_000 + int.from_bytes(os.urandom(3), "big"))
    # The brackets keep grep from finding its own command line; the build waits until the process is there.
    look = f"ps ax | grep -q '[s]leep {marker}'"
    done = build(escape.format(marker) + f"; until {look}; do :; done; echo went on", deploy=f"{look} || echo gone")
    assert "\nwent on" in done.log, done.log
    assert "\ngone" in done.log and processes_with(marker) == [], done.log


def test_trees_that_resist_are_cleared_away(hostile_server, build):
    done = build(f"{PYTHON} trees.py", {"trees.py": TREES})
    assert "trees made" in done.log and done.build["build_outcome"] == "success", done.log
    until(lambda: not folders_of(hostile_server, done.uuid), "its folder to be gone", 20)
    until(lambda: not mounts_of(hostile_server, done.uuid), "its mounts to be gone", 20)


def test_killing_everything_that_can_be_seen_ends_that_build_alone(hostile_server, neighbour, host_process, build):
    done = build("echo begun; kill -9 -1; sleep 60")
    assert done.build["build_outcome"] in ("fail", "terminated"), done.log
    assert host_process.process.poll() is None
    assert hostile_server.build(neighbour.uuid)["status"] == "running"
    until(lambda: not folders_of(hostile_server, done.uuid), "its folder to be gone", 20)
    assert build("echo fine").build["build_outcome"] == "success"
