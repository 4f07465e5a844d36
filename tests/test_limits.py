"""What a build may use at most, through real builds with small limits; and that a killed runner leaves nothing."""
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from harness.server import KILN, Kiln
from harness.waiting import until

MIB = 1 << 20
LIMITS = '[limits]\nmemory = "160MiB"\nprocesses = 100\ndisk = "64MiB"\nlog = "64KiB"\n'

HOG = "import sys\nx = bytearray(600 << 20)\n"
FORKS = """import os, time
refused = 0
for i in range(300):
    try:
        if os.fork() == 0:
            time.sleep(600)
    except OSError:
        refused += 1
print("refused", refused)
"""


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    server = Kiln(tmp_path_factory.mktemp("limited"), "[builds]\nconcurrency = 2\n" + LIMITS).start()
    yield server
    server.stop()


def enforced(server, word):
    """Skips where this machine cannot enforce that limit, in the runner's own words."""
    until(lambda: "slots=" in server.log(), "the runner to be ready")
    for line in server.log().splitlines():
        if "NOT ENFORCED" in line and f": {word}" in line:
            pytest.skip(line)


def run(server, repo, name, command, files=None, **options):
    repo.commit({"a": "1"} | (files or {}))
    server.connect(repo.bare, name, build_command=command, deploy_command="true", **options)
    (uuid,) = repo.push()
    build = server.wait(uuid)
    return build, "\n".join(server.build_log(uuid)), uuid


def usage_of(server, name):
    return server.builds_of(name)[0]["usage"]


def groups_of(server):
    """Folders below /sys/fs/cgroup that belong to this server's runner."""
    places = (server.data / "runner" / "cgroups").read_text().split("\n")
    names = [entry for place in places if place for entry in Path(place).glob("kiln-*-*")]
    pid = server.cli_json("status")["runner_pid"]
    return [entry for entry in names if entry.name.split("-")[2] == str(pid)]


def groups_with(server, marker):
    """Those that hold a process with `marker` in its command line: not those of sandboxes prepared for later."""
    ours = set(processes_of(marker))
    return [group for group in groups_of(server) if ours & set((group / "cgroup.procs").read_text().split())]


def test_a_memory_hog_is_named_with_its_figure(limited, repo, name):
    enforced(limited, "memory")
    build, log, _ = run(limited, repo, name, "python3 hog.py", {"hog.py": HOG})
    assert build["build_outcome"] in ("fail", "terminated"), log
    assert re.search(r"Memory limit of 160 MiB reached: the kernel ended [1-9]\d* process", log), log
    assert usage_of(limited, name)["memory_peak_bytes"] <= 160 * MIB


def test_a_build_that_outlives_its_hog_goes_its_own_way(limited, repo, name):
    enforced(limited, "memory")
    build, log, _ = run(limited, repo, name, "python3 hog.py || echo went on", {"hog.py": HOG})
    assert "Memory limit of 160 MiB reached" in log
    if build["build_outcome"] != "terminated":  # a v2 group ends as one
        assert build["build_outcome"] == "success" and "went on" in log


def test_a_fork_bomb_is_refused_and_counted(limited, repo, name):
    enforced(limited, "pids")
    build, log, _ = run(limited, repo, name, "python3 forks.py", {"forks.py": FORKS})
    assert build["build_outcome"] == "success", log
    refused = int(re.search(r"\nrefused (\d+)", log).group(1))
    assert refused > 150
    assert re.search(r"Processes limit of 100 reached: the kernel refused to start another \d+ times", log), log
    assert usage_of(limited, name)["processes_peak"] in (None, *range(60, 101))


def test_a_full_disk_is_named(limited, repo, name):
    enforced(limited, "disk")
    build, log, _ = run(limited, repo, name, "head -c 300000000 /dev/zero > big")
    assert build["build_outcome"] == "fail"
    assert "No space left on device" in log and "Disk limit of 64 MiB reached: the build's disk is full." in log, log


def test_a_disk_without_room_for_files_is_named(limited, repo, name):
    enforced(limited, "disk")
    build, log, _ = run(limited, repo, name, "mkdir d; cd d; seq 1 20000 | xargs touch")
    assert build["build_outcome"] == "fail"
    assert "Disk limit of 64 MiB reached: the build's disk has no room for another file." in log, log


def test_a_long_log_is_cut_and_the_build_goes_on(limited, repo, name):
    build, log, _ = run(limited, repo, name, "seq 1 100000; echo after > f; test -f f")
    assert build["build_outcome"] == "success"
    assert log.count("The log has reached its limit of 64 KiB") == 1
    assert log.endswith("Success! Build completed.") and len(log) < 100_000


def test_what_was_used_is_said_and_kept(limited, repo, name):
    build, log, _ = run(limited, repo, name,
                        "python3 -c 'x=0\nfor i in range(3000000): x+=i'; head -c 9000000 /dev/zero > f")
    assert build["build_outcome"] == "success", log
    assert re.search(r"\nUsed .*s of CPU time; wrote [\d.]+ MiB\.\n", log), log
    usage = usage_of(limited, name)
    assert usage["cpu_ms"] > 50 and usage["written_bytes"] >= 9_000_000
    assert set(build) >= {"build_uuid"} and "usage" not in build, "the published Build has no such field"


def test_a_disk_that_is_only_looked_at_is_said_to_be(fresh_kiln, repo, name):
    server = fresh_kiln('[limits]\ndisk_mode = "poll"\n')
    _, log, _ = run(server, repo, name, "true")
    assert "disk: checked every 10 s, not enforced" in log
    assert "NOT ENFORCED ON THIS MACHINE: disk: checked every 10 s" in server.log()


def test_a_wrong_limit_is_refused_with_its_line(tmp_path):
    file = tmp_path / "kiln.toml"
    file.write_text('[limits]\nmemory = "lots"\n')
    done = subprocess.run([KILN, "serve", "--data-dir", tmp_path / "d", "--listen", "127.0.0.1:0", "--config", file],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode != 0
    assert ":2: limits.memory must be a size from" in done.stderr


def mounts_of(pid, folder):
    return [line for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines() if f"{folder}/" in line]


def processes_of(marker):
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and marker in (entry / "cmdline").read_text():
                found.append(entry.name)
        except OSError:
            continue
    return found


def test_a_cancelled_build_of_500_children_leaves_nothing(fresh_kiln, repo, name):
    server = fresh_kiln("[builds]\nconcurrency = 1\n")
    marker = f"31536{os.getpid()}"
    command = f"for i in $(seq 250); do sleep {marker} & setsid sleep {marker} & done; echo all up; sleep {marker}"
    repo.commit({"a": "1"})
    server.connect(repo.bare, name, build_command=command, deploy_command="true")
    (uuid,) = repo.push()
    server.wait_log(uuid, "all up")
    until(lambda: len(processes_of(marker)) >= 500, "500 children")
    its = groups_with(server, marker)
    server.call("PUT", f"/builds/{uuid}/cancel")
    until(lambda: not processes_of(marker), "every process of the build to be gone", 10)
    until(lambda: not [group for group in its if group.exists()], "its cgroup to be gone", 10)
    until(lambda: not list((server.data / "runner" / "builds").glob(f"{uuid}*")), "its folder to be gone", 10)


def test_a_killed_runner_leaves_nothing_after_the_next_has_started(fresh_kiln, repo, name):
    server = fresh_kiln("[builds]\nmax_attempts = 1\n")
    marker = f"27182{os.getpid()}"
    repo.commit({"a": "1"})
    server.connect(repo.bare, name, build_command=f"(setsid sleep {marker} &); echo up; sleep {marker}",
                   deploy_command="true")
    (uuid,) = repo.push()
    server.wait_log(uuid, "up")
    first = server.cli_json("status")["runner_pid"]
    left = groups_of(server)
    os.kill(first, signal.SIGKILL)
    assert server.wait(uuid)["build_outcome"] == "terminated"
    second = until(lambda: (p := server.cli_json("status")["runner_pid"]) not in (0, first) and p, "the next runner")
    until(lambda: server.log().count("msg=ready") >= 2, "it to be ready")
    assert not processes_of(marker)
    assert not [group for group in left if group.exists()]
    builds = server.data / "runner" / "builds"
    assert not mounts_of("self", builds)
    assert {entry.name.split("-")[0] for entry in builds.iterdir()} <= {"disk"}, "only what is ready for the next"
    server.stop()
    assert not list(builds.iterdir()), f"of runner {second}"
    until(lambda: not loops(builds), "the kernel to free its loop devices", 10)


def born(pid):
    """When a process began, in ticks: with its number, its identity. None: it is gone, or waits for init to note that."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return fields[19] if fields[0] != "Z" else None


def stand_ready(server):
    """Waits until a sandbox is prepared, its network too. Its processes, and its network namespace."""
    def look():
        members = {pid for group in groups_of(server) for pid in (group / "cgroup.procs").read_text().split()}
        runner = server.cli_json("status")["runner_pid"]
        helpers = {entry.name for entry in Path("/proc").glob("[0-9]*")
                   if (entry / "comm").read_text() == "slirp4netns\n" and f"PPid:\t{runner}\n" in (entry / "status").read_text()}
        networks = {os.readlink(f"/proc/{pid}/ns/net") for pid in members if "tap0" in Path(f"/proc/{pid}/net/dev").read_text()}
        networks.discard(os.readlink("/proc/self/ns/net"))
        return len(networks) == 1 and helpers and ({pid: born(pid) for pid in members | helpers}, networks.pop())

    def try_to_look():
        try:
            return look()
        except OSError:  # somebody ended meanwhile
            return None
    return until(try_to_look, "a sandbox to be prepared", 20)


def are_gone(processes):
    return not [pid for pid, began in processes.items() if born(pid) == began]


@pytest.mark.parametrize("end", ["stopped", "killed"])
def test_a_prepared_sandbox_that_is_never_used_leaves_nothing(fresh_kiln, repo, name, end):
    server = fresh_kiln("[builds]\nconcurrency = 1\n")
    run(server, repo, name, "true")
    if os.geteuid() != 0 or "disk_mode=loop" not in server.log():
        pytest.skip("no sandbox is prepared where builds have no disk of their own")
    builds = server.data / "runner" / "builds"
    prepared, _ = stand_ready(server)
    groups, first = groups_of(server), server.cli_json("status")["runner_pid"]
    assert groups, "its cgroup"
    if end == "killed":
        os.kill(first, signal.SIGKILL)
        until(lambda: are_gone(prepared), "its processes, and so its network, to be gone", 10)
        until(lambda: server.cli_json("status")["runner_pid"] not in (0, first), "the next runner")
        until(lambda: server.log().count("msg=ready") >= 2, "it to be ready")
        assert not [group for group in groups if group.exists()]
        assert {entry.name.split("-")[0] for entry in builds.iterdir()} <= {"disk"}
    server.stop()
    assert are_gone(prepared)
    assert not [group for group in groups if group.exists()]
    assert not list(builds.iterdir()) and not mounts_of("self", builds)
    until(lambda: not loops(builds), "the kernel to free its loop devices", 10)


def test_a_build_gets_the_sandbox_that_was_prepared_and_no_other_does(fresh_kiln, repo, name):
    server = fresh_kiln("[builds]\nconcurrency = 1\n")
    command = "readlink /proc/self/ns/net; cat /tmp/mark || touch /tmp/mark"
    run(server, repo, name, command)
    if os.geteuid() != 0 or "disk_mode=loop" not in server.log():
        pytest.skip("no sandbox is prepared where builds have no disk of their own")
    for number in range(3):
        _, prepared = stand_ready(server)
        repo.commit({"a": str(number)})
        (uuid,) = repo.push()
        assert server.wait(uuid)["build_outcome"] == "success"
        log = server.build_log(uuid)
        network = next(line for line in log if line.startswith("net:["))
        assert network == prepared, "the build ran elsewhere"
        assert any("No such file" in line for line in log), "another build was there before"


def loops(folder):
    """Loop devices whose file lies in that folder."""
    found = set()
    for entry in Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            if f"{folder}/" in entry.read_text():
                found.add(entry.parts[3])
        except OSError:
            continue
    return found
