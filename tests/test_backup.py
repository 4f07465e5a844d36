"""kiln backup and kiln restore: a copy of a server at work, put back into an empty directory."""
import hashlib
import io
import json
import os
import signal
import stat
import subprocess
import tarfile
import threading

import pytest

from harness.keeping import cheap_repo, restored, run_restore
from harness.receivers import Receiver
from harness.server import KILN
from harness.stored import Stored
from harness.waiting import until
from test_serving import fetch, url_of

CONFIG = "[builds]\nconcurrency = 1\nsupersede_queued = false\n"


def entries_of(archive):
    """{name: bytes} of a backup."""
    tar = subprocess.run(["zstd", "-dc", archive], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        assert all(member.isfile() for member in opened)
        return {member.name: opened.extractfile(member).read() for member in opened}


def test_a_backup_of_a_working_server_is_whole_and_runs_nothing_again(tmp_path, fresh_kiln):
    kiln = fresh_kiln(CONFIG)
    repo = cheap_repo(kiln, tmp_path, "shop", "case $WORKERS_CI_BRANCH in main) true;; *) echo begun; sleep 600;; esac")
    (built,) = repo.push()
    build = kiln.wait(built)
    assert build["build_outcome"] == "success", kiln.build_log(built)
    repo.commit(branch="long")
    (running,) = repo.push()
    kiln.wait_log(running, "begun")
    repo.commit(branch="later")
    (queued,) = repo.push()

    # Others write all the time.
    stop = threading.Event()
    made = []

    def load():
        while not stop.is_set():
            made.append(kiln.cli("build", "shop", "--branch", "main", check=False).returncode)

    writer = threading.Thread(target=load)
    writer.start()
    archive = tmp_path / "kiln.tar.zst"
    try:
        until(lambda: len(made) > 1, "the load to begin")
        done = kiln.cli("backup", archive)
    finally:
        stop.set()
        writer.join()
    assert set(made) == {0}, made
    assert "read again and whole" in done.stdout and str(archive) in done.stdout
    assert f"{archive}.key" in done.stderr
    for file in (archive, f"{archive}.key"):
        assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    entries = entries_of(archive)
    assert list(entries)[0] == "kiln-backup.json" and list(entries)[-1] == "SHA256SUMS" and "secrets.key" not in entries
    for line in entries["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(entries[name]).hexdigest() == digest
    assert not [entry.name for entry in kiln.data.iterdir() if entry.name.startswith("backup")], "its copy is gone"
    kiln.stop()

    copy = restored(archive, tmp_path / "copy", CONFIG)
    assert "closed" in copy.words and "left out" in copy.words
    before = {row["number"]: row["status"] for row in Stored(copy).rows("SELECT number, status FROM builds")}
    assert set(before.values()) == {"stopped"}
    assert Stored(copy).rows("SELECT * FROM outbox") == []
    copy.start()
    try:
        assert copy.account == kiln.account
        for uuid in (running, queued):
            closed = copy.build(uuid)
            assert (closed["status"], closed["build_outcome"]) == ("stopped", "terminated")
            assert "restored from a backup" in copy.build_log(uuid)[-1]
        # Its Worker answers, secrets open, and it builds what comes.
        assert fetch(copy, url_of(copy, "shop"))[0] == 200
        repo.commit(branch="main")
        (fresh,) = repo.push() or [copy.cli_json("build", "shop", "--branch", "main")["build_uuid"]]
        assert copy.wait(fresh)["build_outcome"] == "success", copy.build_log(fresh)
        assert copy.cli("check").returncode == 0
    finally:
        copy.stop()


def test_the_key_is_in_the_backup_or_apart_as_one_likes(tmp_path, fresh_kiln):
    kiln = fresh_kiln()
    cheap_repo(kiln, tmp_path, "keyed")
    key = (kiln.data / "secrets.key").read_bytes()
    kiln.cli("backup", tmp_path / "with", "--with-key")
    assert entries_of(tmp_path / "with")["secrets.key"] == key and not (tmp_path / "with.key").exists()
    kiln.cli("backup", tmp_path / "apart", "--key-file", tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere").read_bytes() == key and "secrets.key" not in entries_of(tmp_path / "apart")
    assert key not in (tmp_path / "apart").read_bytes()

    refused = run_restore(tmp_path / "apart", tmp_path / "d")
    assert refused.returncode == 1 and "--key-file" in refused.stderr
    (tmp_path / "wrong").write_bytes(bytes(32))
    refused = run_restore(tmp_path / "apart", tmp_path / "d", "--key-file", tmp_path / "wrong")
    assert refused.returncode == 1 and "another one's" in refused.stderr
    assert not [entry.name for entry in (tmp_path / "d").iterdir() if entry.name != "lock"], "nothing is left of it"
    assert run_restore(tmp_path / "apart", tmp_path / "d", "--key-file", tmp_path / "elsewhere").returncode == 0
    assert (tmp_path / "d" / "secrets.key").read_bytes() == key

    # What is there is not replaced unless one says so.
    assert kiln.cli("backup", tmp_path / "with", "--with-key", check=False).returncode == 1
    kiln.cli("backup", tmp_path / "with", "--with-key", "--force")
    assert kiln.cli("backup", tmp_path / "nowhere" / "x", check=False).returncode == 1


def test_a_restore_goes_into_an_empty_directory_only(tmp_path, fresh_kiln):
    kiln = fresh_kiln()
    kiln.cli("backup", tmp_path / "b", "--with-key")
    running = run_restore(tmp_path / "b", kiln.data)
    assert running.returncode == 1 and "already" in running.stderr
    kiln.stop()
    before = (kiln.data / "kiln.db").read_bytes()
    used = run_restore(tmp_path / "b", kiln.data)
    assert used.returncode == 1 and "is not empty" in used.stderr
    assert (kiln.data / "kiln.db").read_bytes() == before
    # One that was killed is begun anew, and no server takes its place.
    half = tmp_path / "half"
    (half / "restoring").mkdir(parents=True)
    (half / "restoring" / "kiln.db").write_bytes(b"half")
    served = subprocess.run([KILN, "serve", "--data-dir", half, "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=30)
    assert served.returncode == 1 and "kiln restore again" in served.stderr
    assert run_restore(tmp_path / "b", half).returncode == 0
    assert not (half / "restoring").exists() and (half / "kiln.db").exists()


def tar_of(entries, **changed):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in entries:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            for key, value in changed.get(name, {}).items():
                setattr(member, key, value)
            tar.addfile(member, io.BytesIO(data) if member.size else None)
    return out.getvalue()


@pytest.mark.parametrize("how", ["cut", "flipped", "outside", "link", "not one"])
def test_a_backup_that_is_none_leaves_nothing_behind(tmp_path, fresh_kiln, how):
    kiln = fresh_kiln()
    good = tmp_path / "good"
    kiln.cli("backup", good, "--with-key")
    kiln.stop()
    archive = tmp_path / "bad"
    raw = good.read_bytes()
    entries = list(entries_of(good).items())
    archive.write_bytes({
        "cut": raw[:len(raw) - 40], "flipped": raw[:900] + bytes([raw[900] ^ 1]) + raw[901:],
        "outside": tar_of(entries[:2] + [("../outside", b"x")] + entries[2:]),
        "link": tar_of(entries, **{"kiln.db": {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd", "size": 0}}),
        "not one": b"hello " * 1000,
    }[how])
    done = run_restore(archive, tmp_path / "d")
    assert done.returncode == 1 and "no whole backup" in done.stderr and "nothing was put" in done.stderr
    assert [entry.name for entry in (tmp_path / "d").iterdir()] == ["lock"]
    assert not (tmp_path / "outside").exists()


def test_reports_that_were_on_their_way_are_not_sent_by_the_copy(tmp_path, fresh_kiln):
    inbox = Receiver(lambda request: 500)
    try:
        kiln = fresh_kiln()
        (tmp_path / "url").write_text(inbox.url)
        kiln.cli("sinks", "add", "ops", "--url-file", tmp_path / "url")
        repo = cheap_repo(kiln, tmp_path, "told")
        (uuid,) = repo.push()
        kiln.wait(uuid)
        until(lambda: Stored(kiln).rows("SELECT 1 FROM sink_deliveries WHERE due_on IS NOT NULL"), "a delivery that waits")
        kiln.cli("backup", tmp_path / "b", "--with-key")
        kiln.stop()
        copy = restored(tmp_path / "b", tmp_path / "copy")
        assert "not sent from here" in copy.words
        assert Stored(copy).rows("SELECT 1 FROM sink_deliveries WHERE due_on IS NOT NULL") == []
        assert {row["state"] for row in Stored(copy).rows("SELECT state FROM sink_deliveries")} == {"parked"}
    finally:
        inbox.stop()


def test_a_reader_that_leaves_ends_the_backup_and_the_next_one_is_whole(tmp_path, fresh_kiln):
    kiln = fresh_kiln()
    one = subprocess.Popen([KILN, "backup", tmp_path / "a", "--with-key", "--data-dir", kiln.data])
    one.send_signal(signal.SIGKILL)
    one.wait(20)
    assert not (tmp_path / "a").exists()
    until(lambda: kiln.cli("backup", tmp_path / "b", "--with-key", "--force", check=False).returncode == 0, "a backup")
    assert run_restore(tmp_path / "b", tmp_path / "d").returncode == 0
    shown = json.loads(run_restore(tmp_path / "b", tmp_path / "e", "--json").stdout)
    assert shown["data_dir"] == str(tmp_path / "e") and shown["blobs_missing"] == 0
