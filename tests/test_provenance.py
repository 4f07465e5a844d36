"""How versions were made, signed: attested as the build stops, read by code that is not Kiln's, verified offline and against what is stored."""
import base64
import hashlib
import json
import sqlite3

import pytest

from conftest import WORKER_JS
from harness.keeping import cheap_repo, restored
from harness.provenance import ask, attestation, read_by_others, statement_in, verify_offline
from harness.stored import Stored, as_blob
from harness.waiting import until
from test_cli_versions import Shop
from test_serving import url_of

BUILD = "echo built > public/built.txt"
NOT_ATTESTED, UNREADABLE, WRONG_KEY, NOT_VERIFIED, WRONG_VERSION, NOT_AS_ATTESTED = range(10, 16)
HASH = base64.b64encode(bytes(range(64))).decode()
LOCK = json.dumps({"name": "shop", "lockfileVersion": 3, "packages": {
    "": {"name": "shop"}, "node_modules/@scope/a": {"version": "1.2.3", "integrity": f"sha512-{HASH}"}, "node_modules/b": {"version": "2.0.0"}}})


def sha256(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def built(kiln, repo):
    (uuid,) = repo.push()
    build = kiln.wait(uuid)
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(uuid))
    return build, build["version_ids"][0]


def files_of(kiln, version, folder):
    """What `kiln attest` prints, as files: the envelope and the key."""
    envelope, key = folder / "shop.json", folder / "kiln.pem"
    envelope.write_text(kiln.cli("attest", version).stdout)
    key.write_text(kiln.cli("attest", "--key").stdout)
    return envelope, key


def refused(done, code, words):
    assert (done.returncode, words in done.stderr) == (code, True), f"exit {done.returncode}: {done.stderr}"
    assert done.stdout == ""


def change(kiln, sql, *values):
    with sqlite3.connect(kiln.data / "kiln.db", timeout=20) as db:
        assert db.execute(sql, values).rowcount == 1
    db.close()


def deploys_by(kiln, command):
    for trigger in kiln.cli_json("trigger", "list", "shop"):
        kiln.cli("trigger", "set", trigger["trigger_uuid"], "--deploy-command", command)


@pytest.fixture
def deployed(kiln, repo, name):
    """A Worker with a static file that wrangler has deployed from a push."""
    config = {"name": name, "main": "index.js", "compatibility_date": "2026-11-01", "assets": {"directory": "public", "binding": "ASSETS"}}
    commit = repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": json.dumps(config), "public/a.txt": "of the commit\n"})
    kiln.connect(repo.bare, name, build_command=BUILD)
    build, version = built(kiln, repo)
    return build, version, commit


def test_what_wrangler_deployed_is_attested_and_read_by_others(kiln, repo, name, deployed, tmp_path):
    build, version, commit = deployed
    envelope, key = files_of(kiln, version[:8], tmp_path)
    statement = read_by_others(envelope.read_text(), key.read_text(), tmp_path)
    subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    assert statement["subject"][0]["name"] == f"version/{version}"
    assert subjects["assets/a.txt"] == sha256("of the commit\n") and subjects["assets/built.txt"] == sha256("built\n")
    assert [hash for path, hash in subjects.items() if path.startswith("modules/")], "what wrangler bundled"
    made = statement["predicate"]["buildDefinition"]
    assert made["externalParameters"]["source"] == {"repository": f"git+file://{repo.bare}", "branch": "main", "commit": commit}
    assert made["externalParameters"]["trigger"]["cause"] == "push"
    assert made["externalParameters"]["commands"] == {"build": {"sha256": sha256(BUILD)}, "deploy": {"sha256": sha256("npx wrangler deploy")}}
    assert made["resolvedDependencies"][0] == {"uri": f"git+file://{repo.bare}", "digest": {"gitCommit": commit}}
    run = statement["predicate"]["runDetails"]
    assert run["metadata"]["invocationId"] == build["build_uuid"] and run["metadata"]["finishedOn"] == build["stopped_on"]
    shown = ask(kiln, "/kiln/v1/attestation_key").result
    assert run["builder"]["id"] == f"kiln:installation/{shown['key_id']}" and shown["public_key"] == key.read_text()
    # Through the API it is the same, and every part is stored as it was attested.
    told = attestation(kiln, version)
    assert (told["state"], told["worker"], told["build_uuid"]) == ("attested", name, build["build_uuid"])
    assert told["envelope"] == json.loads(envelope.read_text())
    stored = ask(kiln, f"/kiln/v1/accounts/{kiln.account}/versions/{version}/stored").result
    assert {one["name"]: one["sha256"] for one in stored["subjects"]} == subjects


def test_verify_says_offline_what_was_attested(kiln, name, deployed, tmp_path):
    build, version, commit = deployed
    envelope, key = files_of(kiln, version, tmp_path)
    done = verify_offline(envelope, "--key", key)
    assert done.returncode == 0, done.stderr
    for words in ("Verified", version, name, commit, f"{name}.git", "(push)", build["build_uuid"], "(success)", build["stopped_on"], "installation"):
        assert words in done.stdout, done.stdout
    with open(envelope, "rb") as text:
        assert json.loads(verify_offline("-", "--key", key, "--json", stdin=text).stdout)["commit"] == commit
    # Without the key somebody has to be asked.
    refused(verify_offline(envelope), 1, "--key")
    assert kiln.cli("verify", envelope).stdout == done.stdout


def test_each_thing_that_is_wrong_has_words_and_a_code_of_its_own(kiln, deployed, tmp_path):
    _, version, _ = deployed
    envelope, key = files_of(kiln, version, tmp_path)
    signed = json.loads(envelope.read_text())
    statement = statement_in(envelope.read_text())

    other = tmp_path / "other.pem"
    other.write_text("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n")
    refused(verify_offline(envelope, "--key", other), WRONG_KEY, "another key signed this")

    statement["predicate"]["buildDefinition"]["externalParameters"]["source"]["commit"] = "0" * 40
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(signed | {"payload": base64.b64encode(json.dumps(statement).encode()).decode()}))
    refused(verify_offline(changed, "--key", key), NOT_VERIFIED, "it was changed since")
    with pytest.raises(AssertionError, match="signature verification failed|SIGNATURE_ERROR"):
        read_by_others(changed.read_text(), key.read_text(), tmp_path)

    refused(verify_offline(envelope, "--key", key, "--version-id", "11112222-3333-4444-8555-666677778888"), WRONG_VERSION, "not 11112222-")
    changed.write_text("{}")
    refused(verify_offline(changed, "--key", key), UNREADABLE, "no attestation")
    refused(verify_offline(tmp_path / "nowhere", "--key", key), 1, "nowhere")
    refused(verify_offline(envelope, "--key", envelope), 1, "no public key in PEM")


def test_what_answers_is_held_against_what_was_attested(fresh_kiln, tmp_path):
    kiln = fresh_kiln()
    repo = cheap_repo(kiln, tmp_path, "shop")
    _, first = built(kiln, repo)
    _, key = files_of(kiln, first, tmp_path)
    url = url_of(kiln, "shop")
    done = kiln.cli("verify", url, "--key", key)
    assert first in done.stdout and "is what was attested" in done.stdout
    assert json.loads(kiln.cli("verify", url, "--json").stdout)[0]["stored_is_attested"] is True

    # Another version's attestation in its place.
    repo.commit({"more": "1"})
    _, second = built(kiln, repo)
    frames = {row["version_id"]: row["frame"] for row in Stored(kiln).rows("SELECT version_id, frame FROM attestations")}
    change(kiln, "UPDATE attestations SET frame = ? WHERE version_id = ?", frames[as_blob(first)], as_blob(second))
    refused(kiln.cli("verify", url, "--key", key, check=False), WRONG_VERSION, f"attests version {first}, not {second}")
    change(kiln, "UPDATE attestations SET frame = ? WHERE version_id = ?", frames[as_blob(second)], as_blob(second))
    assert kiln.cli("verify", url, "--key", key).returncode == 0

    # A changed module, on disk and in the database; a missing one; changed settings.
    row = Stored(kiln).row("SELECT blob FROM version_modules WHERE version_id = ?", as_blob(second))
    blob = next(kiln.data.glob(f"**/{row['blob']}"))
    text = blob.read_bytes()
    blob.write_bytes(text.replace(b"Response", b"Rexponse"))
    refused(kiln.cli("verify", url, "--key", key, check=False), NOT_AS_ATTESTED, "modules/index.js has changed")
    blob.unlink()
    refused(kiln.cli("verify", url, "--key", key, check=False), NOT_AS_ATTESTED, "modules/index.js is missing")
    blob.write_bytes(text)
    change(kiln, "UPDATE versions SET compatibility_date = '2024-01-01' WHERE id = ?", as_blob(second))
    refused(kiln.cli("verify", url, "--key", key, check=False), NOT_AS_ATTESTED, "how the version is run has changed")


def test_what_was_uploaded_by_hand_has_none(kiln, name):
    shop = Shop(kiln, name)
    shop.put("one")
    version = shop.version("two")
    kiln.cli("promote", version)
    refused(kiln.cli("attest", version, check=False), NOT_ATTESTED, "uploaded by hand")
    refused(kiln.cli("verify", url_of(kiln, name), check=False), NOT_ATTESTED, "uploaded by hand")
    assert attestation(kiln, version) == {"version_id": version, "worker": name, "build_uuid": None, "state": "uploaded_by_hand", "envelope": None}
    missing = "11112222-3333-4444-8555-666677778888"
    assert ask(kiln, f"/kiln/v1/accounts/{kiln.account}/versions/{missing}/attestation").status == 404
    assert ask(kiln, f"/kiln/v1/accounts/{kiln.account}/versions/{missing}/stored").status == 404
    assert kiln.cli("attest", missing, check=False).returncode == 1
    assert "--key" in kiln.cli("attest", check=False).stderr


def test_packages_of_the_lock_file_stand_with_their_digests(kiln, tmp_path, name):
    repo = cheap_repo(kiln, tmp_path, name)
    kiln.cli("variable", "set", "SKIP_DEPENDENCY_INSTALL=1", "--worker", name)
    repo.commit({"package.json": '{"name": "shop"}', "package-lock.json": LOCK})
    _, version = built(kiln, repo)
    envelope, key = files_of(kiln, version, tmp_path)
    statement = read_by_others(envelope.read_text(), key.read_text(), tmp_path)
    (_, lock, *packages) = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert (lock["name"], lock["digest"]) == ("package-lock.json", {"sha256": sha256(LOCK)})
    assert packages == [{"uri": "pkg:npm/%40scope/a@1.2.3", "digest": {"sha512": bytes(range(64)).hex()}}, {"uri": "pkg:npm/b@2.0.0"}]
    assert "package-lock.json: 2 packages, 1 of them with digests" in verify_offline(envelope, "--key", key).stdout


def test_a_build_that_stops_has_attested_even_when_the_server_is_killed(fresh_kiln, tmp_path):
    """A build is over exactly when what it uploaded is attested: the two are one transaction."""
    kiln = fresh_kiln()
    repo = cheap_repo(kiln, tmp_path, "shop", "true")
    deploys_by(kiln, "sh deploy.sh shop; sleep 600")
    (uuid,) = repo.push()
    (version,) = until(lambda: kiln.build(uuid)["version_ids"], "the build's version")
    assert attestation(kiln, version)["state"] == "build_running"
    refused(kiln.cli("attest", version, check=False), NOT_ATTESTED, "is made when the build")
    kiln.kill9()
    kiln.start()
    assert kiln.wait(uuid, 30)["build_outcome"] == "terminated"
    metadata = statement_in(kiln.cli("attest", version).stdout)["predicate"]["runDetails"]["metadata"]
    assert (metadata["invocationId"], metadata["kiln_outcome"]) == (uuid, "terminated")

    # Killed at the very moment of its end, time and again.
    stored = Stored(kiln)
    deploys_by(kiln, "sh deploy.sh shop")
    for turn in range(3):
        repo.commit({"turn": str(turn)})
        (uuid,) = repo.push()
        state = "SELECT b.status, (SELECT count(*) FROM attestations a JOIN version_builds v ON v.version_id = a.version_id " \
                "WHERE v.build_number = b.number) AS attested FROM builds b WHERE b.uuid = ?"
        until(lambda: stored.row(state, as_blob(uuid))["status"] == "stopped", "the build to stop", 60)
        kiln.kill9()
        assert stored.row(state, as_blob(uuid)) == {"status": "stopped", "attested": 1}
        kiln.start()
        (version,) = kiln.build(uuid)["version_ids"]
        assert json.loads(kiln.cli("verify", url_of(kiln, "shop"), "--json").stdout)[0]["version_id"] == version
    assert stored.rows("SELECT 1 FROM build_materials") == [], "nothing is left of builds that are over"


def test_a_backup_keeps_the_key_and_the_attestations(fresh_kiln, tmp_path):
    kiln = fresh_kiln()
    repo = cheap_repo(kiln, tmp_path, "shop", "true")
    _, version = built(kiln, repo)
    envelope, key = files_of(kiln, version, tmp_path)
    deploys_by(kiln, "sh deploy.sh shop; sleep 600")
    repo.commit({"more": "1"})
    (running,) = repo.push()
    (open_version,) = until(lambda: kiln.build(running)["version_ids"], "the second version")
    archive = tmp_path / "kiln.tar.zst"
    kiln.cli("backup", archive)
    secret = Stored(kiln).row("SELECT private_sealed FROM signing_keys")["private_sealed"]
    kiln.stop()

    copy = restored(archive, tmp_path / "copy")
    copy.start()
    try:
        assert copy.cli("attest", "--key").stdout == key.read_text()
        assert copy.cli("attest", version).stdout == envelope.read_text()
        assert Stored(copy).row("SELECT private_sealed FROM signing_keys")["private_sealed"] == secret
        # What ran when the backup was made is over here, and attested by the same key.
        open_envelope = tmp_path / "open.json"
        open_envelope.write_text(copy.cli("attest", open_version).stdout)
        done = verify_offline(open_envelope, "--key", key)
        assert done.returncode == 0 and "(terminated)" in done.stdout, done.stderr + done.stdout
    finally:
        copy.stop()
