#!/usr/bin/env python3
"""A trivial Worker through Kiln against the same Worker on bare `workerd serve`: requests a second of both, and their ratio.

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
SCRIPT = 'export default { fetch() { return new Response("hello") } }\n'
SERVER_CORE, CLIENT_CORE = 0, max(os.sched_getaffinity(0))
CONFIG = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "w", worker = (modules = [(name = "index.js", esModule = embed "index.js")],
                                     compatibilityDate = "2026-01-01"))],
  sockets = [(name = "s", address = "127.0.0.1:%d", http = (), service = "w")]);
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


def wrk(url, host, options):
    command = ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s",
               "-H", f"Host: {host}", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or re.search(r"Socket errors: .*[1-9]", said):
        sys.exit("requests failed:\n" + said)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))


def upload(base, account, token):
    boundary = "bench"
    parts = [("metadata", "application/json", json.dumps({"main_module": "index.js", "compatibility_date": "2026-01-01"}), ""),
             ("index.js", "application/javascript+module", SCRIPT, '; filename="index.js"')]
    body = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\nContent-Type: {kind}\r\n\r\n'
                   f"{content}\r\n" for name, kind, content, extra in parts) + f"--{boundary}--\r\n"
    request = urllib.request.Request(
        f"{base}/accounts/{account}/workers/scripts/bench", data=body.encode(), method="PUT",
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
        upload(status["api_base_url"], status["account_id"], token.splitlines()[-1])
        host = f"bench.{status['subdomain']}.localhost"
        bare_url, kiln_url = f"http://127.0.0.1:{bare_port}/", f"http://127.0.0.1:{front}/"
        assert wait_for(bare_url) == wait_for(kiln_url, host) == b"hello"
        bare, kiln = [], []
        for _ in range(options.rounds):
            bare.append(wrk(bare_url, host, options))
            kiln.append(wrk(kiln_url, host, options))
        bare_rate, kiln_rate = statistics.median(bare), statistics.median(kiln)
        print(f"bare workerd   {bare_rate:10.0f} requests/s   {[round(x) for x in bare]}")
        print(f"through Kiln   {kiln_rate:10.0f} requests/s   {[round(x) for x in kiln]}")
        print(f"ratio          {kiln_rate / bare_rate:10.2f}   (goal: 0.6)")
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in running:
            process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
