"""Waiting for an event instead of for time to pass."""
import subprocess
import time


def until(check, what, seconds=60.0):
    """Calls `check` until it returns something true and returns that; fails naming `what`, or what that returns, after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.005
    while True:
        value = check()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for: {what() if callable(what) else what}"
        time.sleep(pause)  # between two looks, not instead of one
        pause = min(pause * 1.5, 0.1)


class Watching:
    """A command that streams, its output in a file; started() once `ready` stands there."""

    def __init__(self, command, file, ready, **more):
        self.file = file
        with open(file, "wb") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, **more)
        until(lambda: ready in self.text(), f"'{ready}' from {command}", 60)

    def text(self):
        return self.file.read_text(errors="replace")

    def wait(self, words):
        until(lambda: words in self.text(), f"'{words}' in\n{self.text()}", 20)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
