"""deploy/Containerfile by the commands of docs/operations.md: built, run as an ordinary user, pushed to. podman runs by a wrapper that
says where it keeps things and which image is Debian's, and leaves the network out."""
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from harness.server import ROOT
from harness.waiting import until
from packages.pages import commands
from packages.test_packages import FIRST_PUSH

# Limits that need no right to raise them; runc, which knows every arrangement of cgroups.
WRAPPER = """#!/bin/bash
place=(--root {folder}/storage --runroot {folder}/run --cgroup-manager cgroupfs --events-backend none --runtime runc)
verb=$1; shift
case $verb in
  build) set -- --isolation chroot --network host --build-arg BASE=localhost/debian:bookworm-slim "$@" ;;
  run) set -- --network none --ulimit nofile=1024:4096 --ulimit nproc=4096:4096 -v {folder}/kiln.toml:/etc/kiln/kiln.toml:ro "${{@/#-p/--annotation=x=}}"
       set -- "${{@/#127.0.0.1:/--annotation=y=}}" ;;
esac
exec /usr/bin/podman "${{place[@]}}" "$verb" "$@"
"""


@pytest.fixture
def podman(bare_debian, tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    wrapper = folder / "podman"
    short = tempfile.mkdtemp(prefix="kiln-podman-", dir="/tmp")  # podman wants a path of at most 50 characters
    wrapper.write_text(WRAPPER.format(folder=short))
    wrapper.chmod(0o755)
    # An ordinary user's way out needs a device that machines of tests may keep to themselves.
    Path(short, "kiln.toml").write_text('[runner]\nnetwork = "none"\n')

    def run(script, check=True):
        done = subprocess.run(["bash", "-ec", script], cwd=ROOT, capture_output=True, text=True, timeout=1200,
                              env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}, stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, f"{script}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    run(f"podman import {bare_debian} localhost/debian:bookworm-slim")
    yield run
    run("podman rm -f -t 5 kiln; podman rmi -a -f", check=False)
    subprocess.Popen(["rm", "-rf", short])  # nobody waits


def test_the_container_builds_what_is_pushed_to_it(podman):
    *before, stop = commands("sources").strip().splitlines()
    podman("\n".join(line for line in before if not line.startswith("podman exec")))
    assert stop == "podman stop kiln"
    until(lambda: "runner=embedded" in podman("podman logs kiln"), "the runner", 60)
    status = podman("podman exec kiln kiln status")
    assert "running" in status and podman("podman exec kiln id -u").strip() == "10001"
    push = "export HOME=/tmp\n" + FIRST_PUSH.replace("/srv/git/", "/tmp/git/").replace("/root/shop", "/tmp/shop")
    pushed = podman(f"podman exec -i kiln sh -ec '{push.replace(chr(39), chr(39) + chr(92) + chr(39) + chr(39))}'")
    assert re.search(r"remote: Kiln: build \S+ queued for shop", pushed), pushed
    log = podman("podman exec kiln kiln logs shop --follow")
    assert "Success! Build completed." in log, log
    assert podman("podman exec kiln curl -sS -H 'Host: shop.dev.localhost' http://127.0.0.1:8788/") == "hello from the package"
    podman(stop)
    assert "stopping" in podman("podman logs kiln")
