"""What every probe is made of. Plain Python without packages: a build runs it, and so does the test outside of any sandbox.

A probe says what it got hold of, in a few words, or None when it got nothing. It runs in a process of its own.
"""
import ctypes
import errno
import json
import os
import platform
import signal
import sys
import threading

PROBES = {}  # name → function
WITHOUT_CONTROL = {}  # name → why it is never tried outside of a sandbox
SECONDS = 20

libc = ctypes.CDLL(None, use_errno=True)


class Cannot(Exception):
    """This machine or this build cannot run the probe, and why."""


def probe(name, no_control=None):
    def keep(function):
        assert name not in PROBES, name
        PROBES[name] = function
        if no_control:
            WITHOUT_CONTROL[name] = no_control
        return function
    return keep


def syscall(number, *words):
    """(result, name of the errno or None)"""
    if platform.machine() != "x86_64":
        raise Cannot("the numbers of system calls are those of x86_64")
    ctypes.set_errno(0)
    libc.syscall.restype = ctypes.c_long
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_char_p(w) if isinstance(w, bytes) else ctypes.c_long(w)
                                                   for w in words])
    return result, errno.errorcode.get(ctypes.get_errno()) if result == -1 else None


def refused(result, error):
    """What to say of a system call that a filter must stop before the kernel looks at its arguments."""
    return None if result == -1 and error in ("EPERM", "ENOSYS") else f"the call was made: {error or result}"


def opened(path, flags=os.O_RDONLY):
    """Opens and touches nothing: a success must not do damage where the sandbox has a hole."""
    try:
        os.close(os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY))
        return f"opened {path}"
    except OSError:
        return None


def content(path, wanted):
    try:
        with open(path, "rb") as file:
            return f"read {path}" if wanted in file.read(1 << 20) else None
    except OSError:
        return None


def first(found):
    return next((one for one in found if one), None)


def _one(function, victims):
    try:
        got = function(victims)
        return f"ESCAPED {got}" if got else "contained"
    except Cannot as reason:
        return f"skipped {reason}"
    except BaseException as problem:  # noqa: B902 - a probe that broke has shown nothing
        return f"broken {type(problem).__name__}: {problem}"


def run(name, victims):
    """The probe's verdict, from a child: what it does to itself ends with it."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.write(write, " ".join(_one(PROBES[name], victims).split()).encode()[:300])
        os._exit(0)
    os.close(write)
    clock = threading.Timer(SECONDS, os.kill, (child, signal.SIGKILL))
    clock.start()
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read().decode(errors="replace")
    clock.cancel()
    os.waitpid(child, 0)
    return said or "broken it ended without a word"


def main():
    with open(sys.argv[1]) as file:
        victims = json.load(file)
    left_out = set(sys.argv[2:])
    for name in PROBES:
        if name not in left_out:
            print("PROBE", name, run(name, victims), flush=True)
