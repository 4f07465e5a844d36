"""Waiting for an event instead of for time to pass."""
import time


def until(check, what, seconds=60.0):
    """Calls `check` until it returns something true and returns that; fails naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.005
    while True:
        value = check()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for: {what}"
        time.sleep(pause)  # between two looks, not instead of one
        pause = min(pause * 1.5, 0.1)
