"""Who comes from outside: by TLS with the private CA, from an address of its own, to names that no DNS has."""
import base64
import http.client
import json
import os
import socket
import struct
import subprocess
from pathlib import Path


class Visitor:
    def __init__(self, proxy, address="127.0.0.2"):
        self.proxy, self.address = proxy, address

    def connect(self, host):
        raw = socket.create_connection(("127.0.0.1", self.proxy.port), timeout=60, source_address=(self.address, 0))
        return self.proxy.certificates.context().wrap_socket(raw, server_hostname=host)

    def request(self, host, path, method="GET", body=None, headers=None):
        """(status, headers, body) by HTTP/1.1."""
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.sock = self.connect(host)
        try:
            connection.request(method, path, body, {"Host": f"{host}:{self.proxy.port}"} | (headers or {}))
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def json(self, host, path, *words, **more):
        status, _, body = self.request(host, path, *words, **more)
        return status, json.loads(body)

    def curl(self, host, path, *words):
        """The command of curl for that address, by HTTP/2."""
        return ["curl", "-sS", "-N", "--http2", "--interface", self.address, "--cacert", str(self.proxy.certificates.ca), "--resolve",
                f"{host}:{self.proxy.port}:127.0.0.1", *words, f"https://{host}:{self.proxy.port}{path}"]


class WebSocket:
    """A client of RFC 6455, as far as the tests speak it: short text messages."""

    def __init__(self, visitor, host, path="/"):
        self.socket = visitor.connect(host)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: {host}:{visitor.proxy.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n").encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass

    def send(self, text):
        mask = os.urandom(4)
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(text.encode()))
        self.socket.sendall(struct.pack("!BB", 0x81, 0x80 | len(payload)) + mask + payload)

    def receive(self):
        first, size = self.file.read(2)
        assert first == 0x81 and size < 126
        return self.file.read(size).decode()

    def close(self):
        self.file.close()
        self.socket.close()


class Curl:
    """A running curl; lines as they come."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def until(self, words):
        seen = []
        for line in self.process.stdout:
            seen.append(line)
            if words in line:
                return line
        raise AssertionError(f"no {words!r} in what came:\n{''.join(seen)}")

    def rest(self):
        return self.process.communicate(timeout=60)[0]

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(20)
        self.process.stdout.close()


def settings(root: Path, proxy, api, workers):
    """The settings of its recipe with the test's names, ports and certificates."""
    text = (root / proxy.settings).read_text()
    for old, new in (("https://kiln.example.com", f"https://{api}:{proxy.port}"),
                     ("https://workers.example.com", f"https://{workers}:{proxy.port}")):
        assert f'"{old}"' in text
        text = text.replace(f'"{old}"', f'"{new}"')
    files = proxy.certificates
    return text.replace("0.0.0.0:443", f"127.0.0.1:{proxy.port}").replace(
        "/etc/ssl/kiln/kiln.example.com.crt", str(files.api_chain)).replace("/etc/ssl/kiln/dev.workers.example.com.crt", str(files.chain)).replace(
        "/etc/ssl/kiln/kiln.example.com.key", str(files.key)).replace("/etc/ssl/kiln/dev.workers.example.com.key", str(files.key))
