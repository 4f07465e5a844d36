"""docs/operations.md, command by command: on a machine from the first installation to the last purge."""
import shutil

from harness.waiting import until
from packages.machine import Machine
from packages.pages import blocks


def test_the_page_does_what_it_says(debs, bare_debian, tmp_path):
    machine = Machine(tmp_path, bare_debian)
    (machine.root / "packages").mkdir()
    for deb in debs.values():
        shutil.copy(deb, machine.root / "packages")
    try:
        for place, text in blocks():
            if place == "install":  # with a network, which the booted machine has not
                machine.halt()
                machine.run("sh", "-exc", "cd /packages\n" + text, timeout=1200)
                if (machine.root / "usr/lib/kiln/kiln").exists():
                    machine.boot()
                    until(lambda: "runner=embedded" in machine.journal(), "the runner", 60)
            elif place == "machine":
                machine.inside("sh", "-exc", text, timeout=300)
        left = [path for path in ("etc/kiln", "var/lib/kiln", "var/lib/kiln-tools", "usr/lib/kiln") if (machine.root / path).exists()]
        assert not left, "purged, and still there"
    finally:
        machine.remove()
