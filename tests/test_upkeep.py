"""kiln check and kiln prune: whether what is kept is whole, and what of it goes."""
import hashlib
import json
import os
import sqlite3
import subprocess
import time
import uuid

from harness.keeping import cheap_repo
from harness.server import KILN
from harness.stored import Stored
from test_validation import put_script, versions_of

NO_SERVING = "[workers]\nserve = false\n"


def blobs_in(kiln):
    return {path.name: path for path in (kiln.data / "blobs").rglob("*") if path.is_file()}


def age(kiln):
    """Uploads as if they had come two days ago."""
    then = time.time() - 2 * 86400
    for path in blobs_in(kiln).values():
        os.utime(path, (then, then))


def write(kiln, sql, *values):
    db = sqlite3.connect(kiln.data / "kiln.db", timeout=10)
    with db:
        db.execute(sql, values)
    db.close()


def test_check_finds_what_is_lost_and_repairs_what_is_too_much(fresh_kiln):
    kiln = fresh_kiln(NO_SERVING)
    assert put_script(kiln, "one", "export default { fetch() { return new Response('one'); } };").status == 200
    assert put_script(kiln, "two", "export default { fetch() { return new Response('two'); } };").status == 200
    whole = kiln.cli("check")
    assert "2 uploads" in whole.stdout and "they are whole" in whole.stdout

    blobs = sorted(blobs_in(kiln).values())
    blobs[0].write_bytes(b"damaged")
    blobs[1].unlink()
    stray = kiln.data / "blobs" / "aa" / ("aa" + "0" * 62)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x")
    age(kiln)
    found = kiln.cli("check", check=False)
    assert found.returncode == 1 and "2 faults" in found.stdout
    for words in ("is damaged: module index.js of version", "is missing: module index.js of version", "note", "kiln prune"):
        assert words in found.stdout, found.stdout
    assert all(len(line) <= 400 for line in found.stdout.splitlines())
    lines = [json.loads(line) for line in kiln.cli("check", "--json", check=False).stdout.splitlines()]
    assert lines[-1]["done"] and lines[-1]["faults"] == 2 and lines[-1]["notes"] == 1
    assert stray.exists(), "nothing is repaired unless it is asked for"
    assert "were removed" in kiln.cli("check", "--repair", check=False).stdout and not stray.exists()

    # The same without a server, and rows that belong to nothing.
    kiln.stop()
    write(kiln, "INSERT INTO build_logs (build_uuid, first_line, writer, seq, line_count, lines_json) VALUES (x'00', 0, x'', 1, 1, '[]')")
    found = kiln.cli("check", check=False)
    assert found.returncode == 1 and "3 faults" in found.stdout and "of builds that are gone" in found.stdout
    kiln.cli("check", "--repair", check=False)
    assert Stored(kiln).rows("SELECT 1 FROM build_logs WHERE build_uuid = x'00'") == []
    assert subprocess.run([KILN, "check", "--data-dir", kiln.folder / "no"], capture_output=True).returncode == 1


def test_check_reads_what_bindings_keep(fresh_kiln):
    kiln = fresh_kiln(NO_SERVING)
    spaces, buckets = f"//accounts/{kiln.account}/storage/kv/namespaces", f"//accounts/{kiln.account}/r2/buckets"
    space = kiln.call("POST", spaces, {"title": "kept"}).result["id"]
    assert kiln.call("PUT", f"{spaces}/{space}/values/k", b"v").status == 200
    assert kiln.call("POST", buckets, {"name": "kept"}).status == 200
    for key in ("fine", "lost"):
        assert kiln.call("PUT", f"{buckets}/kept/objects/{key}", key.encode() * 100).status == 200
    assert "2 KV, D1 and R2 stores (2 objects) were read: they are whole" in kiln.cli("check").stdout
    file = next((kiln.data / "r2").glob("*/blobs/*"))
    file.write_bytes(b"x" * file.stat().st_size)
    found = kiln.cli("check", check=False)
    assert found.returncode == 1 and "is damaged: its md5 is another" in found.stdout and "1 faults" in found.stdout, found.stdout

    kiln.stop()
    (kiln.data / "kv" / f"{space}.db").write_bytes(b"no database")
    found = kiln.cli("check", check=False)
    assert found.returncode == 1 and "2 faults" in found.stdout and f"kv/{space}.db is damaged" in found.stdout, found.stdout


def test_check_tells_a_damaged_database(fresh_kiln):
    kiln = fresh_kiln(NO_SERVING)
    kiln.stop()
    file = kiln.data / "kiln.db"
    raw = bytearray(file.read_bytes())
    for page in range(8, len(raw) // 4096):
        raw[page * 4096:page * 4096 + 16] = b"\xff" * 16
    file.write_bytes(raw)
    found = kiln.cli("check", check=False)
    assert found.returncode == 1 and "backup" in found.stdout + found.stderr


def test_prune_takes_what_the_settings_say_and_the_uploads_of_it(tmp_path, fresh_kiln):
    kiln = fresh_kiln(NO_SERVING + "[retention]\nbuilds = 2\nversions = 2\ndeployments = 1\ndeleted_worker_days = 0\n")
    repo = cheap_repo(kiln, tmp_path, "shop")
    builds = []
    for number in range(5):
        repo.commit({"n": str(number)})
        builds += repo.push()
        assert kiln.wait(builds[-1])["build_outcome"] == "success", kiln.build_log(builds[-1])
    assert put_script(kiln, "gone", "export default { fetch() { return new Response('gone'); } };").status == 200
    assert kiln.call("DELETE", f"//accounts/{kiln.account}/workers/scripts/gone").status == 200
    versions = versions_of(kiln, "shop")
    assert len(versions) == 5 and len(blobs_in(kiln)) == 6
    age(kiln)

    would = json.loads(kiln.cli("prune", "--dry-run", "--json").stdout)
    assert (would["dry_run"], would["versions"], would["builds"], would["versions_of_deleted_workers"]) == (True, 3, 3, 1)
    assert versions_of(kiln, "shop") == versions, "it was only asked"
    did = json.loads(kiln.cli("prune", "--json").stdout)
    assert {key: did[key] for key in ("versions", "builds", "versions_of_deleted_workers")} == {"versions": 3, "builds": 3, "versions_of_deleted_workers": 1}
    assert versions_of(kiln, "shop") == versions[:2]
    assert [kiln.get(f"/builds/{uuid}").status for uuid in builds] == [404, 404, 404, 200, 200]
    listed = kiln.builds_of("shop")
    assert [build["build_uuid"] for build in listed] == builds[:2:-1]
    # Uploads stay a day after they have lost their last name.
    assert len(blobs_in(kiln)) == 6 and did["blobs"] == 0
    age(kiln)
    did = json.loads(kiln.cli("prune", "--json").stdout)
    assert did["blobs"] == 4 and len(blobs_in(kiln)) == 2
    assert "they are whole" in kiln.cli("check").stdout
    assert "0  builds" in kiln.cli("prune").stdout

    # What comes next is in front, and which build made what is known as before.
    repo.commit({"n": "next"})
    (fresh,) = repo.push()
    made = kiln.wait(fresh)["version_ids"]
    assert kiln.builds_of("shop")[0]["build_uuid"] == fresh
    assert kiln.cli("which", made[0]).returncode == 0


def test_an_upload_that_comes_again_is_not_taken_away(fresh_kiln):
    kiln = fresh_kiln(NO_SERVING + "[retention]\ndeleted_worker_days = 0\n")
    code = "export default { fetch() { return new Response('same'); } };"
    assert put_script(kiln, "first", code).status == 200
    assert kiln.call("DELETE", f"//accounts/{kiln.account}/workers/scripts/first").status == 200
    kiln.cli("prune")
    age(kiln)
    assert put_script(kiln, "second", code).status == 200
    assert json.loads(kiln.cli("prune", "--json").stdout)["blobs"] == 0
    assert "they are whole" in kiln.cli("check").stdout


def r2_bucket_id(account, name):
    return hashlib.sha256(f"r2 {account} {name}".encode()).hexdigest()[:32]


def test_prune_takes_what_bindings_kept_for_versions_that_are_gone(fresh_kiln):
    kiln = fresh_kiln(NO_SERVING)
    account = f"//accounts/{kiln.account}"
    space = kiln.call("POST", f"{account}/storage/kv/namespaces", {"title": "sessions"}).result["id"]
    kiln.call("PUT", f"{account}/storage/kv/namespaces/{space}/bulk", [{"key": "k", "value": "v"}]).result
    database = kiln.call("POST", f"{account}/d1/database", {"name": "shop"}).result["uuid"]
    gone = str(uuid.uuid4())
    copies = [kiln.data / "kv" / f"{space}.{gone}.db", kiln.data / "d1" / f"{database}.{gone}"]
    bucket = kiln.data / "r2" / r2_bucket_id(kiln.account, "media")
    kiln.call("POST", f"{account}/r2/buckets", {"name": "media"}).result
    copies.append(bucket.with_name(f"{bucket.name}.{gone}"))
    copies[2].mkdir()
    copies[0].write_bytes((kiln.data / "kv" / f"{space}.db").read_bytes())
    (copies[1] / "files").mkdir(parents=True)
    assert kiln.cli("prune", "--dry-run").returncode == 0 and all(copy.exists() for copy in copies)
    kiln.cli("prune")
    assert not any(copy.exists() for copy in copies) and (kiln.data / "kv" / f"{space}.db").exists() and bucket.exists()
