"""Chromium, driven by driver.mjs: one process, a context of its own for every scenario."""
import json
import os
import select
import subprocess
import tempfile

from harness.openapi import document
from harness.server import NODE, ROOT, Answer

LIMIT = 120  # seconds of a scenario, which fails by itself long before with what it waits for, unless the machine is very slow
GRACE = 20  # until a driver that should have answered counts as stuck


class Browser:
    def __init__(self):
        self.log = tempfile.NamedTemporaryFile()
        with open(self.log.name, "ab") as log:
            self.process = subprocess.Popen([NODE, "--no-warnings", ROOT / "tests/page/driver.mjs"], text=True, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=log, env=os.environ | {"DEBUG": "pw:api", "DEBUG_COLORS": "0"})

    def run(self, scenario, limit=LIMIT, **args):
        """What the scenario returns; fails with its words and with what the browser was asked for last, when it takes longer than `limit`
        seconds, and when a fake answered the page what api/openapi.yaml does not describe."""
        since = os.fstat(self.log.fileno()).st_size
        self.process.stdin.write(json.dumps({"scenario": scenario, "limit": limit, "args": args}) + "\n")
        self.process.stdin.flush()
        came, _, _ = select.select([self.process.stdout], [], [], limit + GRACE)
        if not came:
            self.process.kill()
        line = self.process.stdout.readline()
        assert line, f"{scenario}: the browser's driver {'has ended' if came else 'does not answer'}{self.last_words(since)}"
        answer = json.loads(line)
        assert answer["ok"], f"{scenario}: {answer.get('error')}\nscreenshot: {answer.get('screenshot')}{self.last_words(since)}"
        for said in answer["answers"]:
            judge(said)
        return answer["value"]

    def last_words(self, since):
        self.log.seek(since)
        lines = self.log.read().decode(errors="replace").splitlines()
        return "\nthe last of what the browser was asked for:\n" + "\n".join(lines[-12:])

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.log.close()


def judge(said):
    """One answer of a fake, or one event of a stream of it."""
    if "event" in said:
        document().check_event(said["url"], said["event"], said["data"])
    else:
        document().check(said["method"], said["url"], Answer(said["status"], said["headers"].items(), said["body"].encode()))
