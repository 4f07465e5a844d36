"""These run when `make test-packages` asks for them: they fetch a whole Debian, pack, and boot it."""
import os
import shutil
import subprocess

import pytest

from harness.server import ROOT
from packages.machine import Machine

collect_ignore = [] if os.environ.get("KILN_TEST_PACKAGES") == "1" else ["test_container.py", "test_operations.py", "test_packages.py", "test_release.py"]


@pytest.fixture(scope="session")
def debs(tmp_path_factory):
    """{name: file} of the packages, of what is built."""
    folder = tmp_path_factory.mktemp("debs")
    subprocess.run([ROOT / "tools/deb.sh", folder], check=True, timeout=900)
    return {file.name.partition("_")[0]: file for file in folder.glob("*.deb")}


@pytest.fixture(scope="session")
def bare_debian(tmp_path_factory):
    """A tar of Debian 12 with nothing in it that apt does not need; fetched once for all runs."""
    kept = ROOT / "build/debian-12.tar"
    if not kept.exists():
        making = tmp_path_factory.mktemp("debian") / "debian.tar"
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates", "bookworm", making,
                        "http://deb.debian.org/debian"], check=True, timeout=900)
        shutil.move(making, kept)
    return kept


@pytest.fixture(scope="module")
def machine(tmp_path_factory, bare_debian):
    made = Machine(tmp_path_factory.mktemp("machine"), bare_debian)
    yield made
    made.remove()
