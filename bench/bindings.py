#!/usr/bin/env python3
"""A Worker that reads from KV, D1 and R2 through Kiln, against the same Worker on miniflare with its stores on the same disk: requests a
second of each kind, and their ratio. Beside D1 stand the same statements by SQLite alone, in one process.

    bench/bindings.py [--seconds 5] [--connections 16] [--rounds 3]

Server processes share one core and wrk has another; the rounds alternate and each side counts by its median."""
import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from worker_proxy import KILN, ROOT, free_port, pinned, wait_for, wrk

NODE = ROOT / "build/tools/node/default/bin/node"
MINIFLARE = ROOT / "build/clients/node_modules/miniflare"
MANY = 1000
SCRIPT = """const any = () => Math.floor(Math.random() * %d);
export default { async fetch(request, env) {
  switch (new URL(request.url).pathname) {
    case "/kv": return new Response(await env.KV.get("k" + any()));
    case "/d1": return Response.json(await env.DB.prepare("SELECT v FROM t WHERE id = ?").bind(any()).first());
    case "/r2": return new Response(await (await env.MEDIA.get("k" + any())).text());
    case "/none": return new Response("nothing was asked");
  }
  const text = "v".repeat(1024);
  await env.DB.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
  for (let first = 0; first < %d; first += 50) {
    const some = Array.from({ length: 50 }, (_, i) => first + i);
    await env.DB.batch(some.map((id) => env.DB.prepare("INSERT INTO t VALUES (?, ?)").bind(id, text)));
    await Promise.all(some.map((id) => env.KV.put("k" + id, text)));
    await Promise.all(some.map((id) => env.MEDIA.put("k" + id, text)));
  }
  return new Response("filled");
} }
""" % (MANY, MANY)
KINDS = {"KV get": ("/kv", 0.8), "D1 point query": ("/d1", 0.8), "R2 get": ("/r2", None), "no store": ("/none", None)}


class Api:
    """Kiln's, by a token that may all."""

    def __init__(self, data):
        status = json.loads(subprocess.check_output([KILN, "status", "--json", "--data-dir", data]))
        self.base, self.account = status["api_base_url"], status["account_id"]
        self.host = f"bindings.{status['subdomain']}.localhost"
        said = subprocess.check_output([KILN, "token", "create", "--name", "bench", "--permissions", "scripts:read,scripts:write", "--data-dir", data], text=True)
        self.token = said.strip().splitlines()[-1]

    def call(self, method, path, body, kind="application/json"):
        request = urllib.request.Request(f"{self.base}/accounts/{self.account}/{path}", data=body, method=method,
                                         headers={"Authorization": f"Bearer {self.token}", "Content-Type": kind})
        return json.loads(urllib.request.urlopen(request, timeout=60).read())["result"]

    def upload(self):
        space = self.call("POST", "storage/kv/namespaces", b'{"title": "bench"}')["id"]
        database = self.call("POST", "d1/database", b'{"name": "bench"}')["uuid"]
        self.call("POST", "r2/buckets", b'{"name": "bench"}')
        metadata = {"main_module": "index.js", "compatibility_date": "2026-01-01", "bindings": [
            {"type": "kv_namespace", "name": "KV", "namespace_id": space}, {"type": "d1", "name": "DB", "id": database},
            {"type": "r2_bucket", "name": "MEDIA", "bucket_name": "bench"}]}
        parts = [("metadata", "application/json", json.dumps(metadata), ""), ("index.js", "application/javascript+module", SCRIPT, '; filename="index.js"')]
        body = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\nContent-Type: {kind}\r\n\r\n{text}\r\n' for name, kind, text, more in parts)
        self.call("PUT", "workers/scripts/bindings", (body + "--b--\r\n").encode(), "multipart/form-data; boundary=b")


def sqlite_alone(folder, seconds):
    """→ the same statements a second, one prepared and run after the other."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    database = sqlite3.connect(folder / "alone.db")
    database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)")
    database.executemany("INSERT INTO t VALUES (?, ?)", ((number, "v" * 1024) for number in range(MANY)))
    database.commit()
    done, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        database.execute("SELECT v FROM t WHERE id = ?", (random.randrange(MANY),)).fetchone()
        done += 1
    return done / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if shutil.which("wrk") is None or not MINIFLARE.exists():
        sys.exit("wrk or miniflare is missing: apt-get install wrk, tools/setup.sh test")
    folder = Path(tempfile.mkdtemp(prefix="kiln-bench-"))
    running = []
    try:
        (folder / "index.js").write_text(SCRIPT)
        (api, front), flare = (free_port(), free_port()), free_port()
        running.append(pinned([KILN, "serve", "--data-dir", folder / "data", "--listen", f"127.0.0.1:{api}", "--workers-listen", f"127.0.0.1:{front}"],
                              stderr=(folder / "log").open("wb")))
        wait_for(f"http://127.0.0.1:{api}/readyz")
        kiln = Api(folder / "data")
        kiln.upload()
        running.append(pinned([NODE, ROOT / "bench/bindings.mjs", MINIFLARE, folder, flare], stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert running[-1].stdout.readline() == b"ready\n"
        sides = {"Kiln": f"http://127.0.0.1:{front}", "miniflare": f"http://127.0.0.1:{flare}"}
        for url in sides.values():
            assert wait_for(url + "/fill", kiln.host) == b"filled"
        rates = {(kind, side): [] for kind in KINDS for side in sides}
        for _ in range(options.rounds):
            for (kind, side), measured in rates.items():
                measured.append(wrk(sides[side] + KINDS[kind][0], kiln.host, options))
        for kind, (_, goal) in KINDS.items():
            ours, theirs = (statistics.median(rates[kind, side]) for side in sides)
            wanted = f" (goal: at least {goal}x)" if goal else ""
            print(f"{kind:16} {ours:8.0f} requests/s through Kiln {theirs:8.0f} by miniflare   {ours / theirs:.2f}x{wanted}")
        alone = sqlite_alone(folder, options.seconds)
        print(f"D1 through Kiln is {statistics.median(rates['D1 point query', 'Kiln']) / alone:.3f}x of SQLite alone in one process, {alone:.0f} statements/s")
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in running:
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
