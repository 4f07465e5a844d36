"""Help, manual pages, completion and the reference in docs/: all out of the program's own definitions."""
import json
import os
import re
import subprocess

import pytest

from harness.server import KILN, ROOT
from harness.terminal import wide


def run(*words, **env):
    return subprocess.run([KILN, *map(str, words)], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                          env=os.environ | env)


def leaves():
    """Every command with nothing below it, and a few that have."""
    page = run("man", "--markdown").stdout
    return [words.split()[1:] for words in re.findall(r"^#{2,3} (kiln .*)$", page, re.M)]


def test_every_command_explains_itself_in_80_columns():
    assert len(leaves()) > 50
    for words in leaves():
        for asked in ([*words, "--help"], ["help", *words]):
            done = run(*asked)
            assert done.returncode == 0 and not done.stderr, asked
        wrong = [line for line in done.stdout.splitlines() if len(line) > 80]
        assert not wrong, wrong


def test_the_reference_in_docs_is_what_the_program_says():
    kept = (ROOT / "docs" / "commands.md").read_text()
    assert kept == run("man", "--markdown").stdout, "write it anew: build/kiln man --markdown > docs/commands.md"


def test_typos_get_a_suggestion():
    for words, meant in ((["biulds"], "kiln builds"), (["trigger", "puase", "x"], "kiln trigger pause"),
                         (["builds", "--outcom", "fail"], "kiln builds --outcome"), (["--jsn", "builds"], "kiln --json")):
        done = run(*words)
        assert done.returncode == 2 and f"Did you mean: {meant}\n" in done.stderr, (words, done.stderr)
    assert run("help", "builds").stdout == run("builds", "--help").stdout
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", run("--version").stdout)


def test_the_place_may_stand_before_the_command(kiln):
    done = run("--data-dir", kiln.data, "--json", "status")
    assert done.returncode == 0 and json.loads(done.stdout)["account_id"] == kiln.account
    assert run("--data-dir", kiln.data, "--account", kiln.account, "builds").returncode == 0
    assert run("--data-dir", kiln.data, "serve", "--listen", "127.0.0.1:0").stderr.count("already") == 1


def test_manual_pages_are_good(tmp_path):
    assert run("man", "--dir", tmp_path).returncode == 0
    pages = sorted(page.name for page in tmp_path.iterdir())
    assert "kiln.1" in pages and "kiln-builds.1" in pages and "kiln-token-create.1" in pages and len(pages) > 60
    for page in tmp_path.iterdir():
        done = subprocess.run(["groff", "-K", "utf8", "-man", "-Tutf8", "-wall", page], capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, (page.name, done.stderr)
    assert (tmp_path / "kiln-builds.1").read_text() == run("man", "builds").stdout
    dated = run("man", SOURCE_DATE_EPOCH="0").stdout
    assert dated.startswith('.TH KILN 1 "1970-01-01"')


def completed(shell_words, env):
    """What bash offers for a line that ends where Tab is pressed."""
    script = f"""
    source <({KILN} completion bash)
    COMP_WORDS=({" ".join(shell_words)}) COMP_CWORD={len(shell_words) - 1}
    _kiln
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, env=env)
    return [line for line in done.stdout.splitlines() if line]


def test_bash_completes_commands_options_words_and_workers(kiln, repo, name, tmp_path):
    repo.commit({"a": "1"})
    kiln.connect(repo.bare, name, deploy_command="true")
    env = os.environ | {"KILN_DATA_DIR": str(kiln.data)}
    program = str(KILN)
    assert completed([program, "trig"], env) == ["trigger"]
    assert completed([program, "trigger", "re"], env) == ["resume"]
    assert completed([program, "builds", "--outc"], env) == ["--outcome"]
    assert completed([program, "builds", "--outcome", "f"], env) == ["fail"]
    assert name in completed([program, "versions", "''"], env)
    assert name in completed([program, "variable", "list", "--worker", name[:1]], env)
    (tmp_path / "a-file").write_text("")
    assert completed([program, "doctor", "--config", str(tmp_path / "a-")], env) == [str(tmp_path / "a-file")]
    assert completed([program, "versions", "''"], env | {"KILN_DATA_DIR": str(tmp_path)}) == [], "no server, no words, no noise"


@pytest.mark.parametrize("shell, check", [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "-n"])])
def test_completion_scripts_parse(shell, check, tmp_path):
    script = tmp_path / shell
    script.write_text(run("completion", shell).stdout)
    assert script.read_text()
    done = subprocess.run([*check, script], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and not done.stderr, done.stderr


def test_zsh_completes_too(kiln):
    script = f"""
    compdef() {{ :; }}
    _describe() {{ print -l -- "${{(@P)4}}"; }}
    _files() {{ print files; }}
    source <({KILN} completion zsh)
    words=({KILN} trigger re) CURRENT=3
    _kiln
    """
    done = subprocess.run(["zsh", "-fc", script], capture_output=True, text=True, timeout=60)
    assert "resume:" in done.stdout, done.stdout + done.stderr


def test_fish_completes_too():
    done = subprocess.run(["fish", "--no-config", "-c", f"{KILN} completion fish | source; set -gx PATH {KILN.parent} $PATH; complete -C 'kiln trigger re'"],
                          capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("resume"), done.stdout + done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full disk here")
@pytest.mark.parametrize("words", [["builds"], ["workers"], ["queue"], ["trigger", "list"], ["build-token", "list"], ["completion", "zsh"],
                                   ["man"], ["man", "--markdown"]])
def test_results_on_a_full_disk_have_an_exit_code_of_their_own(kiln, repo, name, words):
    repo.commit({"a": "1"})
    kiln.connect(repo.bare, name, deploy_command="true")
    kiln.wait(repo.push()[0])
    with open("/dev/full", "w") as full:
        done = subprocess.run([KILN, *words, "--json", "--data-dir", kiln.data] if words[0] == "queue" else [KILN, *words, "--data-dir", kiln.data],
                              stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 3 and "could not be written" in done.stderr
    assert wide(kiln, "builds", name)
