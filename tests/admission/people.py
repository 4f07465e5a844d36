"""Those who have a right to be here, and how long they wait: a reader of builds, a runner that appends to logs and one that
claims. Every answer must be a good one; the times are for printing."""
import http.client
import json
import os
import socket
import statistics
import struct
import time
from urllib.parse import urlsplit

ROUNDS = int(os.environ.get("KILN_ADMISSION_ROUNDS", 20))
# Nothing but what a test asks for.
QUIET = "[runner]\nembedded = false\n[workers]\nserve = false\n[scm]\ncatch_up_seconds = 0\n"


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("kiln", timeout=60)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


def zstd(text):
    """A frame that holds the text as it is (RFC 8878: one raw block, its size in four bytes of the header)."""
    return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(text)) + struct.pack("<I", len(text) << 3 | 1)[:3] + text


def p99(times):
    return statistics.quantiles(times, n=100)[98] * 1000 if len(times) > 1 else times[0] * 1000


class People:
    """`rounds` reads, claims and log appends, one after the other, each on a connection of its own or a kept one."""

    def __init__(self, kiln, trigger, worker_tag):
        self.kiln, self.trigger, self.worker = kiln, trigger, worker_tag

    def _read(self, kept):
        at = urlsplit(self.kiln.url)
        connection = kept or http.client.HTTPConnection(at.hostname, at.port, timeout=60)
        began = time.perf_counter()
        connection.request("GET", f"/client/v4/accounts/{self.kiln.account}/builds/workers/{self.worker}/builds",
                           headers={"authorization": f"Bearer {self.kiln.token}"})
        answer = connection.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        assert answer.status == 200, body
        return took

    def _post(self, path, body):
        runner = Unix(self.kiln.data / "runner.sock")
        began = time.perf_counter()
        runner.request("POST", f"/runner/v1/{path}", body)
        answer = runner.getresponse()
        text = answer.read()
        took = time.perf_counter() - began
        runner.close()
        assert answer.status == 200, text
        return took, json.loads(text)

    def live(self, rounds):
        """p99 in milliseconds of each kind of request."""
        times = {"reads": [], "appends": [], "claims": []}
        at = urlsplit(self.kiln.url)
        kept = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
        for number in range(rounds):
            # A new commit each time would be slow; the build before has ended, so that this one is not superseded.
            self.kiln.call("POST", f"/triggers/{self.trigger}/builds", {"branch": "main"})
            took, claimed = self._post("claim", json.dumps({"runner_id": "people", "wait_ms": 0}))
            times["claims"].append(took)
            job = claimed["job"]
            build = f"builds/{job['build_uuid']}"
            for seq in range(1, 6):
                frame = zstd(b"1700000000000 line %d\n" % seq)
                head = json.dumps({"lease_id": job["lease_id"], "seq": seq, "chunks": [len(frame)]})
                took, _ = self._post(build + "/log", head.encode() + b"\n" + frame)
                times["appends"].append(took)
            for _ in range(5):
                times["reads"].append(self._read(kept))
                times["reads"].append(self._read(None))
            self._post(build + "/finish", json.dumps({"lease_id": job["lease_id"], "outcome": "success", "reason": ""}))
        return {kind: p99(of_kind) for kind, of_kind in times.items()}
