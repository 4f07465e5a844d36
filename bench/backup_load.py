"""What a backup takes of a server at work: builds taken in and read, a second, beside a backup over those without one; how long a writer
waits at most; and what the backup moves a second. Target: at least 0.9 of either, and no wait above 50 ms that is not there without.

Each reader asks for a page of builds and for a build; each writer queues a build, one durable commit. Both are measured in turns, so that
what else the machine does meets both alike. Arguments: megabytes of uploads (100), seconds of a turn (3), turns of each kind (4)."""
import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from harness.githost import Repo
from harness.server import KILN, Kiln

MEGABYTES = int(sys.argv[1]) if len(sys.argv) > 1 else 100
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 3
TURNS = int(sys.argv[3]) if len(sys.argv) > 3 else 4


class Caller(threading.Thread):
    """Asks the same over and over."""

    def __init__(self, kiln, method, paths, until):
        super().__init__()
        self.kiln, self.method, self.paths, self.until, self.times = kiln, method, paths, until, []

    def run(self):
        connection = http.client.HTTPConnection(self.kiln.url.removeprefix("http://"))
        headers = {"authorization": f"Bearer {self.kiln.token}"}
        while time.monotonic() < self.until:
            path = self.paths[len(self.times) % len(self.paths)]
            began = time.monotonic()
            connection.request(self.method, path, headers=headers | ({"content-type": "application/json"} if self.method == "POST" else {}),
                               body=b'{"branch": "main"}' if self.method == "POST" else None)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            self.times.append(time.monotonic() - began)


def turn(kiln, reads, writes):
    until = time.monotonic() + SECONDS
    callers = [Caller(kiln, "GET", reads, until), Caller(kiln, "POST", writes, until)]
    for one in callers:
        one.start()
    for one in callers:
        one.join()
    return [len(one.times) / SECONDS for one in callers] + [max(callers[1].times) * 1000]


def put_uploads(kiln, folder):
    """Uploads that nothing compresses, as the server names them, and rows that name them."""
    import hashlib
    import sqlite3
    kiln.stop()
    names = []
    for _ in range(MEGABYTES):
        data = os.urandom(1 << 20)
        name = hashlib.sha256(data).hexdigest()
        place = kiln.data / "blobs" / name[:2]
        place.mkdir(exist_ok=True)
        (place / name).write_bytes(data)
        names.append(name)
    db = sqlite3.connect(kiln.data / "kiln.db")
    with db:
        db.executemany("INSERT INTO worker_assets (account_id, worker_name, hash, content_type, blob, size) VALUES (?, 'shop', ?, '', ?, 1048576)",
                       [(kiln.account, name[:32], name) for name in names])
    db.close()
    kiln.start()


def main():
    with tempfile.TemporaryDirectory(dir=".") as temporary:
        folder = Path(temporary)
        kiln = Kiln(folder, "[runner]\nembedded = false\n[builds]\nsupersede_queued = false\n[workers]\nserve = false\n").start()
        try:
            repo = Repo(folder, "shop")
            repo.commit({"a": "b"})
            trigger = kiln.connect(repo.bare, "shop", build_command="true", deploy_command="true")["triggers"][0]["trigger_uuid"]
            repo.push()
            put_uploads(kiln, folder)
            tag = kiln.get(f"//accounts/{kiln.account}/workers/services/shop").result["default_environment"]["script_tag"]
            base = f"/client/v4/accounts/{kiln.account}/builds"
            build = kiln.builds_of("shop")[0]["build_uuid"]
            reads = [f"{base}/workers/{tag}/builds?per_page=20", f"{base}/builds/{build}"]
            writes = [f"{base}/triggers/{trigger}/builds"]
            turn(kiln, reads, writes)  # warm
            without, beside, moved = [], [], []
            for _ in range(TURNS):
                without.append(turn(kiln, reads, writes))
                stop = threading.Event()

                def back_up():
                    while not stop.is_set():
                        began = time.monotonic()
                        subprocess.run([KILN, "backup", folder / "b", "--with-key", "--force", "--data-dir", kiln.data], check=True, capture_output=True)
                        moved.append(MEGABYTES / (time.monotonic() - began))

                thread = threading.Thread(target=back_up)
                thread.start()
                beside.append(turn(kiln, reads, writes))
                stop.set()
                thread.join()
        finally:
            kiln.stop()

    def total(turns, at):
        return sum(one[at] for one in turns) / len(turns)

    print(f"reads beside a backup over without:   {total(beside, 0) / total(without, 0):.2f}  ({total(beside, 0):.0f}/s over {total(without, 0):.0f}/s)")
    print(f"builds beside a backup over without:  {total(beside, 1) / total(without, 1):.2f}  ({total(beside, 1):.0f}/s over {total(without, 1):.0f}/s)")
    print(f"longest a writer waited:              {max(one[2] for one in beside):.0f} ms beside, {max(one[2] for one in without):.0f} ms without")
    print(f"backups:                              {len(moved)} of {MEGABYTES} MB, {sum(moved) / len(moved):.0f} MB/s, read again")


main()
