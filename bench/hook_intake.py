"""How many signed pushes a second are taken in durably, against SQLite committing rows of the same number and size one by one and in groups;
and how long an answer takes while ten source hosts that should be told hang.

Each delivery is a GitHub push to a branch that one trigger builds; the runner is off, so that builds queue. wrk brings them, signed
before, over sixteen connections. The peer is Python's own SQLite
on the same disk, with the same settings (WAL, synchronous=FULL, secure_delete) and the same tables and indexes: it inserts the very rows that
the deliveries left in Kiln's file, a commit a delivery, and sixteen deliveries to a commit. What Kiln has read to judge them, rows that it
changed, and rows that are gone again (the outbox) cost the peer nothing."""
import hashlib
import hmac
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from harness.server import ROOT, Kiln
from harness.waiting import until

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3  # of which an account keeps 10,000 deliveries: longer runs would count what goes, too
CALLERS = 16
MOST_A_SECOND = 8000
HANGING = 10


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


def signed(secret, full_name, number):
    """→ a push to a branch of its own, as the bytes of a request."""
    commit = hashlib.sha1(f"{full_name}/{number}".encode()).hexdigest()
    body = json.dumps({"ref": f"refs/heads/b{number}", "before": "0" * 40, "after": commit, "created": True, "deleted": False, "forced": False, "commits": [],
                       "head_commit": {"id": commit, "message": "A change", "author": {"name": "Ada"}},
                       "repository": {"id": 4711, "full_name": full_name, "clone_url": "http://127.0.0.1:1/x.git", "default_branch": "main"},
                       "pusher": {"name": "ada"}, "sender": {"login": "ada", "id": 1}}).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return (f"POST /webhooks/github HTTP/1.1\r\nhost: kiln\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nx-github-event: push\r\n"
            f"x-github-delivery: {commit}\r\nx-hub-signature-256: sha256={signature}\r\n\r\n").encode() + body


def told(kiln, secret, full_name):
    """One push, by itself."""
    host, port = kiln.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(signed(secret, full_name, 0))
        assert b" 200 " in connection.recv(4096).splitlines()[0]


class Told:
    """Pushes that wrk brings, each signed before; no two of the whole run alike."""

    def __init__(self, folder, kiln, secret, full_name):
        self.folder, self.kiln, self.secret, self.full_name, self.first = folder, kiln, secret, full_name, 1

    def by_all(self):
        """→ how many a second were taken in, and the 99th and 50th of a hundred answers in ms."""
        file = self.folder / "deliveries"
        most = SECONDS * MOST_A_SECOND
        with file.open("wb") as out:
            for number in range(self.first, self.first + most):
                request = signed(self.secret, self.full_name, number)
                out.write(b"%08d" % len(request) + request)
        self.first += most
        said = subprocess.run(["wrk", "-t1", f"-c{CALLERS}", f"-d{SECONDS}s", "--latency", "-s", ROOT / "bench/deliveries.lua", self.kiln.url],
                              env=os.environ | {"DELIVERIES": str(file)}, capture_output=True, text=True, check=True).stdout
        assert "Non-2xx" not in said and "Socket errors" not in said, said
        times = dict(re.findall(r"(50|99)%\s+([\d.]+(?:us|ms|s))\n", said))
        return float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1)), in_ms(times["99"]), in_ms(times["50"])


def in_ms(words):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", words).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def tables_of(database):
    return [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]


def rows_of(kiln):
    """→ a copy of Kiln's file in memory."""
    copy = sqlite3.connect(":memory:")
    with sqlite3.connect(f"file:{kiln.data}/kiln.db?mode=ro", uri=True) as there:
        there.backup(copy)
    return copy


def sqlite_rate(folder, before, after, deliveries, a_commit):
    """→ deliveries a second whose rows are inserted, and how many rows one has."""
    database = sqlite3.connect(folder / f"peer{a_commit}.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY", "cache_size=-12288"):
        database.execute(f"PRAGMA {pragma}")
    for kind in ("table", "index"):
        for (made,) in after.execute("SELECT sql FROM sqlite_master WHERE type = ? AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'", (kind,)):
            database.execute(made)
    grown, an_insert = {}, {}
    for table in tables_of(after):
        rows = after.execute(f"SELECT * FROM {table}").fetchall()
        known = before.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        if not rows:
            continue
        an_insert[table] = f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})"
        if len(rows) - known >= deliveries:
            # A delivery's rows of one table stand together, as they came.
            each = (len(rows) - known) // deliveries
            grown[table] = [rows[at:at + each] for at in range(known, known + each * deliveries, each)]
            rows = rows[:known]
        database.executemany(an_insert[table], rows)
    assert {"builds", "deliveries", "delivery_refs", "delivery_verdicts", "hook_deliveries"} <= set(grown), sorted(grown)
    began = time.monotonic()
    for first in range(0, deliveries, a_commit):
        database.execute("BEGIN IMMEDIATE")
        for number in range(first, min(first + a_commit, deliveries)):
            for table, of_deliveries in grown.items():
                for row in of_deliveries[number]:
                    database.execute(an_insert[table], row)
        database.execute("COMMIT")
    return deliveries / (time.monotonic() - began), sum(len(of_deliveries[0]) for of_deliveries in grown.values())


def main():
    with tempfile.TemporaryDirectory(dir=".") as temporary:
        folder = Path(temporary)
        kiln = Kiln(folder, '[runner]\nembedded = false\n[builds]\nsupersede_queued = false\n').start()
        try:
            connected = kiln.connect("http://127.0.0.1:1/acme/shop.git", "shop", branch="main")
            secret = connected["hook"]["secret"]
            pushes = Told(folder, kiln, secret, "acme/shop")
            told(kiln, secret, "acme/shop")
            before = rows_of(kiln)
            rate, p99, median = pushes.by_all()
            after = rows_of(kiln)
            hosts = [Hanging() for _ in range(HANGING)]
            for number, host in enumerate(hosts):
                hook = kiln.connect(f"{host.url}/acme/h{number}.git", f"h{number}", branch="main")["hook"]  # before it is set up: a hook that hangs is not made
                made = kiln.call("POST", "/forges", {"provider": "github", "web_url": host.url, "api_url": host.url, "token": "t"})
                assert made.status == 200, made.raw
                told(kiln, hook["secret"], f"acme/h{number}")
            until(lambda: all(len(host.held) > 1 for host in hosts), "every host to hold a report")
            silent, silent_p99, silent_median = pushes.by_all()
        finally:
            kiln.stop()
        count = int(rate * SECONDS)
        single, rows = sqlite_rate(folder, before, after, count, 1)
        grouped, _ = sqlite_rate(folder, before, after, count, CALLERS)
    print(f"taken in              {rate:7.0f} a second   median {median:5.1f} ms   p99 {p99:5.1f} ms")
    print(f"beside {HANGING} silent hosts {silent:7.0f} a second   median {silent_median:5.1f} ms   p99 {silent_p99:5.1f} ms (goal: at most 50 ms)")
    print(f"the same rows alone   {single:7.0f} a second in a commit each, {grouped:.0f} in groups of {CALLERS}; {rows} rows a delivery beside those changed")
    print(f"taken in is {rate / single:.2f}x of a commit each, {rate / grouped:.2f}x of groups (goal: at least 0.7x)")


if __name__ == "__main__":
    main()
