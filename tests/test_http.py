"""The server's HTTP, byte by byte: what a stranger, an old proxy or an attacker may send."""
import json
import socket
from urllib.parse import urlsplit

import pytest

from harness.server import http


class Wire:
    def __init__(self, kiln):
        at = urlsplit(kiln.url)
        self.socket = socket.create_connection((at.hostname, at.port), timeout=20)
        self.file = self.socket.makefile("rb")

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def answer(self, body=True):
        """(status, headers, body) of the next answer."""
        status = int(self.file.readline().split()[1])
        headers = {}
        while line := self.file.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers, self.file.read(int(headers.get("content-length", 0))) if body else b""

    def at_end(self):
        try:
            return self.file.read(1) == b""
        except ConnectionResetError:
            return True


@pytest.fixture
def wire(kiln):
    return Wire(kiln)


def test_keep_alive_and_pipelining_answer_in_order(wire):
    wire.send("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    assert [wire.answer()[0] for _ in range(3)] == [200, 404, 200]


def test_head_has_the_headers_and_no_body(wire):
    wire.send("HEAD /readyz HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    status, headers, _ = wire.answer(body=False)
    assert status == 200 and int(headers["content-length"]) > 0
    assert wire.answer()[0] == 200


def test_http_1_0_closes(wire):
    wire.send("GET /readyz HTTP/1.0\r\n\r\n")
    assert wire.answer()[0] == 200 and wire.at_end()


def test_a_chunked_body_is_read(kiln, wire):
    body = json.dumps({"build_token_name": "chunked"}).encode()
    wire.send(f"POST /client/v4/accounts/{kiln.account}/builds/tokens HTTP/1.1\r\nHost: x\r\n"
              f"Authorization: Bearer {kiln.token}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
              + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
    status, _, answer = wire.answer()
    assert status == 400 and b"build_token_secret" in answer


def test_expect_100_is_answered_before_the_body(kiln, wire):
    wire.send(f"POST /client/v4/accounts/{kiln.account}/builds/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
              f"Authorization: Bearer {kiln.token}\r\nExpect: 100-continue\r\n\r\n")
    assert wire.answer()[0] == 100
    wire.send("{}")
    assert wire.answer()[0] == 400


def test_a_body_over_the_limit_is_refused_before_it_is_sent(kiln, wire):
    wire.send(f"POST /client/v4/accounts/{kiln.account}/builds/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n"
              "Expect: 100-continue\r\n\r\n")
    status, _, answer = wire.answer()
    assert status == 413 and json.loads(answer)["errors"][0]["code"] == 12002


def test_a_flood_of_headers_is_cut_off(wire):
    try:
        wire.send("GET /readyz HTTP/1.1\r\nHost: x\r\n" + "X-Flood: y\r\n" * 20_000 + "\r\n")
    except (BrokenPipeError, ConnectionResetError):
        pass
    try:
        assert wire.answer()[0] == 431
    except (ConnectionResetError, IndexError):
        pass  # the server may close before the flood is over


@pytest.mark.parametrize("target", ["/%2e%2e/readyz", "/a/../readyz", "/a%00b", "/%zz", "/a%0d%0ab"])
def test_strange_targets_are_refused(wire, target):
    wire.send(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert wire.answer()[0] in (400, 404)


def test_garbage_gets_an_answer_or_an_end_and_the_server_lives(kiln, wire):
    wire.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n")
    wire.file.readline()
    assert http("GET", kiln.url + "/readyz").status == 200


def test_the_control_and_runner_routes_are_not_on_tcp(kiln):
    auth = {"authorization": f"Bearer {kiln.token}"}
    for path in ("drain", "health", "backup", "backup/key"):
        assert http("GET", f"{kiln.url}/kiln/v1/{path}", headers=auth).status == 404, path
    assert http("POST", kiln.url + "/runner/v1/claim", b"{}", auth).status == 404


def test_live_log_lines_come_as_events_and_resume_after_the_last_id(kiln, repo, name):
    repo.commit({"a": "1"})
    kiln.connect(repo.bare, name, build_command="echo first; until [ -e /tmp/never ]; do sleep 0.05; done",
                 deploy_command="true")
    (uuid,) = repo.push()
    wire = Wire(kiln)
    request = (f"GET /client/v4/accounts/{kiln.account}/builds/builds/{uuid}/logs HTTP/1.1\r\nHost: x\r\n"
               f"Authorization: Bearer {kiln.token}\r\nAccept: text/event-stream\r\n")
    wire.send(request + "\r\n")
    status, headers, _ = wire.answer(body=False)
    assert status == 200 and headers["content-type"].startswith("text/event-stream")
    last_id, seen = None, []
    while "first" not in seen:
        line = wire.file.readline().decode().strip()
        if line.startswith("id: "):
            last_id = line[4:]
        if line.startswith("data: "):
            seen.append(json.loads(line[6:])[1])
    kiln.cli("cancel", uuid)
    again = Wire(kiln)
    again.send(request + f"Last-Event-ID: {last_id}\r\nConnection: close\r\n\r\n")
    again.answer(body=False)
    rest = again.file.read().decode()
    assert "event: end" in rest and '"build_outcome":"cancelled"' in rest
    assert '"first"' not in rest and "cancelled by" in rest
