"""Data directories as earlier programs left them, killed at work (make.py): this one takes each of them over, and what was promised stands.

There is a fixture for each release; before the first one there is none, and nothing to take over."""
import json
import sqlite3
import subprocess
from pathlib import Path

import pytest

from harness.server import Kiln, http
from harness.stored import Stored

FIXTURES = sorted(Path(__file__).parent.glob("*.tar.zst"))


@pytest.fixture(params=FIXTURES, ids=lambda path: path.name.removesuffix(".tar.zst"))
def old(request, tmp_path):
    """(a server, not started, over the fixture; what is known of it)"""
    kiln = Kiln(tmp_path, "[builds]\nconcurrency = 1\n[workers]\nserve = false\n")
    kiln.data.mkdir()
    subprocess.run(["tar", "-C", kiln.data, "-I", "zstd", "-xf", request.param], check=True)
    expected = kiln.data / "expected.json"
    facts = json.loads(expected.read_text())
    expected.unlink()
    yield kiln, facts
    kiln.stop()


def test_the_new_program_takes_over_what_the_old_one_left(old):
    kiln, facts = old
    kiln.start()
    assert kiln.account == facts["account"]
    own = {"authorization": f"Bearer {facts['token']}"}
    found = http("GET", f"{kiln.builds_api}/builds?version_ids={facts['version']}", headers=own).result["builds"][facts["version"]]
    assert found["build_uuid"] == facts["good"], "the old token opens, and which build made the version is known"
    assert kiln.build_log(facts["good"])[:len(facts["log"])] == facts["log"]
    assert kiln.build(facts["bad"])["build_outcome"] == "fail"
    # Their repository is elsewhere: both come to an end, which needs it.
    for uuid in (facts["running"], facts["queued"]):
        assert kiln.wait(uuid)["status"] == "stopped"
    assert "whole" in kiln.cli("check", check=False).stdout or kiln.cli("check", check=False).returncode == 0
    assert [build["build_uuid"] for build in kiln.builds_of("shop")][-1] == facts["good"]


def test_before_the_first_migration_the_database_is_copied(old):
    kiln, facts = old
    kiln.start()
    schema = Stored(kiln).row("SELECT max(number) AS number FROM migrations")["number"]
    copy = kiln.data / f"kiln.db.before-{facts['schema']}"
    assert copy.exists() == (schema > facts["schema"])
    if copy.exists():
        db = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
        assert db.execute("SELECT max(number) FROM migrations").fetchone() == (facts["schema"],)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.stat().st_mode & 0o777 == 0o600
    # A backup of what was taken over is one of this program.
    kiln.cli("backup", kiln.folder / "b", "--with-key")


def test_an_older_program_refuses_newer_data_in_words(old):
    kiln, _ = old
    kiln.start()
    kiln.stop()
    db = sqlite3.connect(kiln.data / "kiln.db")
    with db:
        db.execute("INSERT INTO migrations (name) VALUES ('of a newer Kiln')")
    db.close()
    with pytest.raises(AssertionError) as refused:
        kiln.start()
    assert "start the newer Kiln that made it" in str(refused.value)
