"""Processes of the host, their secrets, and what processes can do to each other or to a terminal."""
import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time

from probing import Cannot, content, first, libc, probe

SMALLEST_HOST = 30  # processes; a build of ours has far fewer


@probe("host-processes")
def host_processes(victims):
    seen = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    names = [name for pid in seen for name in [_command(pid)] if victims["host_marker"] in name]
    return f"saw {names[0]}" if names else f"saw {len(seen)} processes" if len(seen) > SMALLEST_HOST else None


def _command(pid):
    try:
        with open(f"/proc/{pid}/cmdline", errors="replace") as file:
            return file.read().replace("\0", " ")
    except OSError:
        return ""


@probe("signals-to-the-host")
def signals(victims):
    """Signal 0 is no signal: it only asks whether one could be sent."""
    try:
        if victims["host_marker"] not in _command(victims["host_pid"]) and os.path.exists(f"/proc/{victims['host_pid']}"):
            raise Cannot("that number is one of the build's own processes")
        os.kill(victims["host_pid"], 0)
        return "could send a signal"
    except (ProcessLookupError, PermissionError):
        return None


@probe("environments-of-processes")
def environments(victims):
    found = (content(f"/proc/{name}/environ", victims["host_secret"].encode()) for name in os.listdir("/proc") if name.isdigit())
    return first(found)


@probe("the-runners-environment")
def first_environment(victims):
    """The first process was started by the runner: it must bring nothing of the runner's along."""
    names = set()
    for process in ("1", str(os.getppid())):
        try:
            with open(f"/proc/{process}/environ", "rb") as file:
                names |= {word.split(b"=")[0].decode(errors="replace") for word in file.read().split(b"\0")}
        except OSError:
            continue
    names |= set(os.environ)
    leaked = {name for name in names if name.startswith(("KILN_RUNNER", "SSH_", "SUDO_", victims["secret_variable"]))}
    return f"{sorted(leaked)}" if leaked else None


@probe("host-paths-in-command-lines")
def command_lines(victims):
    return first(f"process {name}" for name in os.listdir("/proc") if name.isdigit() and victims["data"] in _command(name))


def _named(*names):
    """The processes of those names, the agent that runs the build's commands among them."""
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/comm") as file:
                if entry.isdigit() and file.read().strip() in names:
                    yield entry
        except OSError:
            continue


@probe("memory-and-descriptors-of-the-agent")
def agents_memory(victims):
    found = ["1"] if victims.get("outside") else list(_named("agent"))
    if not found:
        raise Cannot("no process here is called agent")
    for process in found:
        for name, flags in (("mem", os.O_RDWR), ("environ", os.O_RDONLY), ("fd", os.O_RDONLY), ("maps", os.O_RDONLY)):
            try:
                os.close(os.open(f"/proc/{process}/{name}", flags))
                return f"opened {name} of process {process}"
            except OSError:
                continue
    return None


@probe("a-less-confined-process")
def less_confined(victims):
    """The processes that started the build's commands, the first one among them, may do no more than these."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/status") as file:
                fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        except OSError:
            continue
        held = [name for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb") if int(fields[name], 16)]
        if held or fields["NoNewPrivs"] != "1" or fields["Seccomp"] != "2":
            return f"{fields['Name']}: {held}, seccomp {fields['Seccomp']}"
    return None


def _terminal():
    """A session of its own with a terminal of its own."""
    master, slave = os.openpty()
    if os.getpid() != os.getsid(0):
        os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    return master, slave


def _types(request):
    """Types a letter into the own terminal; the master must not be its own echo."""
    _, slave = _terminal()
    libc.ioctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_char_p)
    return "typed into the terminal" if libc.ioctl(slave, request, b"x") == 0 else None


@probe("TIOCSTI")
def tiocsti(victims):
    return _types(0x5412)


@probe("TIOCSTI-with-a-high-bit")
def tiocsti_high(victims):
    return _types(1 << 32 | 0x5412)


@probe("a-controlling-terminal")
def controlling_terminal(victims):
    """Outside, the control has none either, and makes itself one: /dev/tty must not lead to somebody else's."""
    if victims.get("outside"):
        _terminal()
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
        return "opened /dev/tty"
    except OSError:
        return None


@probe("a-core-file")
def core(victims):
    folder = tempfile.mkdtemp()
    if victims.get("outside"):
        # Another pattern would carry the control's core elsewhere; what counts is that it could be made at all.
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        return "core files are allowed" if hard != 0 else None
    subprocess.run(["sh", "-c", "ulimit -c unlimited; kill -SEGV $$"], cwd=folder, stderr=subprocess.DEVNULL)
    return "wrote a core file" if os.listdir(folder) else None


@probe("limits-that-can-be-raised")
def limits(victims):
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        return "raised the limit of core files"
    except (OSError, ValueError):
        return None


@probe("ptrace-of-a-child")
def ptrace(victims):
    child = os.fork()
    if child == 0:
        time.sleep(SECONDS_OF_A_VICTIM)
        os._exit(0)
    attached = libc.ptrace(16, child, 0, 0) == 0
    os.kill(child, signal.SIGKILL)
    return "attached" if attached else None


SECONDS_OF_A_VICTIM = 60


@probe("cgroups")
def cgroups(victims):
    with open("/proc/self/cgroup") as file:
        shown = [line.strip().split(":", 2)[2] for line in file]
    if any("kiln" in path for path in shown):
        return f"named: {shown}"
    return "could list /sys/fs/cgroup" if os.path.isdir("/sys/fs/cgroup") else None


@probe("priority-above-the-hosts")
def nice(victims):
    try:
        os.nice(-5)
        return "raised its priority"
    except OSError:
        return None


@probe("forged-credentials-over-a-socket")
def credentials(victims):
    left, right = socket.socketpair(socket.AF_UNIX)
    try:
        left.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack("3i", 1, 0, 0))])
        return "said to be process 1 of root"
    except OSError:
        return None
