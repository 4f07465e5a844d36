"""The Debian packages on a bare Debian 12: installed, booted without a network, pushed to, stopped, purged."""
import re
import subprocess

import pytest

from harness.server import ROOT
from harness.waiting import until
from packages.machine import Machine

FIRST_PUSH = """
git config --global user.email ada@example.com
git config --global user.name Ada
git config --global init.defaultBranch main
git init -q --bare /srv/git/shop.git
git init -q /root/shop
cd /root/shop
echo 'export default { fetch() { return new Response("hello from the package"); } };' >index.js
echo '{ "name": "shop", "main": "index.js", "compatibility_date": "2026-11-01" }' >wrangler.jsonc
git add -A
git commit -qm First
git remote add origin /srv/git/shop.git
kiln connect /srv/git/shop.git --worker shop
git push origin main 2>&1
"""


def test_lintian_finds_nothing(debs):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", *debs.values()], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and not re.search(r"^[EW]:", done.stdout, re.M), done.stdout


def test_packing_twice_gives_the_same_bytes(debs, tmp_path):
    subprocess.run([ROOT / "tools/deb.sh", tmp_path], check=True, timeout=900)
    for name, file in debs.items():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), name


def test_the_unit_is_one_that_systemd_reads_without_complaint():
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", ROOT / "deploy/systemd/kiln.service"], capture_output=True, text=True,
                          timeout=60)
    said = [line for line in done.stderr.splitlines() if "kiln" in line and "not executable" not in line]
    assert not said, done.stderr


@pytest.fixture(scope="module")
def without_tools(debs, machine):
    """What a server without kiln-tools says: `kiln status`, `kiln doctor`, the journal."""
    machine.install(debs["kiln"], recommended=["python3-venv", "systemd", "dbus"])
    machine.boot()
    status = until(lambda: "no runner takes any" in (said := machine.sh("kiln status")) and said, "the status", 60)
    said = status, machine.inside("kiln", "doctor", check=False).stdout, machine.journal()
    machine.halt()
    return said


@pytest.fixture(scope="module")
def serving(debs, machine, without_tools):
    """The same machine with kiln-tools, booted, its runner ready."""
    machine.install(debs["kiln-tools"])
    machine.boot()
    until(lambda: "runner=embedded" in machine.journal(), "the runner", 60)
    return machine


def test_without_the_tools_the_server_says_what_is_needed_and_how_to_get_it(without_tools):
    for said in without_tools:
        assert "install the package kiln-tools" in said


def test_a_push_is_built_and_served_under_the_hardened_unit(serving):
    pushed = serving.sh("mkdir -p /srv/git\n" + FIRST_PUSH)
    assert re.search(r"remote: Kiln: build \S+ queued for shop", pushed)
    log = serving.sh("kiln logs shop --follow")
    assert "Success! Build completed." in log and "Live at http://shop.dev.localhost:8788" in log
    assert serving.sh("curl -sS -H 'Host: shop.dev.localhost' http://127.0.0.1:8788/") == "hello from the package"
    assert serving.inside("kiln", "doctor").returncode == 0


def test_the_unit_takes_from_the_service_what_it_does_not_need(serving):
    pid = serving.sh("systemctl show -P MainPID kiln").strip()
    status = dict(line.split(":\t", 1) for line in serving.sh(f"cat /proc/{pid}/status").splitlines() if ":\t" in line)
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    bounding = int(status["CapBnd"], 16)
    for name, bit in {"CAP_SYS_MODULE": 16, "CAP_SYS_RAWIO": 17, "CAP_SYS_TIME": 25, "CAP_NET_RAW": 13}.items():
        assert not bounding >> bit & 1, name
    assert serving.inside("nsenter", "-t", pid, "--mount", "touch", "/usr/x", check=False).returncode != 0


def test_systemd_starts_a_server_again_that_does_not_answer(serving):
    serving.sh("mkdir -p /run/systemd/system/kiln.service.d\n"
               "printf '[Service]\\nWatchdogSec=3\\n' >/run/systemd/system/kiln.service.d/test.conf\n"
               "systemctl daemon-reload\nsystemctl restart kiln")
    pid = serving.sh("systemctl show -P MainPID kiln").strip()
    serving.sh(f"kill -STOP {pid}")
    until(lambda: serving.sh("systemctl show -P MainPID kiln").strip() not in ("0", pid), "another server", 60)
    until(lambda: serving.inside("kiln", "status", check=False).returncode == 0, "the server", 60)
    assert "kiln.service: Watchdog timeout" in serving.journal()


def test_wrong_settings_end_the_service_with_their_line_and_it_is_not_tried_again(serving):
    serving.sh("cp -p /etc/kiln/kiln.toml /etc/kiln/before\nprintf 'nonsense\\n' >/etc/kiln/kiln.toml")
    try:
        serving.inside("systemctl", "restart", "kiln", check=False)
        assert set(serving.sh("systemctl show -P ActiveState -P ExecMainStatus kiln").split()) == {"failed", "2"}
        assert "/etc/kiln/kiln.toml:1:" in serving.journal()
    finally:
        serving.sh("mv /etc/kiln/before /etc/kiln/kiln.toml\nsystemctl restart kiln")


def test_purging_leaves_nothing(debs, bare_debian, tmp_path):
    machine = Machine(tmp_path, bare_debian)
    try:
        before = machine.files()
        machine.install(*debs.values(), recommended=["systemd", "dbus"])
        machine.boot()
        until(lambda: "runner=embedded" in machine.journal(), "the runner", 60)
        assert (machine.root / "var/lib/kiln/kiln.db").exists()
        machine.inside("systemctl", "stop", "kiln")
        machine.halt()
        machine.run("apt-get", "purge", "-y", "-q", "kiln", "kiln-tools")
        assert not sorted(path for path in machine.files() - before if "kiln" in path and not path.startswith("packages/"))
        assert "kiln" not in (machine.root / "etc/group").read_text()
    finally:
        machine.remove()
