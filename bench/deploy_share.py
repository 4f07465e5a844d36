"""`wrangler deploy` against Kiln: how much of its wall time the server has requests in hand, and how much processor time the
server and the processes it starts (the trial start, the new version's) take meanwhile. A proxy between the two keeps the
time; its own is not counted."""
import http.client
import http.server
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from harness.server import Kiln
from harness.waiting import until
from harness.wrangler import MODULE, Wrangler

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 7
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class Proxy(http.server.ThreadingHTTPServer):
    """Passes requests on to `upstream` and notes when each was with it."""
    daemon_threads = True

    def __init__(self, upstream):
        self.upstream, self.spans, self.lock = urlsplit(upstream), [], threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}{self.upstream.path}"

    def taken(self):
        """Seconds in which at least one request was with the upstream; and how many there were. Then it starts anew."""
        with self.lock:
            spans, self.spans = sorted(self.spans), []
        total, until = 0.0, 0.0
        for begin, end in spans:
            total += max(0.0, end - max(begin, until))
            until = max(until, end)
        return total, len(spans)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers.get("transfer-encoding", "") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        upstream = http.client.HTTPConnection(self.server.upstream.netloc, timeout=60)
        upstream.connect()
        begin = time.monotonic()
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        data = answer.read()
        end = time.monotonic()
        upstream.close()
        with self.server.lock:
            self.server.spans.append((begin, end))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = forward

    def log_message(self, *words):
        pass


class Processor:
    """Seconds of processor time of a process and of all that it starts from now on, those that were killed too: a group of
    their own counts them. Needs root and cgroup v1."""

    def __init__(self, pid):
        self.group = Path(f"/sys/fs/cgroup/cpuacct/kiln-bench-{os.getpid()}")
        self.group.mkdir()
        (self.group / "cgroup.procs").write_text(str(pid))

    def seconds(self):
        return int((self.group / "cpuacct.usage").read_text()) / 1e9

    def end(self):
        until(lambda: not (self.group / "cgroup.procs").read_text(), "the group to be empty", 20)
        self.group.rmdir()


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "project").mkdir()
        kiln = Kiln(folder, "[runner]\nembedded = false\n").start()
        proxy = Proxy(kiln.api)
        processor = Processor(kiln.process.pid) if os.access("/sys/fs/cgroup/cpuacct", os.W_OK) else None
        rows = []
        try:
            wrangler = Wrangler(kiln, folder / "project", "bench")
            for number in range(ROUNDS + 1):
                wrangler.write(**{"index.js": MODULE % number})
                proxy.taken()
                before, began = processor.seconds() if processor else 0, time.monotonic()
                wrangler.run("deploy", CLOUDFLARE_API_BASE_URL=proxy.url)
                wall = time.monotonic() - began
                handled, requests = proxy.taken()
                rows.append((wall, handled, processor.seconds() - before if processor else 0, requests))
        finally:
            proxy.shutdown()
            kiln.stop()
            if processor:
                processor.end()
    rows = rows[1:]  # the first one makes the Worker
    wall, handled, spent = (statistics.median(row[i] for row in rows) for i in range(3))
    print(f"wrangler deploy, wall time       median {wall * 1000:6.0f} ms   {[round(row[0] * 1000) for row in rows]}")
    print(f"requests in the server's hands   median {handled * 1000:6.0f} ms   {[round(row[1] * 1000) for row in rows]}   "
          f"({rows[-1][3]} requests)")
    if processor:
        print(f"processor time of the server and all it started  median {spent * 1000:4.0f} ms   "
              f"{[round(row[2] * 1000) for row in rows]}, {spent / wall * 100:.1f} % of the wall time")
    share = statistics.median(row[1] / row[0] for row in rows)
    print(f"server's share {share * 100:.1f} % of the wall time (goal: under 10 %)")


if __name__ == "__main__":
    main()
