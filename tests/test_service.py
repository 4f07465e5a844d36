"""The server as a service manager and an operator start it: what it tells, and where it listens."""
import os
import signal
import socket
import subprocess

import pytest

from harness.server import KILN, Kiln
from harness.waiting import until


@pytest.fixture
def manager(tmp_path):
    """systemd's end of NOTIFY_SOCKET."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        yield listening


def test_a_service_manager_hears_of_the_start_of_life_and_of_the_end(manager, tmp_path):
    environment = os.environ | {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "400000"}
    server = subprocess.Popen([KILN, "serve", "--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0", "--workers-listen", "127.0.0.1:0"],
                              env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ready = manager.recv(1000).decode().split("\n")
        assert ready[0] == "READY=1" and ready[1].startswith("STATUS=The API answers at http://127.0.0.1:")
        assert [manager.recv(1000) for _ in range(2)] == [b"WATCHDOG=1"] * 2
        (runner,) = until(lambda: children(server.pid), "the runner", 30)
        assert b"NOTIFY_SOCKET" not in open(f"/proc/{runner}/environ", "rb").read(), "a child could speak in the server's name"
        server.send_signal(signal.SIGTERM)
        while (told := manager.recv(1000)) == b"WATCHDOG=1":
            pass
        assert told == b"STOPPING=1"
    finally:
        server.terminate()
        assert server.wait(30) == 0


def children(pid):
    found = [child for task in os.listdir(f"/proc/{pid}/task") for child in open(f"/proc/{pid}/task/{task}/children").read().split()]
    return [child for child in found if b"kiln-runner" in open(f"/proc/{child}/cmdline", "rb").read().split(b"\0")[0]]


def test_a_server_on_an_ipv6_address_builds_and_deploys(tmp_path, worker_repo, name):
    folder = tmp_path / "server"
    folder.mkdir()
    kiln = Kiln(folder)
    kiln.listen = "[::1]:0"
    try:
        kiln.start()
        assert kiln.url.startswith("http://[::1]:")
        connected = kiln.connect(worker_repo.bare, name)
        assert connected["hook"]["url"].startswith(kiln.url + "/hooks/git/")
        (uuid,) = worker_repo.push()
        build = kiln.wait(uuid)
        assert build["build_outcome"] == "success", "\n".join(kiln.build_log(uuid))
    finally:
        kiln.stop()


def test_an_ipv6_address_without_brackets_is_refused_with_what_it_needs(tmp_path):
    done = subprocess.run([KILN, "serve", "--data-dir", tmp_path / "data", "--listen", "::1:8787"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "[::1]:8787" in done.stderr
