"""The memory hog by itself, with the cgroups this machine has and with none: what ends it differs, and both say so."""
import os
import stat
import subprocess

import pytest

import harness.server
from harness.githost import Repo
from harness.server import Kiln
from harness.waiting import until

from .conftest import PYTHON, inside_sources, said

SETTINGS = '[limits]\nmemory = "300MiB"\nprocesses = 150\n[workers]\nserve = false\n'
HOG = f"{PYTHON} -c 'import sys; sys.path.insert(0, \"probes\"); import bombs; bombs.memory()'; echo after it"


def hog(server, folder):
    repo = Repo(folder, "hog")
    repo.commit(inside_sources())
    until(lambda: "slots=" in server.log(), "the runner to be ready")
    server.connect(repo.bare, "hog", build_command=HOG, deploy_command="true")
    (number,) = repo.push()
    build = server.wait(number)
    return build, server.build_log(number)


@pytest.fixture
def without_cgroups(tmp_path, monkeypatch):
    """The server's program, started where no cgroup file system is mounted."""
    if os.geteuid() != 0:
        pytest.skip("only root can hide the cgroups from a server")
    program = tmp_path / "kiln"
    program.write_text("#!/bin/sh\nexec unshare --mount --propagation private /bin/sh -c '"
                       "for at in $(awk \"\\$3 ~ /^cgroup/ {print \\$2}\" /proc/mounts); do umount -l $at; done; "
                       f"exec {harness.server.KILN} \"$@\"' sh \"$@\"\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    works = subprocess.run(["unshare", "--mount", "--propagation", "private", "true"], capture_output=True)
    if works.returncode != 0:
        pytest.skip(works.stderr.decode())
    monkeypatch.setattr(harness.server, "KILN", program)


def test_with_cgroups_the_kernel_ends_it(fresh_kiln, tmp_path):
    server = fresh_kiln(SETTINGS)
    build, log = hog(server, tmp_path)
    kind = next(word for word in server.log().split() if word.startswith("cgroups="))
    if "NOT ENFORCED ON THIS MACHINE: memory" in server.log():
        pytest.skip(f"{kind}: this machine limits no memory")
    assert any(line.startswith("Memory limit of 300 MiB reached") for line in log), "\n".join(log)
    if kind == "cgroups=v1":  # the process alone
        assert said("\n".join(log))["memory-hog"].startswith("contained") and "after it" in log, "\n".join(log)
        assert build["build_outcome"] == "success"
    else:
        assert kind == "cgroups=v2" and build["build_outcome"] == "terminated"


def test_without_cgroups_each_process_is_refused(without_cgroups, tmp_path):
    (tmp_path / "server").mkdir()
    server = Kiln(tmp_path / "server", SETTINGS).start()
    try:
        build, log = hog(server, tmp_path)
        assert "cgroups=none" in server.log() and "NOT ENFORCED ON THIS MACHINE" in server.log()
        assert any(line.startswith("Warning: this machine does not enforce every limit") for line in log)
        assert said("\n".join(log)).get("memory-hog", "").startswith("contained"), "\n".join(log)
        assert build["build_outcome"] == "success"
    finally:
        server.stop()
