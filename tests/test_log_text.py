"""What a build and a commit may show: colours, but no other command to a terminal; no line that passes for the service's;
no secret in another coat; and output that cannot be written is not passed over in silence."""
import base64
import json
import os
import re
import subprocess

import pytest

from harness.githost import Repo
from harness.server import KILN

SECRET = "corr3ct-horse-battery"
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
NOISE = r"""printf '\033[31mred\033[0m \033]0;title\007\033]52;c;aGk=\033\\\033[2J\033(B\302\233told \342\200\256turned\n'
printf 'half a sequence \033[3\n'; printf '10%%\r100%%\n'
echo 'Success: Build command completed'; echo '! Success: Deploy command completed'
"""
COATS = r"""echo "hex $(printf %s $HIDDEN | od -An -tx1 -v | tr -d ' \n')"
echo "base64 $(printf %s $HIDDEN | base64)"; echo "base32 $(printf %s $HIDDEN | base32)"
printf 'nul %s\n' "$HIDDEN" | sed 's/r/r\x00/g'; printf 'back %s\n' "$HIDDEN" | sed 's/-/-\x08/g'
printf 'colour %s\n' "$HIDDEN" | sed 's/o/\x1b[1mo\x1b[0m/g'
"""


def readable(text):
    return re.sub("\x1b\\[[0-9;:]*m", "", text)


@pytest.fixture(scope="module")
def built(kiln, tmp_path_factory):
    """(kiln, uuid): one build that tries all of it."""
    repo = Repo(tmp_path_factory.mktemp("text"), "texts")
    repo.commit({"noise.sh": NOISE, "coats.sh": COATS}, "First \x1b]0;title\x07line\n\nsecond \u202eline\u2028\ttab")
    made = kiln.connect(repo.bare, "texts", build_command="sh noise.sh; sh coats.sh", deploy_command="true")
    for trigger in made["triggers"]:
        kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}/environment_variables",
                  {"HIDDEN": {"is_secret": True, "value": SECRET}}).result
    (uuid,) = repo.push()
    assert kiln.wait(uuid)["build_outcome"] == "success", kiln.build_log(uuid)
    return kiln, uuid


def test_a_log_keeps_colours_and_no_other_command_to_a_terminal(built):
    kiln, uuid = built
    log = kiln.build_log(uuid)
    assert "\x1b[31mred\x1b[0m told turned" in log and "half a sequence " in log and "100%" in log
    for line in log:
        assert not HARMFUL.search(readable(line)), line.encode()


def test_a_commit_message_keeps_its_lines_and_nothing_else_that_a_terminal_obeys(built):
    kiln, uuid = built
    message = kiln.build(uuid)["build_trigger_metadata"]["commit_message"]
    assert message.rstrip("\n") == "First \ufffd]0;title\ufffdline\n\nsecond \ufffdline\ufffd\ttab"


def test_no_coat_of_a_secret_is_in_the_log(built):
    kiln, uuid = built
    text = "\n".join(readable(line) for line in kiln.build_log(uuid))
    for word in ("hex", "base64", "base32", "nul", "back", "colour"):
        assert re.search(rf"^{word} \*\*\*=*$", text, re.M), text
    for coat in (SECRET, SECRET.encode().hex(), base64.b64encode(SECRET.encode()).decode()):
        assert coat not in text


def test_the_services_lines_are_told_from_a_builds_that_look_like_them(built):
    kiln, uuid = built
    plain = kiln.get(f"/builds/{uuid}/logs").result["lines"]
    assert all(len(line) == 2 for line in plain)
    assert kiln.get(f"/builds/{uuid}/logs?origin=false").result["lines"] == plain
    lines = kiln.get(f"/builds/{uuid}/logs?origin=true").result["lines"]
    assert [line[:2] for line in lines] == plain
    said = [origin for _, text, origin in lines if text == "Success: Build command completed"]
    assert said == ["build", "service"]
    assert [origin for _, text, origin in lines if "Deploy command completed" in text] == ["build", "service"]
    assert [lines[0][2], lines[-1][2]] == ["service", "service"], "the runner's first line and the server's last"
    live = kiln.get(f"/builds/{uuid}/logs?origin=true", headers={"accept": "text/event-stream"}).raw.decode()
    assert [json.loads(data) for data in re.findall(r"^data: (\[.*)$", live, re.M)] == lines
    assert kiln.get(f"/builds/{uuid}/logs?origin=maybe").error[0] == 400


def test_the_command_line_shows_who_wrote_a_line(built):
    kiln, uuid = built
    shown = kiln.cli("logs", uuid).stdout
    assert re.search(r"^\d\d:\d\d:\d\d   Success: Build command completed$", shown, re.M)
    assert re.search(r"^\d\d:\d\d:\d\d \* Success: Build command completed$", shown, re.M)
    assert not HARMFUL.search(shown) and "\x1b" not in shown
    (last,) = kiln.cli("logs", uuid, "--tail", "1", "--json", "--origin").stdout.splitlines()
    assert json.loads(last)[1:] == ["Success! Build completed.", "service"]
    assert len(kiln.cli("logs", uuid, "--grep", "Success: Build").stdout.splitlines()) == 2
    assert not HARMFUL.search(kiln.cli("builds", "texts").stdout + kiln.cli("builds", "texts", "--json").stdout)


COMMANDS = [["--help"], ["--version"], ["status"], ["builds"], ["builds", "--json"], ["logs", "BUILD"], ["logs", "BUILD", "--follow"],
            ["build", "texts"], ["retry", "BUILD"], ["token", "create", "--name", "lost"], ["token", "list"], ["account", "list"],
            ["account", "create", "--name", "unseen"], ["doctor"], ["run", "REPO", "--build-command", "echo hello"]]


def unread(kiln, words, stdout):
    plain = words[0].startswith("--")
    return subprocess.run([KILN, *words, *([] if plain else ["--data-dir", kiln.data])], stdout=stdout,
                          stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, timeout=120)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words))
def test_results_that_cannot_be_written_are_an_exit_code(built, repo, words):
    kiln, uuid = built
    repo.commit({"a": "1"})
    words = [{"BUILD": uuid, "REPO": str(repo.work)}.get(word, word) for word in words]
    with open("/dev/full", "wb") as full:
        done = unread(kiln, words, full)
    assert done.returncode == 3 and "standard output could not be written" in done.stderr, done.stderr
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = unread(kiln, words, writer)
    finally:
        os.close(writer)
    assert done.returncode == 141 and "written" not in done.stderr, done.stderr


def test_a_token_that_could_not_be_printed_can_be_revoked(built):
    kiln, _ = built
    with open("/dev/full", "wb") as full:
        done = unread(kiln, ["token", "create", "--name", "lost for good"], full)
    (token,) = re.findall(r"kiln token revoke (\S+)", done.stderr)
    kiln.cli("token", "revoke", token)
