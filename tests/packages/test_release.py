"""A release, signed, and checked by the commands of docs/operations.md; its list of materials."""
import hashlib
import json
import subprocess

import pytest

from harness.server import ROOT
from packages.pages import commands


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """Its folder, made by the page's commands in a clone, so that nothing of this tree but its commit goes into it."""
    clone = tmp_path_factory.mktemp("release") / "clone"
    subprocess.run(["git", "clone", "-q", ROOT, clone], check=True, timeout=60)
    (clone / "build").mkdir()
    (clone / "build/tools").symlink_to(ROOT / "build/tools")
    done = subprocess.run(["bash", "-exc", commands("release")], cwd=clone, capture_output=True, text=True, timeout=3600,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = (clone / "build/release").iterdir()
    (folder / "kiln.pub").write_bytes((clone / "kiln.pub").read_bytes())
    return folder


def test_whoever_gets_it_can_check_it(release):
    subprocess.run(["bash", "-ec", commands("check")], cwd=release, check=True, timeout=60)
    deb = next(release.glob("kiln_*.deb"))
    kept = deb.read_bytes()
    deb.write_bytes(kept + b"x")
    try:
        assert subprocess.run(["bash", "-ec", commands("check")], cwd=release, capture_output=True, timeout=60).returncode != 0
    finally:
        deb.write_bytes(kept)


def test_its_list_of_materials_names_packages_and_hashes(release):
    (file,) = release.glob("*.cdx.json")
    bom = json.loads(file.read_text())
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.5") and bom["serialNumber"].startswith("urn:uuid:")
    components = {component["bom-ref"]: component for component in bom["components"]}
    assert len(components) == len(bom["components"]), "a reference that is there twice"
    for name in ("deb/libssl3", "deb/libboost1.81-dev", "deb/libstdc++6"):
        assert components[name]["purl"].startswith("pkg:deb/debian/")
    lock = json.loads((ROOT / "tools/toolchain/package-lock.json").read_text())["packages"]
    wrangler = components["npm/node_modules/wrangler"]
    assert wrangler["purl"] == f"pkg:npm/wrangler@{lock['node_modules/wrangler']['version']}" and wrangler["hashes"][0]["alg"] == "SHA-512"
    for deb in release.glob("*.deb"):
        assert components[f"file/{deb.name}"]["hashes"][0]["content"] == hashlib.sha256(deb.read_bytes()).hexdigest()
    assert set(bom["dependencies"][0]["dependsOn"]) == set(components)
