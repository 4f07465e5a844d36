#!/usr/bin/env python3
"""A trivial Worker through Kiln against the same Worker on bare `workerd serve`, asked with the header fields that Kiln gives a
Worker (who calls, request.cf): requests a second of both, and their ratio. Beside it bare workerd asked without any field, and a Worker that answers from caches.default.

    bench/worker_proxy.py [--seconds 5] [--connections 32] [--rounds 3]

Server processes share one core and wrk has another; the rounds alternate and each side counts by its median."""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKERD = ROOT / "build/tools/node/default/lib/node_modules/@cloudflare/workerd-linux-64/bin/workerd"
KILN = ROOT / "build/kiln"
TELL = ('export default { fetch(r) { return Response.json({ fields: [...r.headers].filter(([name]) => name != "host"), cf: r.cf }) '
        '} }\n')
CACHED = """let made_so_far = 0;
export default { async fetch(r) {
  const found = await caches.default.match(r);
  if (found) return found;
  const made = new Response("made " + ++made_so_far, { headers: { "cache-control": "max-age=3600" } });
  await caches.default.put(r, made.clone());
  return made;
} }
"""
SCRIPT = 'export default { fetch() { return new Response("hello") } }\n'
SERVER_CORE, CLIENT_CORE = 0, max(os.sched_getaffinity(0))
CONFIG = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "w", worker = (modules = [(name = "index.js", esModule = embed "index.js")],
                                     compatibilityDate = "2026-01-01"))],
  sockets = [(name = "s", address = "127.0.0.1:%d", http = (cfBlobHeader = "x-cf"), service = "w")]);
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, host=None, seconds=30):
    end = time.monotonic() + seconds
    while True:
        try:
            request = urllib.request.Request(url, headers={"Host": host} if host else {})
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.read()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def pinned(command, **options):
    return subprocess.Popen(["taskset", "-c", str(SERVER_CORE), *map(str, command)], start_new_session=True, **options)


def wrk(url, host, options, fields=()):
    command = ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "--timeout", "10s",
               "-H", f"Host: {host}", *(word for field in fields for word in ("-H", field)), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or re.search(r"Socket errors: .*[1-9]", said):
        sys.exit(f"requests to {url} failed:\n{said}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))


def upload(base, account, token, name, script):
    boundary = "bench"
    parts = [("metadata", "application/json", json.dumps({"main_module": "index.js", "compatibility_date": "2026-01-01"}), ""),
             ("index.js", "application/javascript+module", script, '; filename="index.js"')]
    body = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{part}"{extra}\r\nContent-Type: {kind}\r\n\r\n'
                   f"{content}\r\n" for part, kind, content, extra in parts) + f"--{boundary}--\r\n"
    request = urllib.request.Request(
        f"{base}/accounts/{account}/workers/scripts/{name}", data=body.encode(), method="PUT",
        headers={"Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={boundary}"})
    urllib.request.urlopen(request, timeout=60).read()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: apt-get install wrk")
    folder = Path(tempfile.mkdtemp(prefix="kiln-bench-"))
    running = []
    try:
        (folder / "index.js").write_text(SCRIPT)
        bare_port = free_port()
        (folder / "config.capnp").write_text(CONFIG % bare_port)
        running.append(pinned([WORKERD, "serve", folder / "config.capnp"], cwd=folder))
        api, front = free_port(), free_port()
        running.append(pinned([KILN, "serve", "--data-dir", folder / "data", "--listen", f"127.0.0.1:{api}",
                               "--workers-listen", f"127.0.0.1:{front}"], stderr=(folder / "log").open("wb")))
        wait_for(f"http://127.0.0.1:{api}/readyz")
        status = json.loads(subprocess.check_output([KILN, "status", "--json", "--data-dir", folder / "data"]))
        token = subprocess.check_output([KILN, "token", "create", "--name", "bench", "--permissions",
                                         "scripts:read,scripts:write", "--data-dir", folder / "data"], text=True).strip()
        for name, script in [("tell", TELL), ("cached", CACHED), ("bench", SCRIPT)]:
            upload(status["api_base_url"], status["account_id"], token.splitlines()[-1], name, script)
        host = f"bench.{status['subdomain']}.localhost"
        bare_url, kiln_url = f"http://127.0.0.1:{bare_port}/", f"http://127.0.0.1:{front}/"
        cached = host.replace("bench", "cached", 1)
        assert wait_for(bare_url) == wait_for(kiln_url, host) == b"hello"
        assert wait_for(kiln_url, cached) == wait_for(kiln_url, cached) == b"made 1", "a hit of the cache"
        told = json.loads(wait_for(kiln_url, host.replace("bench", "tell", 1)))
        of_urllib = ("user-agent", "accept-encoding", "connection")  # which asked; wrk sends no such fields
        fields = [f"{name}: {value}" for name, value in told["fields"] if name not in of_urllib]
        fields.append(f"x-cf: {json.dumps(told['cf'], separators=(',', ':'))}")
        rates = {"bare workerd": [], "the same, asked with the fields": [], "through Kiln": [],
                 "through Kiln, from its cache": []}
        for _ in range(options.rounds):
            rates["bare workerd"].append(wrk(bare_url, host, options))
            rates["the same, asked with the fields"].append(wrk(bare_url, host, options, fields))
            rates["through Kiln"].append(wrk(kiln_url, host, options))
            rates["through Kiln, from its cache"].append(wrk(kiln_url, cached, options))
        for what, rate in rates.items():
            print(f"{what:32} {statistics.median(rate):10.0f} requests/s   {[round(x) for x in rate]}")
        bare, same, kiln, hit = (statistics.median(rate) for rate in rates.values())
        print(f"ratio {kiln / same:.2f} of workerd with the {len(fields)} fields (goal: 0.8), {kiln / bare:.2f} without")
        print(f"a hit of the cache {hit / kiln:.2f} of an answer of the Worker's own (goal: 0.6)")
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in running:
            process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
