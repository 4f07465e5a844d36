"""getBuildsByVersionIds over a history of a million builds, against nginx serving a static file of the same bytes.

The server and nginx (one worker) run on the same core, one after the other in each round; wrk runs on the other. Every
figure is a ratio of the same run; absolute numbers are printed beside it for orientation alone."""
import math
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.server import BUILD, Kiln, http
from harness.waiting import until

BUILDS = int(os.environ.get("KILN_BENCH_BUILDS", "1000000"))
FEW = 1000
SECONDS = int(os.environ.get("KILN_BENCH_SECONDS", "2"))
ROUNDS = 7
SERVER_CORE, LOAD_CORE = ("0", "1") if os.cpu_count() > 1 else ("0", "0")
HERE = Path(__file__).parent


def seeded(folder, builds, ids):
    """A data directory with that many builds, and version ids spread over it."""
    folder.mkdir()
    began = time.monotonic()
    out = subprocess.run([BUILD / "bench" / "seed_builds", "--data-dir", folder / "data", "--builds", str(builds),
                          "--print-version-ids", str(ids)], check=True, capture_output=True, text=True).stdout
    print(f"seeded {builds} builds in {time.monotonic() - began:.0f} s")
    return out.split()


class Pinned(Kiln):
    """A server on the measured core."""

    def start(self):
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {int(SERVER_CORE)})
        try:
            return super().start()
        finally:
            os.sched_setaffinity(0, before)


class Nginx:
    """One worker that answers every path with the same file."""

    def __init__(self, folder, body):
        folder.mkdir()
        (folder / "body.json").write_bytes(body)
        self.port = 20000 + os.getpid() % 20000
        conf = folder / "nginx.conf"
        conf.write_text(f"""
            daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
            events {{ worker_connections 1024; }}
            http {{
              access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=10;
              client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
              uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
              server {{ listen 127.0.0.1:{self.port}; root {folder}; types {{ application/json json; }}
                        location / {{ rewrite ^ /body.json break; }} }}
            }}""")
        if os.geteuid() == 0:
            conf.write_text("user root;" + conf.read_text())
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CORE, "nginx", "-p", folder, "-c", conf],
                                        stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self.port}"
        until(self._answers, "nginx to answer", 10)
        assert http("GET", self.url + "/x").raw == body

    def _answers(self):
        try:
            return http("GET", self.url + "/x").status == 200
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait()


def load(url, targets, token, seconds=SECONDS):
    """(requests a second, p99 in ms) of wrk with 32 connections, from the first target on."""
    out = subprocess.run(["taskset", "-c", LOAD_CORE, "wrk", "-t1", "-c32", f"-d{seconds}s", "--latency", "-s",
                          HERE / "targets.lua", "-H", f"Authorization: Bearer {token}", url],
                         env=os.environ | {"TARGETS": str(targets)}, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)),
            float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit])


def write_targets(file, account, ids, keys, count):
    path = f"/client/v4/accounts/{account}/builds/builds?version_ids="
    file.write_text("".join(path + ",".join(random.sample(ids, keys)) + "\n" for _ in range(count)))
    return file


def first_pass(kiln, targets, token):
    """Has every target asked for twice, after which it is kept. The rate of the beginning, when each is asked for
    the first time."""
    rate, _ = load(kiln.url, targets, token)
    load(kiln.url, targets, token, math.ceil(2 * len(targets.read_text().splitlines()) / rate) + 1)
    return rate


def against_nginx(name, kiln, token, targets, folder, goal, p99_goal=None):
    first = targets.read_text().split("\n", 1)[0]
    body = http("GET", kiln.url + first, headers={"authorization": f"Bearer {token}"}).raw
    nginx = Nginx(folder, body)
    rates, tails, shown = [], [], []
    try:
        first_pass(kiln, targets, token)
        for _ in range(ROUNDS):
            ours, our_tail = load(kiln.url, targets, token)
            theirs, their_tail = load(nginx.url, targets, token)
            rates.append(ours / theirs)
            tails.append(our_tail / their_tail)
            shown.append(ours)
    finally:
        nginx.stop()
    tail = f"; p99 {statistics.median(tails):.2f}x (goal: at most {p99_goal}x)" if p99_goal else ""
    print(f"{name:44} {statistics.median(rates):.2f}x of nginx (goal: at least {goal}x){tail}"
          f"   [{statistics.median(shown):.0f}/s, {len(body)} bytes]", flush=True)
    return statistics.median(shown)


def resident_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def peak_mb(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def builds_of(kiln, token, tag):
    path = f"{kiln.url}/client/v4/accounts/{kiln.account}/builds/workers/{tag}/builds?per_page=1"
    return http("GET", path, headers={"authorization": f"Bearer {token}"}).json["result_info"]["total_count"]


def list_page(kiln, token, tag, page):
    began = time.monotonic()
    for _ in range(20):
        answer = http("GET", f"{kiln.url}/client/v4/accounts/{kiln.account}/builds/workers/{tag}/builds?page={page}&per_page=10",
                      headers={"authorization": f"Bearer {token}"})
        assert len(answer.result) == 10
    return time.monotonic() - began


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        many_ids = seeded(folder / "many", BUILDS, BUILDS // 2)
        few_ids = seeded(folder / "few", FEW, FEW // 2)
        many, few = Pinned(folder / "many"), Pinned(folder / "few")
        try:
            began = time.monotonic()
            many.start()
            print(f"start to ready with {BUILDS} builds: {time.monotonic() - began:.2f}x of 1 s (goal: at most 1x)")
            few.start()
            token = {}
            for server in (many, few):
                token[server] = server.cli("token", "create", "--name", "bench", "--permissions", "ci:read").stdout.strip()
            hot = random.sample(many_ids, min(10_000, len(many_ids)))
            twenty = write_targets(folder / "twenty", many.account, hot, 20, 3000)
            one = write_targets(folder / "one", many.account, hot, 1, 10_000)
            spread = write_targets(folder / "spread", many.account, many_ids, 20, 20_000)
            spread_one = write_targets(folder / "spread-one", many.account, many_ids, 1, 200_000)
            at_many = against_nginx("20 ids, hot set of 10,000", many, token[many], twenty, folder / "n1", 0.8, 2)
            against_nginx("1 id, hot set of 10,000", many, token[many], one, folder / "n2", 1.0)
            print(f"resident after the hot set: {resident_mb(many.process.pid):.0f} MB (goal: under 200 MB)")
            against_nginx("1 id, uniform over the history", many, token[many], spread_one, folder / "n3", 0.35)
            at_first = first_pass(many, spread, token[many])
            uniform = against_nginx("20 ids, uniform over the history", many, token[many], spread, folder / "n4", 0.35)
            (folder / "ids").write_text("\n".join(random.sample(many_ids, len(many_ids))))
            bare = [float(subprocess.run(["taskset", "-c", SERVER_CORE, BUILD / "bench" / "sqlite_reads",
                                          many.data / "kiln.db", folder / "ids", "20", str(SECONDS)],
                                         capture_output=True, text=True, check=True).stdout) for _ in range(ROUNDS)]
            for when, rate in (("asked for the first time", at_first), ("asked for before", uniform)):
                print(f"20 ids, uniform, {when}: {rate / statistics.median(bare):.2f}x of SQLite's own rate for the same "
                      f"keys (goal: at least 0.8x)   [{rate:.0f}/s of {statistics.median(bare):.0f}/s]")
            few_twenty = write_targets(folder / "few-twenty", few.account, few_ids, 20, 3000)
            many_few = write_targets(folder / "many-few", many.account, hot[:len(few_ids)], 20, 3000)
            same, hot_set = [], []
            load(few.url, few_twenty, token[few])
            load(many.url, many_few, token[many])
            for _ in range(ROUNDS):
                alone = load(few.url, few_twenty, token[few])[0]
                same.append(load(many.url, many_few, token[many])[0] / alone)
                hot_set.append(load(many.url, twenty, token[many])[0] / alone)
            print(f"20 ids out of {len(few_ids)}, {BUILDS} builds against {FEW}: {statistics.median(same):.2f}x "
                  f"(goal: at least 0.9x)")
            print(f"20 ids out of {len(hot)}, {BUILDS} builds against {len(few_ids)} out of {FEW}, which fit into the "
                  f"processor's cache: {statistics.median(hot_set):.2f}x (goal: at least 0.9x)")
            tag = many.cli_json("builds")[0]["trigger"]["external_script_id"]
            deep = min(1000, builds_of(many, token[many], tag) // 10)
            pages = [list_page(many, token[many], tag, deep) / list_page(many, token[many], tag, 1) for _ in range(ROUNDS)]
            print(f"list page {deep} against page 1: {statistics.median(pages):.2f}x the time (goal: within 3x)")
            print(f"resident under load: {resident_mb(many.process.pid):.0f} MB now, {peak_mb(many.process.pid):.0f} MB at "
                  f"most: {peak_mb(many.process.pid) / 200:.2f}x of 200 MB (goal: under 1x)")
        finally:
            many.stop()
            few.stop()


if __name__ == "__main__":
    sys.exit(main())
