"""From an accepted upload to the first answer of that version, against the cold start of a bare workerd with the same Worker.
Rounds alternate."""
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from harness.server import Kiln
import worker_proxy
from worker_proxy import CONFIG, WORKERD, free_port, upload

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 9
SCRIPT = 'export default { fetch() { return new Response("hello %d") } }\n'


def first_answer(url, host, wanted):
    """Milliseconds until `wanted` is answered: asked again at once, as a browser that waits would be."""
    began = time.monotonic()
    while True:
        try:
            request = urllib.request.Request(url, headers={"Host": host})
            with urllib.request.urlopen(request, timeout=10) as answer:
                if answer.read() == wanted:
                    return (time.monotonic() - began) * 1000
        except OSError:
            pass
        time.sleep(0.001)


def bare_start(folder, number):
    (folder / "index.js").write_text(SCRIPT % number)
    port = free_port()
    (folder / "config.capnp").write_text(CONFIG % port)
    began = time.monotonic()
    process = subprocess.Popen([WORKERD, "serve", folder / "config.capnp"], cwd=folder)
    try:
        first_answer(f"http://127.0.0.1:{port}/", "localhost", b"hello %d" % number)
        return (time.monotonic() - began) * 1000
    finally:
        process.terminate()
        process.wait(20)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "bare").mkdir()
        kiln = Kiln(folder).start()
        try:
            status = kiln.cli_json("status")
            host = f"bench.{status['subdomain']}.localhost"
            ours, bare = [], []
            for number in range(ROUNDS + 1):
                worker_proxy.SCRIPT = SCRIPT % number
                upload(status["api_base_url"], status["account_id"], kiln.token)
                took = first_answer(status["workers_url"], host, b"hello %d" % number)
                cold = bare_start(folder / "bare", number)
                if number > 0:
                    ours.append(took)
                    bare.append(cold)
        finally:
            kiln.stop()
    print(f"upload accepted -> first answer  median {statistics.median(ours):5.0f} ms   {[round(x) for x in ours]}")
    print(f"bare workerd, cold               median {statistics.median(bare):5.0f} ms   {[round(x) for x in bare]}")
    print(f"ratio {statistics.median(ours) / statistics.median(bare):.2f}x of a bare cold start (goal: at most 2x)")


if __name__ == "__main__":
    main()
