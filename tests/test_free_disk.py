"""The floor of free space on the runner's disk: nothing is taken below it, and no build fills the disk."""
import json
import os
import subprocess

import pytest

from harness.server import Kiln
from harness.waiting import until


def test_below_the_floor_nothing_is_taken_and_everybody_says_so(fresh_kiln, repo, name, tmp_path, receiver):
    settings = '[runner]\nmin_free_disk = "4000TiB"\n[events]\nallow = ["127.0.0.0/8"]\n'
    kiln = fresh_kiln(settings)
    kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    repo.commit({"a": "1"})
    (number,) = repo.push()
    until(lambda: "paused_runners" in json.loads(kiln.cli("status", "--json").stdout), "the runner to say that it is paused")
    (why,) = json.loads(kiln.cli("status", "--json").stdout)["paused_runners"].values()
    assert "less than runner.min_free_disk = 4000 TiB" in why
    assert "min_free_disk" in kiln.cli("status").stdout
    assert kiln.log().count("NO BUILD IS TAKEN") == 1
    assert kiln.build(number)["status"] == "queued"
    heard = receiver()
    kiln.cli("sinks", "add", "ops", "--url", heard.url, "--event", "kiln.disk.low")
    (told,) = heard.wait(1)
    event = json.loads(told.text)
    assert event["type"] == "kiln.disk.low" and 0 < event["payload"]["freeBytes"] < 4000 << 40
    (tmp_path / "kiln.toml").write_text(settings)
    doctor = kiln.cli("doctor", "--config", tmp_path / "kiln.toml", "--json", check=False)
    (row,) = [row for row in json.loads(doctor.stdout)["rows"] if row["name"] == "free disk"]
    assert doctor.returncode == 1 and row["state"] == "missing" and "runner.min_free_disk" in row["means"]


def test_a_build_that_would_fill_the_disk_is_ended(tmp_path, repo, name):
    if os.geteuid() != 0:
        pytest.skip("a small disk can only be mounted by root")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=500m", "small", disk], check=True)
    try:
        kiln = Kiln(disk, '[limits]\ndisk = "2GiB"\n[runner]\nmin_free_disk = "300MiB"\n').start()
        try:
            kiln.connect(repo.bare, name, build_command="echo begins; head -c 450000000 /dev/zero > fill; sync; sleep 600",
                         deploy_command="true")
            repo.commit({"a": "1"})
            (number,) = repo.push()
            build = kiln.wait(number)
            log = kiln.build_log(number)
            assert build["build_outcome"] == "terminated", "\n".join(log)
            assert any("below half of its floor of 300 MiB (runner.min_free_disk)" in line for line in log), "\n".join(log)
            until(lambda: os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize > 350 << 20, "the disk to have room again", 30)
        finally:
            kiln.stop()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
