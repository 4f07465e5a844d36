"""The server's own TLS: certificates renewed while it runs, who comes by it is nobody without a token, and what is wrong is said.
tests/proxies has what is the same as behind a proxy."""
import json
import shutil
import signal
import socket
import ssl
import subprocess

import pytest

from harness.ports import free_port
from harness.server import KILN, Kiln
from harness.waiting import until
from proxies.proxies import API, Certificates
from proxies.visitor import Visitor


class Door:
    """What a Visitor wants of a proxy."""

    def __init__(self, folder):
        self.port, self.certificates = free_port(), Certificates(folder)
        self.config = (f'[server]\npublic_url = "https://{API}:{self.port}"\n[runner]\nembedded = false\n'
                       f'[tls]\nlisten = "127.0.0.1:{self.port}"\ncertificate = "{self.certificates.chain}"\nkey = "{self.certificates.key}"\n')

    def serial(self):
        """Of the certificate that is shown now."""
        with Visitor(self).connect(API) as connection:
            return connection.getpeercert()["serialNumber"]


@pytest.fixture
def door(tmp_path):
    return Door(tmp_path)


@pytest.fixture
def kiln(tmp_path, door):
    server = Kiln(tmp_path, door.config)
    server.start()
    yield server
    server.stop()


def test_certificates_are_read_anew_at_a_signal_and_bad_ones_leave_the_good_ones(kiln, door, tmp_path):
    first = door.serial()
    old = Visitor(door).connect(API)
    (tmp_path / "next").mkdir()
    renewed = Certificates(tmp_path / "next")
    for name in ("ca", "chain", "key"):
        shutil.copy(getattr(renewed, name), getattr(door.certificates, name))
    kiln.process.send_signal(signal.SIGHUP)
    until(lambda: "reloaded settings" in kiln.log(), "the settings to be read")
    assert door.serial() != first
    old.sendall(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n")  # goes on over the certificate before
    assert old.recv(4096).startswith(b"HTTP/1.1 200")
    second = door.serial()
    door.certificates.key.write_text("nonsense\n")
    kiln.process.send_signal(signal.SIGHUP)
    until(lambda: "the certificates of TLS stay as they were" in kiln.log(), "the log to say so")
    assert str(door.certificates.key) in kiln.log() and "nonsense" not in kiln.log()
    assert door.serial() == second


def test_who_comes_by_tls_is_nobody_without_a_token(kiln, door):
    visitor = Visitor(door)
    for path in ("/kiln/v1/whoami", f"/kiln/v1/accounts/{kiln.account}/repositories", f"/client/v4/accounts/{kiln.account}/workers/scripts"):
        status, answer = visitor.json(API, path)
        assert status == 401 and not answer["success"], (path, answer)
    status, answer = visitor.json(API, "/kiln/v1/whoami", headers={"Authorization": f"Bearer {kiln.token}"})
    assert status == 200, answer


def test_what_a_caller_writes_first_is_taken_for_no_proxys_word(kiln, door):
    header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + socket.inet_aton("203.0.113.9") + socket.inet_aton("127.0.0.1") + b"\0\1\0\2"
    with Visitor(door).connect(API) as connection:
        connection.sendall(header + b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 400")


def test_those_who_never_greet_hold_up_nobody(kiln, door):
    silent = [socket.create_connection(("127.0.0.1", door.port), timeout=30) for _ in range(300)]
    try:
        assert Visitor(door, "127.0.0.3").request(API, "/livez")[0] == 200
        assert Visitor(door, "127.0.0.1").request(API, "/livez")[0] == 200, "from where they come, too"
    finally:
        for one in silent:
            one.close()


def test_old_versions_of_tls_are_not_spoken(kiln, door):
    context = door.certificates.context()
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", door.port), timeout=30) as raw:
        context.wrap_socket(raw, server_hostname=API)


def test_the_doctor_says_when_a_certificate_ends(kiln):
    (row,) = [row for row in json.loads(kiln.cli("doctor", "--json", check=False).stdout)["rows"] if row["name"] == "certificate"]
    assert row["state"] == "limited" and row["found"].startswith("ends on 2") and "reload" in row["todo"], "it is good for two days"


@pytest.mark.parametrize("words, said", [
    (["--tls-cert", "x.pem"], "no address to listen at"),
    (["--tls-listen", "127.0.0.1:0"], "needs a certificate and its key"),
    (["--tls-listen", "127.0.0.1:0", "--tls-cert", "x.pem", "--tls-key", "y.pem"], "needs server.public_url")])
def test_settings_that_are_not_whole_are_refused(tmp_path, words, said):
    done = subprocess.run([KILN, "serve", "--data-dir", tmp_path / "data", *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and said in done.stderr, done.stderr


def test_a_file_that_is_no_certificate_is_named(tmp_path):
    (tmp_path / "kiln.toml").write_text('[server]\npublic_url = "https://localhost"\n')
    done = subprocess.run([KILN, "serve", "--data-dir", tmp_path / "data", "--config", tmp_path / "kiln.toml", "--listen", "127.0.0.1:0",
                           "--workers-listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0", "--tls-cert", tmp_path / "none.pem", "--tls-key", "y.pem"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and f"{tmp_path}/none.pem: no certificate in PEM can be read there" in done.stderr, done.stderr
