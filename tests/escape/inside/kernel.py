"""Calls into the kernel that a build does not need. With these arguments none does harm where it is allowed."""
import errno
import os
import signal
import socket
import subprocess
import tempfile

from probing import Cannot, libc, probe, refused, syscall

NOWHERE = -1  # as a descriptor
BAD = 1  # as an address

# name → number and arguments. The filter must answer before the kernel looks at them: any other errno is a hole.
CALLS = {
    "add_key": (248, b"user", b"kiln", b"x", 1, -2), "request_key": (249, b"user", b"kiln", 0, -2),
    "keyctl": (250, 0, -2, 0), "bpf": (321, 0, 0, 0), "perf_event_open": (298, BAD, 0, -1, -1, 0),
    "userfaultfd": (323, 0), "ptrace": (101, 0, 0, 0, 0), "process_vm_readv": (310, 1, 0, 0, 0, 0, 0),
    "process_vm_writev": (311, 1, 0, 0, 0, 0, 0), "pidfd_getfd": (438, NOWHERE, 0, 0), "kcmp": (312, 1, 1, 0, 0, 0),
    "mount": (165, BAD, BAD, BAD, 0, 0), "umount2": (166, BAD, 0), "pivot_root": (155, BAD, BAD), "chroot": (161, b"/"),
    "move_mount": (429, NOWHERE, BAD, NOWHERE, BAD, 0), "open_tree": (428, NOWHERE, BAD, 0),
    "mount_setattr": (442, NOWHERE, BAD, 0, BAD, 32), "fsopen": (430, BAD, 0), "fsconfig": (431, NOWHERE, 0, 0, 0, 0),
    "fsmount": (432, NOWHERE, 0, 0), "fspick": (433, NOWHERE, BAD, 0), "setns": (308, NOWHERE, 0),
    "quotactl": (179, 0x800002 << 8, BAD, 0, BAD), "swapon": (167, BAD, 0), "swapoff": (168, BAD),
    "init_module": (175, BAD, 0, BAD), "finit_module": (313, NOWHERE, b"", 0), "delete_module": (176, BAD, 0),
    "kexec_load": (246, 0, 1000, 0, 0), "kexec_file_load": (320, NOWHERE, NOWHERE, 0, BAD, 1 << 30),
    "reboot": (169, 0, 0, 0, 0), "syslog": (103, 10, 0, 0), "acct": (163, BAD), "settimeofday": (164, BAD, 0),
    "clock_settime": (227, 0, BAD), "adjtimex": (159, BAD), "iopl": (172, 0), "ioperm": (173, 0, 1, 0),
    "fanotify_init": (300, 0, 0), "sethostname": (170, BAD, -1), "setdomainname": (171, BAD, -1),
    "modify_ldt": (154, 0, 0, 0), "move_pages": (279, 0, 0, 0, 0, 0, 0), "mbind": (237, 0, 0, 0, 0, 0, 0),
    "set_mempolicy": (238, 0, 0, 0), "get_mempolicy": (239, 0, 0, 0, 0, 0), "io_uring_setup": (425, 1, BAD),
    "io_uring_enter": (426, NOWHERE, 0, 0, 0, 0, 0), "io_uring_register": (427, NOWHERE, 0, 0, 0),
    "open_by_handle_at": (304, NOWHERE, BAD, 0), "unshare": (272, 0x10000000), "clone3": (435, BAD, 0),
}

FAMILIES = {"packet": (17, 3), "vsock": (40, 1), "alg": (38, 5), "tipc": (30, 1), "key": (15, 3), "xdp": (44, 3),
            "bluetooth": (31, 3)}

SPACES = {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x8000000, "uts": 0x4000000,
          "cgroup": 0x2000000}


def _call(name, number, words):
    @probe(f"call-{name}")
    def made(victims):
        return refused(*syscall(number, *words))


def _family(name, family, kind):
    @probe(f"socket-{name}")
    def made(victims):
        try:
            socket.socket(family, kind, 3 if name == "key" else 0).close()
            return "made the socket"
        except OSError as error:
            if error.errno in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT):
                raise Cannot("this kernel has no such sockets") from error
            return None


def _space(name, flag):
    @probe(f"clone-{name}-namespace")
    def made(victims):
        result, error = syscall(56, flag | signal.SIGCHLD, 0, 0, 0, 0)
        if result == 0:
            os._exit(0)
        if result > 0:
            os.waitpid(result, 0)
            return "made a namespace"
        return None


for _name, (_number, *_words) in CALLS.items():
    _call(_name, _number, _words)
for _name, (_kind, _type) in FAMILIES.items():
    _family(_name, _kind, _type)
for _name, _flag in SPACES.items():
    _space(_name, _flag)


def _works(*words):
    return subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=15).returncode == 0


@probe("unshare-program")
def unshare_program(victims):
    return "unshare -Urm works" if _works("unshare", "-Urm", "true") else None


@probe("mounting")
def mounting(victims):
    folder = tempfile.mkdtemp()
    ways = (("-t", "tmpfs", "none", folder), ("--bind", "/usr", folder), ("-t", "proc", "proc", folder))
    for words in ways:
        if _works("mount", *words):
            _works("umount", folder)
            return f"mount {' '.join(words)}"
    return None


@probe("a-writable-usr")
def remount(victims):
    """Remounting read-write what is read-write already is no harm outside."""
    if victims.get("outside"):
        folder = tempfile.mkdtemp()
        done = _works("mount", "-t", "tmpfs", "-o", "ro", "none", folder) and _works("mount", "-o", "remount,rw", folder)
        _works("umount", folder)
        return "remounted" if done else None
    return "remounted" if _works("mount", "-o", "remount,rw", "/usr") or _works("mount", "-o", "remount,rw,bind", "/usr") else None


@probe("uncovering-what-is-mounted-over", no_control="outside it would take away a mount of the host")
def uncover(victims):
    return next((f"unmounted {place}" for place in ("/proc", "/dev", "/tmp", "/opt/buildhome") if _works("umount", "-l", place)),
                None)


@probe("becoming-root")
def become_root(victims):
    for call in (libc.setuid, libc.setgid):
        if call(0) == 0:
            return "took the id 0"
    return "took the ids 0" if libc.setresuid(0, 0, 0) == 0 else None


@probe("capabilities")
def capabilities(victims):
    with open("/proc/self/status") as file:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    held = [name for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb") if int(fields[name], 16)]
    if held or fields["NoNewPrivs"] != "1" or fields["Seccomp"] != "2":
        return f"{held}, no new privileges {fields['NoNewPrivs']}, seccomp {fields['Seccomp']}"
    return None


@probe("uid-map")
def uid_map(victims):
    """The build's user is one ordinary user of the host and cannot become another."""
    try:
        with open("/proc/self/uid_map", "w") as file:
            file.write("0 0 1")
        return "wrote its uid_map"
    except OSError:
        pass
    with open("/proc/self/uid_map") as file:
        ids = [int(line.split()[2]) for line in file]
    return f"maps {sum(ids)} ids" if sum(ids) > 1 and os.geteuid() == 0 else None


@probe("x32-calls")
def x32(victims):
    result, error = syscall(0x40000000 | 39)
    return None if error in ("ENOSYS", "EPERM") else f"the call was made: {error or result}"


@probe("kernel-addresses")
def addresses(victims):
    try:
        with open("/proc/kallsyms") as file:
            shown = file.readline().split()[0]
    except (OSError, IndexError):
        return None
    return "read them" if int(shown, 16) else None


@probe("the-kernels-messages")
def messages(victims):
    try:
        os.close(os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK))
        return "opened /dev/kmsg"
    except OSError:
        return None
