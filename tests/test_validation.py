"""Every upload is started once before it is stored: what was taken is known to start."""
import json
import re

from conftest import WORKER_JS
from harness.clients import run_wrangler
from harness.server import Kiln


def put_script(kiln, name, code, **metadata):
    """A module Worker, uploaded as wrangler does it."""
    boundary = "kiln-validation"
    metadata = {"main_module": "index.js", "compatibility_date": "2026-11-01"} | metadata
    parts = [("metadata", "application/json", json.dumps(metadata)),
             ("index.js", "application/javascript+module", code)]
    body = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{part}"; filename="{part}"\r\n'
                   f"Content-Type: {kind}\r\n\r\n{text}\r\n" for part, kind, text in parts) + f"--{boundary}--\r\n"
    return kiln.call("PUT", f"//accounts/{kiln.account}/workers/scripts/{name}", body.encode(),
                     headers={"content-type": f"multipart/form-data; boundary={boundary}"})


def versions_of(kiln, name):
    return [v["id"] for v in kiln.get(f"//accounts/{kiln.account}/workers/scripts/{name}/versions").result["items"]]


def test_wrangler_prints_the_runtimes_words_for_a_broken_script_and_nothing_is_stored(kiln, worker_repo, name):
    worker_repo.commit({"index.js": "const x = 1;\nthrow new Error('boom at startup ' + x);\nexport default {}\n"})
    done = run_wrangler(kiln, worker_repo.work, "deploy")
    words = done.stdout + done.stderr
    assert done.returncode == 1, words
    assert "boom at startup 1" in words and "10021" in words, words
    assert kiln.get(f"//accounts/{kiln.account}/workers/services/{name}").status == 404

    worker_repo.commit({"index.js": WORKER_JS})
    assert run_wrangler(kiln, worker_repo.work, "deploy").returncode == 0
    before = versions_of(kiln, name)
    worker_repo.commit({"index.js": "export default { fetch() {} };\nnotDefined();\n"})
    for words in (["deploy"], ["versions", "upload"]):
        done = run_wrangler(kiln, worker_repo.work, *words)
        assert done.returncode == 1 and "notDefined is not defined" in done.stdout + done.stderr, done.stderr
    assert versions_of(kiln, name) == before


def test_the_startup_time_is_measured(kiln, worker_repo, name):
    done = run_wrangler(kiln, worker_repo.work, "deploy")
    assert done.returncode == 0, done.stderr
    measured = re.search(r"Worker Startup Time: (\d+) ms", done.stdout)
    assert measured and 1 < int(measured[1]) < 10_000, done.stdout


def test_a_script_that_never_finishes_starting_is_refused(tmp_path):
    kiln = Kiln(tmp_path, "[runner]\nembedded = false\n[workers]\nstart_ms = 1000\n").start()
    try:
        status, code, message = put_script(kiln, "spins", "for (;;) {}\nexport default {}").error
        assert (status, code) == (400, 10021) and "startup" in message, message
        assert put_script(kiln, "spins", "export default {}").status == 200
    finally:
        kiln.stop()


def test_without_workerd_uploads_are_refused_unless_serving_is_off(tmp_path):
    settings = '[runner]\nembedded = false\n[workers]\nworkerd = "/nowhere/workerd"\n'
    kiln = Kiln(tmp_path, settings).start()
    try:
        answer = put_script(kiln, "hello", "export default {}")
        assert answer.status == 502, answer.raw
        assert "cannot be validated" in answer.error[2] and "/nowhere/workerd" in answer.error[2]
        assert "/nowhere/workerd" in kiln.log()
        kiln.stop()
        kiln.config.write_text(settings + "serve = false\n")
        kiln.start()
        assert put_script(kiln, "hello", "export default {}").status == 200
    finally:
        kiln.stop()


def test_a_restarted_server_finds_no_leftovers(tmp_path):
    kiln = Kiln(tmp_path, "[runner]\nembedded = false\n").start()
    try:
        assert put_script(kiln, "hello", "export default {}").status == 200
        kiln.kill9()
        stale = kiln.data / "runtime" / "7"
        stale.mkdir()
        (kiln.data / "runtime" / "7.sock").write_text("")
        kiln.start()
        assert {entry.name for entry in (kiln.data / "runtime").iterdir()} == {"try", "dates", "d1"}
        assert put_script(kiln, "hello", "export default {}").status == 200
    finally:
        kiln.stop()
