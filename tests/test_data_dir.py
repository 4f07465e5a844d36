"""The data directory: a start that finds it damaged is refused in words, and nothing in it is lost by the refusal."""
import os
import re
import shutil
import stat
import subprocess

import pytest

from conftest import WORKER_JS
from harness.server import KILN, ROOT, Kiln, http
from harness.waiting import until
from test_serving import fetch, url_of
from test_validation import put_script


@pytest.fixture
def kept(tmp_path, repo, name):
    """The data directory of a server that ran, with sealed rows in it, and stopped."""
    kiln = Kiln(tmp_path, "").start()
    kiln.connect(repo.bare, name, build_command="true", deploy_command="true")
    kiln.stop()
    return kiln


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file() and "tools" not in p.parts}


def refusal(kiln):
    """The words with which a start ends."""
    before = contents(kiln.data)
    done = subprocess.run([KILN, "serve", "--data-dir", kiln.data, "--listen", "127.0.0.1:0", "--workers-listen", "127.0.0.1:0"],
                          capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert done.returncode == 1, done.stderr
    assert contents(kiln.data) == before
    words = done.stderr.splitlines()[-1]
    assert "of one and the same backup back into" in words and str(kiln.data) in words
    return words


def documented_modes():
    """{name: mode} of the table in docs/data-directory.md."""
    modes = {}
    for line in (ROOT / "docs" / "data-directory.md").read_text().splitlines():
        if row := re.fullmatch(r"\| ((?:`[^`]+` ?)+) \| ([0-7]{4}) \| .* \|", line):
            modes |= {name: int(row[2], 8) for name in re.findall("`([^`]+)`", row[1])}
    return modes


def modes_in(folder):
    """{name: mode} of everything that somebody else could reach, or see beside it."""
    found = {}

    def walk(place):
        mode = stat.S_IMODE(place.lstat().st_mode)
        found[str(place.relative_to(folder))] = mode
        if place.is_dir() and (place == folder or place == folder / "runner"):
            for below in place.iterdir():
                walk(below)

    walk(folder)
    return found


def loosen(folder):
    """Opens to everybody whatever a stopped server left in its own folders."""
    for name in modes_in(folder):
        place = folder / name
        if place.is_dir():
            place.chmod(0o777)
        elif place.is_file():
            place.chmod(0o666)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o177])
def test_every_mode_is_the_documented_one_whatever_the_umask(tmp_path, worker_repo, name, umask):
    kiln = Kiln(tmp_path, "")
    try:
        kiln.start(umask=umask)
        kiln.stop()
        loosen(kiln.data)
        kiln.start(umask=umask)
        # A build fills the runner's folder; a Worker that calls another connects to calls.sock.
        kiln.connect(worker_repo.bare, name)
        (build,) = worker_repo.push()
        assert kiln.wait(build)["build_outcome"] == "success", "\n".join(kiln.build_log(build))
        put_script(kiln, "caller", "export default { fetch(r, env) { return env.OTHER.fetch(r); } };",
                   bindings=[{"name": "OTHER", "type": "service", "service": name}]).result
        status, _, body = fetch(kiln, url_of(kiln, "caller"))
        assert (status, body) == (200, "hello")
        found, wanted = modes_in(kiln.data), documented_modes()
        if os.geteuid() != 0:
            wanted["calls.sock"] = wanted["cache.sock"] = 0o600
        unknown = sorted(set(found) - set(wanted))
        assert not unknown, f"docs/data-directory.md does not name {unknown}"
        assert {n: oct(m) for n, m in found.items()} == {n: oct(wanted[n]) for n in found}
        missing = set(wanted) - set(found) - {"being-made", "kiln.db.before-N", "backup.XXXXXX", "restoring", "runner/tools", "runner/cgroups"}
        assert not missing, f"{missing} are named and not there"
    finally:
        kiln.stop()


def starts_again(kiln):
    account = kiln.account
    kiln.start()
    assert kiln.account == account
    kiln.stop()


@pytest.mark.parametrize("file", ["kiln.db", "secrets.key"])
@pytest.mark.parametrize("damage", ["missing", "empty", "other"])
def test_a_damaged_data_directory_is_refused_and_starts_when_it_is_put_back(kept, tmp_path, file, damage):
    there, aside = kept.data / file, tmp_path / "aside"
    shutil.copy2(there, aside)
    there.unlink()
    if damage != "missing":
        there.write_bytes(b"" if damage == "empty" else b"x" * (32 if file == "secrets.key" else 65536))
    words = refusal(kept)
    assert f"{file}" in words and ("is " + damage in words if damage != "other" else True)
    if (file, damage) == ("secrets.key", "other"):
        assert "the key does not open what the database holds sealed" in words
    shutil.copy2(aside, there)
    starts_again(kept)


def test_a_short_key_and_a_cut_database_are_refused(kept, tmp_path):
    key, database = kept.data / "secrets.key", kept.data / "kiln.db"
    whole = key.read_bytes()
    key.write_bytes(whole[:31])
    assert "holds 31 bytes where a key has 32" in refusal(kept)
    key.write_bytes(whole)
    rows = database.read_bytes()
    database.write_bytes(rows[:8192])
    assert "malformed" in refusal(kept)
    database.write_bytes(rows)
    starts_again(kept)


@pytest.fixture
def small_disk(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("a small disk can only be mounted by root")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "small", disk], check=True)
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def fill(disk):
    """Takes what is left of the disk, to the last byte; returns the file that holds it."""
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as out:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    out.write(b"x" * size)
            except OSError:
                pass
    return filler


def test_a_full_disk_is_said_everywhere_and_loses_nothing(small_disk, repo, name):
    kiln = Kiln(small_disk, '[runner]\nmin_free_disk = "0"\n[limits]\ndisk_mode = "poll"\n[api]\nread_cache = "0"\n')
    kiln.log_file = repo.work.parent / "server.log"
    try:
        kiln.start()
        kiln.connect(repo.bare, name, deploy_command="true",
                     build_command="echo before; until [ -e go ]; do sleep 0.05; done; seq 1 20000; echo after")
        put_script(kiln, "before", WORKER_JS).result
        repo.commit({"a": "1"})
        (running,) = repo.push()
        kiln.wait_log(running, "before")
        filler = fill(small_disk)

        def ready():
            answer = http("GET", kiln.url + "/readyz")
            return answer.status, answer.raw

        full = (503, b"not ready: the disk of its data directory is full, so nothing can be stored\n")
        until(lambda: ready() == full, "readiness, which is good for a second, to say it", 10)
        assert http("GET", kiln.url + "/livez").status == 200
        status, code, words = put_script(kiln, "during", "// " + "x" * 500_000 + "\n" + WORKER_JS).error
        assert (status, code) == (507, 12507) and "full and nothing was stored" in words
        repo.commit({"a": "2"})
        assert repo.push() == [] and "the disk of the Kiln server is full, so nothing is built" in repo.answer
        (small_disk / "data/runner/builds" / f"{running}-1" / "repo" / "go").touch()
        until(lambda: "disk full: a runner's log" in kiln.log(), "a log append to be refused in words")

        filler.unlink()
        until(lambda: http("GET", kiln.url + "/readyz").status == 200, "the server to be ready again")
        assert kiln.wait(running)["build_outcome"] == "success", kiln.build_log(running)[-5:]
        lines = kiln.build_log(running)
        assert [line for line in lines if line.isdigit()] == [str(n) for n in range(1, 20001)] and "after" in lines
        put_script(kiln, "during", WORKER_JS).result
    finally:
        kiln.stop()
