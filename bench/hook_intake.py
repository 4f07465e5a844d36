"""How many signed pushes a second are taken in durably, against SQLite committing rows of the same number and size one by one and in groups;
and how long an answer takes while ten source hosts that should be told hang.

Each delivery is a GitHub push to a branch that one trigger builds; the runner is off, so that builds queue. The peer is Python's own SQLite
on the same disk, with the same settings (WAL, synchronous=FULL): the rows that one delivery leaves, one commit each, and sixteen to a commit."""
import hashlib
import hmac
import json
import socket
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from harness.server import Kiln
from harness.waiting import until

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 5
CALLERS = 16
HANGING = 10
ROWS = [120, 400, 200, 150, 900, 60, 80]  # bytes of the rows that one delivery leaves: delivery, its ref, verdict, key, build, log line, outbox


class Hanging:
    """A GitHub that knows the token and then says nothing to whatever it is told."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.held = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.socket.accept()
            if connection.recv(65536).startswith(b"GET /user "):
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
            self.held.append(connection)


class Caller(threading.Thread):
    def __init__(self, kiln, secret, full_name, until):
        super().__init__()
        self.kiln, self.secret, self.full_name, self.until, self.times = kiln, secret, full_name, until, []

    def run(self):
        host, port = self.kiln.url.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)))
        reader = connection.makefile("rb")
        number = 0
        while time.monotonic() < self.until:
            number += 1
            commit = hashlib.sha1(f"{id(self)}/{number}".encode()).hexdigest()
            body = json.dumps({"ref": f"refs/heads/b{id(self)}-{number}", "before": "0" * 40, "after": commit, "created": True, "deleted": False, "forced": False, "commits": [],
                               "head_commit": {"id": commit, "message": "A change", "author": {"name": "Ada"}},
                               "repository": {"id": 4711, "full_name": self.full_name, "clone_url": "http://127.0.0.1:1/x.git", "default_branch": "main"},
                               "pusher": {"name": "ada"}, "sender": {"login": "ada", "id": 1}}).encode()
            signature = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
            head = (f"POST /webhooks/github HTTP/1.1\r\nhost: kiln\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nx-github-event: push\r\n"
                    f"x-github-delivery: {commit}\r\nx-hub-signature-256: sha256={signature}\r\n\r\n").encode()
            began = time.monotonic()
            connection.sendall(head + body)
            status = reader.readline()
            length = 0
            while (line := reader.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            reader.read(length)
            assert b" 200 " in status, status
            self.times.append(time.monotonic() - began)


def taken_in(kiln, secret, full_name):
    until = time.monotonic() + SECONDS
    callers = [Caller(kiln, secret, full_name, until) for _ in range(CALLERS)]
    for one in callers:
        one.start()
    for one in callers:
        one.join()
    times = sorted(time for one in callers for time in one.times)
    return len(times) / SECONDS, times[int(len(times) * 0.99)] * 1000, statistics.median(times) * 1000


def sqlite_rate(folder, a_commit):
    database = sqlite3.connect(folder / f"peer{a_commit}.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    for number in range(len(ROWS)):
        database.execute(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, key BLOB UNIQUE, text TEXT)")
    done, began = 0, time.monotonic()
    while time.monotonic() - began < SECONDS:
        database.execute("BEGIN IMMEDIATE")
        for _ in range(a_commit):
            done += 1
            for number, size in enumerate(ROWS):
                database.execute(f"INSERT INTO t{number} (key, text) VALUES (?, ?)", (hashlib.sha1(str(done).encode()).digest(), "x" * size))
        database.execute("COMMIT")
    return done / (time.monotonic() - began)


def main():
    with tempfile.TemporaryDirectory(dir=".") as temporary:
        folder = Path(temporary)
        kiln = Kiln(folder, '[runner]\nembedded = false\n[builds]\nsupersede_queued = false\n').start()
        try:
            connected = kiln.connect("http://127.0.0.1:1/acme/shop.git", "shop", branch="main")
            secret = connected["hook"]["secret"]
            rate, p99, median = taken_in(kiln, secret, "acme/shop")
            hosts = [Hanging() for _ in range(HANGING)]
            for number, host in enumerate(hosts):
                hook = kiln.connect(f"{host.url}/acme/h{number}.git", f"h{number}", branch="main")["hook"]  # before it is set up: a hook that hangs is not made
                made = kiln.call("POST", "/forges", {"provider": "github", "web_url": host.url, "api_url": host.url, "token": "t"})
                assert made.status == 200, made.raw
                Caller(kiln, hook["secret"], f"acme/h{number}", time.monotonic() + 0.2).run()
            until(lambda: all(len(host.held) > 1 for host in hosts), "every host to hold a report")
            silent, silent_p99, silent_median = taken_in(kiln, secret, "acme/shop")
        finally:
            kiln.stop()
        single, grouped = sqlite_rate(folder, 1), sqlite_rate(folder, CALLERS)
    print(f"taken in              {rate:7.0f} a second   median {median:5.1f} ms   p99 {p99:5.1f} ms")
    print(f"beside {HANGING} silent hosts {silent:7.0f} a second   median {silent_median:5.1f} ms   p99 {silent_p99:5.1f} ms (goal: at most 50 ms)")
    print(f"SQLite alone          {single:7.0f} commits a second, {grouped:.0f} deliveries a second in groups of {CALLERS}")
    print(f"taken in is {rate / single:.2f}x of a commit each, {rate / grouped:.2f}x of groups (goal: at least 0.7x)")


if __name__ == "__main__":
    main()
