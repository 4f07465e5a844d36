"""Attestations as they are read by code that is not Kiln's (tests/provenance), and `kiln verify` without any server."""
import base64
import json
import subprocess

from .server import KILN, NODE, ROOT, http


def read_by_others(envelope, key, folder):
    """The statement in an envelope, once Sigstore's reader has verified it and its form is in-toto's."""
    files = [folder / "envelope.json", folder / "key.pem"]
    for file, text in zip(files, [envelope, key]):
        file.write_text(text)
    done = subprocess.run([NODE, "--no-warnings", ROOT / "tests/provenance/read.mjs", *files], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"`tools/setup.sh test` installs the readers; they say:\n{done.stderr}"
    return json.loads(done.stdout)


def statement_in(envelope):
    return json.loads(base64.b64decode(json.loads(envelope)["payload"]))


def verify_offline(*words, **more):
    """`kiln verify` where no server is."""
    return subprocess.run([KILN, "verify", *map(str, words), "--data-dir", "/nonexistent/kiln"], capture_output=True, text=True, timeout=60,
                          stdin=more.pop("stdin", subprocess.DEVNULL), **more)


def ask(kiln, path):
    return http("GET", kiln.url + path, headers={"authorization": f"Bearer {kiln.token}"})


def attestation(kiln, version):
    return ask(kiln, f"/kiln/v1/accounts/{kiln.account}/versions/{version}/attestation").result
