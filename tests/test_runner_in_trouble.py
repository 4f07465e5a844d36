"""A runner that cannot start: readiness, status, whoever pushes and whoever waits for a build are told, and why."""
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from harness.server import BUILD, KILN, Kiln, http
from harness.waiting import until


USER = 62_501  # nobody's


class Programs(Kiln):
    """A server whose programs stand in a folder of its own, so that its runner can be another."""

    def __init__(self, folder):
        super().__init__(folder, f'[runner]\ntools_dir = "{BUILD / "tools"}"\n')
        self.programs = self.folder / "programs"
        self.programs.mkdir()
        for name in ("kiln", "kiln-runner", "kiln-agent"):
            shutil.copy2(BUILD / name, self.programs / name)

    def start(self, user=None):
        log = open(self.log_file, "ab")
        self.process = subprocess.Popen(
            [self.programs / "kiln", "serve", "--data-dir", self.data, "--listen", "127.0.0.1:0", "--workers-listen",
             "127.0.0.1:0", "--config", self.config], stdin=subprocess.DEVNULL, stdout=log, stderr=log, user=user, group=user,
            extra_groups=None if user is None else [])
        log.close()
        until(self._answers, f"the server to answer (log: {self.log_file})", 30)
        return self

    def _answers(self):
        self._is_ready()
        return hasattr(self, "url") and http("GET", self.url + "/livez").status == 200

    def readiness(self):
        answer = http("GET", self.url + "/readyz")
        return answer.status, answer.raw.decode()

    def set_runner(self, script):
        runner = self.programs / "kiln-runner"
        new = self.programs / "kiln-runner.new"
        new.write_text(script)
        new.chmod(0o755)
        new.rename(runner)


@pytest.fixture
def troubled(tmp_path):
    server = Programs(tmp_path)
    yield server
    server.stop()


def test_everybody_who_waits_is_told_until_it_works(troubled, repo, name):
    works = (troubled.programs / "kiln-runner").read_bytes()
    troubled.set_runner("#!/bin/sh\nexit 3\n")
    troubled.start()
    until(lambda: troubled.readiness()[0] == 503, "readiness to say it")
    words = troubled.readiness()[1]
    assert "no build can be run" in words and "kiln status" in words
    assert "exit code" not in words and "/" not in words, "strangers read it: nothing of the machine"
    assert http("GET", troubled.url + "/livez").status == 200
    status = troubled.cli("status").stdout
    assert "no runner takes any: the runner ended with exit code 3" in status and "kiln doctor" in status
    assert "exit code 3" in troubled.cli_json("status")["no_builds"]

    troubled.connect(repo.bare, name, build_command="echo built", deploy_command="true")
    repo.commit({"a": "1"})
    (number,) = repo.push()
    assert "WARNING: it waits, since no runner takes builds at present: the runner ended with exit code 3" in repo.answer

    follower = subprocess.Popen([KILN, "logs", number, "--follow", "--data-dir", troubled.data], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    told = follower.stderr.readline()
    assert "the build waits, since no runner takes builds at present: the runner ended with exit code 3" in told

    new = troubled.programs / "kiln-runner.new"
    new.write_bytes(works)
    new.chmod(0o755)
    new.rename(troubled.programs / "kiln-runner")
    out, _ = follower.communicate(timeout=90)
    assert follower.returncode == 0 and "built" in out
    assert "no_builds" not in troubled.cli_json("status")
    until(lambda: troubled.readiness() == (200, "ready\n"), "readiness, which looks once a second, to say it")


def test_a_runner_that_is_missing_is_named(troubled):
    (troubled.programs / "kiln-runner").unlink()
    troubled.start()
    until(lambda: troubled.readiness()[0] == 503, "readiness to say it")
    program = troubled.programs / "kiln-runner"
    assert f"cannot be started: running {program}: No such file" in troubled.cli_json("status")["no_builds"]
    assert str(program) not in troubled.readiness()[1]


def test_a_tools_folder_without_node_is_named_until_it_has_one(troubled, tmp_path):
    tools = tmp_path / "nowhere"
    troubled.config.write_text(troubled.config.read_text().replace(str(BUILD / "tools"), str(tools)))
    troubled.start()
    until(lambda: troubled.readiness()[0] == 503, "readiness to say it")
    words = troubled.cli_json("status")["no_builds"]
    assert "the runner cannot start" in words and f"{tools}/node/default/bin/node" in words and "runner.tools_dir" in words
    assert str(tools) not in troubled.readiness()[1] and not tools.exists()
    assert "no runner takes any: the runner cannot start" in troubled.cli("status").stdout
    tools.symlink_to(BUILD / "tools")
    until(lambda: troubled.readiness()[0] == 200, "the runner to start", 60)


def test_a_runner_that_was_killed_is_only_started_again(kiln):
    until(lambda: "paused_runners" not in kiln.cli_json("status"), "the runner to work")
    before = kiln.cli_json("status")["runner_pid"]
    os.kill(before, signal.SIGKILL)
    until(lambda: kiln.cli_json("status")["runner_pid"] not in (0, before), "the next runner")
    assert http("GET", kiln.url + "/readyz").status == 200


def test_an_ordinary_user_without_a_tun_device_is_told_what_to_do():
    if os.geteuid() != 0:
        pytest.skip("only root can start a server as somebody else")
    if os.access("/dev/net/tun", os.F_OK) and stat.S_IMODE(os.stat("/dev/net/tun").st_mode) & 0o006:
        pytest.skip("/dev/net/tun is open to everybody here")
    for folder in Path(KILN).parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            pytest.skip(f"{folder} is closed to others")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        server = Programs(folder)
        os.chown(folder, USER, USER)
        server.start(user=USER)
        try:
            until(lambda: server.readiness()[0] == 503, "readiness to say it", 30)
            words = server.cli_json("status")["no_builds"]
            assert "the runner cannot start" in words, words
            # Whichever this machine refuses first.
            assert "chmod 0666 /dev/net/tun" in words or "To enable one: install bubblewrap" in words, words
            assert words.split("the runner cannot start", 1)[1][:40] in server.cli("status").stdout
            assert "/dev" not in server.readiness()[1]
        finally:
            server.stop()
