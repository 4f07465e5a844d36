"""Settings are judged in one place: what the server takes its runner obeys, and what one refuses the others refuse alike."""
import os
import signal
import subprocess

import pytest

from harness.server import KILN
from harness.waiting import until

WRONG = {
    f"[runner]\nforward_ports = {list(range(4000, 4033))}\n": ":2: runner.forward_ports must be a list of at most 32 ports",
    "[builds]\n\nconcurrency = 0\n": ":3: builds.concurrency must be a whole number from 1 to 900",
    "[runner]\nmin_free_disc = \"1GiB\"\n": ":2: unknown setting runner.min_free_disc",
}


@pytest.mark.parametrize("words", [["serve", "--listen", "127.0.0.1:0", "--workers-listen", "127.0.0.1:0"], ["doctor"],
                                   ["run", "."]], ids=lambda words: words[0])
@pytest.mark.parametrize("text", WRONG, ids=WRONG.values())
def test_every_command_refuses_the_same_settings_in_the_same_words(tmp_path, words, text):
    file = tmp_path / "kiln.toml"
    file.write_text(text)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)  # what `kiln run` builds
    done = subprocess.run([KILN, *words, "--data-dir", tmp_path / "data", "--config", file], cwd=tmp_path,
                          capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode != 0
    assert f"{file}{WRONG[text]}" in done.stdout + done.stderr
    assert "usage:" not in done.stderr


def test_a_runner_that_starts_again_has_the_settings_that_were_judged(fresh_kiln, repo, name):
    kiln = fresh_kiln('[runner.environment]\nTOLD = "at the start"\n')
    repo.commit({"a": "1"})
    kiln.connect(repo.bare, name, build_command='echo "told $TOLD"', deploy_command="true")
    kiln.config.write_text("[runner]\nforward_ports = [0]\n")  # for the next start of the server
    first = until(lambda: kiln.cli_json("status")["runner_pid"], "a runner")
    os.kill(first, signal.SIGKILL)
    until(lambda: kiln.cli_json("status")["runner_pid"] not in (0, first), "another runner")
    (uuid,) = repo.push()
    assert kiln.wait(uuid)["build_outcome"] == "success"
    assert "told at the start" in "\n".join(kiln.build_log(uuid))
