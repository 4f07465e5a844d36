"""A build that uses up all it can get: it comes as far as its limits, and the server and other builds go on meanwhile."""
import os
import time

import pytest

from harness.server import http
from harness.waiting import until

from .conftest import PYTHON, inside_sources, said

NAMES = {"fork-bomb": "pids", "zombie-flood": "pids", "disk-filling": "disk", "tmp-filling": "disk", "inode-filling": "disk",
         "run-filling": "", "memory-hog": "memory"}


@pytest.fixture(scope="module")
def bombed(hostile_server, tmp_path_factory):
    from harness.githost import Repo
    server = hostile_server
    until(lambda: "slots=" in server.log(), "the runner to be ready")
    repo = Repo(tmp_path_factory.mktemp("bombs"), "bombs")
    repo.commit(inside_sources())
    server.connect(repo.bare, "bombs", build_command=f"{PYTHON} probes/bombs.py; echo all tried", deploy_command="true")
    free = os.statvfs(server.data).f_bavail * os.statvfs(server.data).f_frsize
    (number,) = repo.push()
    waits = []

    def is_over():
        begun = time.monotonic()
        assert http("GET", server.url + "/readyz").status == 200
        waits.append(time.monotonic() - begun)
        return server.build(number)["status"] == "stopped"
    until(is_over, "the bombs to be over", 120)
    log = "\n".join(server.build_log(number))

    def taken():
        return free - os.statvfs(server.data).f_bavail * os.statvfs(server.data).f_frsize
    return {"said": said(log), "log": log, "waits": waits, "server": server, "taken": taken}


@pytest.mark.parametrize("name", NAMES)
def test_the_limit_holds(bombed, name):
    for line in bombed["server"].log().splitlines():
        if NAMES[name] and "NOT ENFORCED" in line and f": {NAMES[name]}" in line:
            pytest.skip(line)
    assert bombed["said"].get(name, "nothing said\n" + bombed["log"][:5000]).startswith("contained")


def test_the_server_answers_all_the_while(bombed):
    assert max(bombed["waits"]) < 5, sorted(bombed["waits"])[-5:]


def test_a_line_of_100_MB_is_cut_and_the_build_goes_on(bombed):
    assert len(bombed["log"]) < 400_000 and "The log has reached its limit of 256 KiB" in bombed["log"]
    assert bombed["log"].endswith("Success! Build completed.")


def test_the_disk_gets_its_room_back(bombed):
    until(lambda: bombed["taken"]() < 64 << 20, "the host's disk to have its room again", 20)
