"""Files of the host, of other builds, devices, descriptors and links."""
import ctypes
import os
import signal
import socket
import stat
import subprocess
import tempfile

from probing import Cannot, content, first, libc, opened, probe


def _ways_to(path):
    """That path, and the same file through the roots and folders of every process that can be seen."""
    yield path
    for entry in os.listdir("/proc"):
        if entry.isdigit() or entry == "self":
            yield f"/proc/{entry}/root{path}"
            yield f"/proc/{entry}/cwd/../../../../../../../../../..{path}"


@probe("the-database")
def database(victims):
    return first(content(way, b"SQLite format 3") for way in _ways_to(victims["database"]))


@probe("the-data-directory")
def data_directory(victims):
    return first(f"listed {way}" for way in _ways_to(victims["data"]) if os.path.isdir(way))


@probe("another-builds-files")
def another_build(victims):
    ways = [f"{way}/{victims['secret_file']}" for folder in victims["neighbour_folders"] for way in _ways_to(folder)]
    # The same file under every build folder that could be mounted here.
    for top, _, files in os.walk("/opt"):
        if victims["secret_file"] in files:
            ways.append(os.path.join(top, victims["secret_file"]))
    return first(content(way, victims["secret"].encode()) for way in ways)


@probe("homes-and-state-of-the-host")
def homes(victims):
    return first(f"listed {folder}" for folder in ("/root", "/home", "/var/lib", "/boot", "/srv") if os.path.isdir(folder))


@probe("secrets-of-etc")
def etc(victims):
    return first(opened(path) for path in ("/etc/shadow", "/etc/sudoers", "/etc/ssh", "/etc/machine-id"))


@probe("writing-outside")
def write_outside(victims):
    places = ["/usr/bin/env", "/etc/passwd", "/etc/ld.so.cache", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger",
              "/proc/sys/kernel/modprobe", victims["outside_file"]]
    return first(opened(path, os.O_WRONLY | os.O_APPEND) for path in places)


@probe("making-files-outside")
def make_outside(victims):
    def made(folder):
        try:
            os.rmdir(tempfile.mkdtemp(dir=folder))
            return f"made a folder in {folder}"
        except OSError:
            return None
    return first(made(folder) for folder in ("/", "/usr", "/usr/local", "/etc", "/dev", "/opt", victims["data"]))


@probe("the-programs-that-run-it")
def programs(victims):
    return first(opened(path, os.O_WRONLY | os.O_APPEND) for path in ("/proc/1/exe", "/usr/bin/dash", "/usr/bin/git"))


@probe("devices")
def devices(victims):
    names = ("mem", "kmsg", "fuse", "net/tun", "loop0", "loop-control", "vda", "sda", "nvme0n1", "kvm", "vsock", "port")
    return first(opened(f"/dev/{name}") for name in names)


@probe("mknod")
def mknod(victims):
    folder = tempfile.mkdtemp()
    for kind, device in ((stat.S_IFCHR, os.makedev(1, 3)), (stat.S_IFBLK, os.makedev(7, 0))):
        try:
            os.mknod(f"{folder}/node", kind | 0o600, device)
            return "made a device node"
        except OSError:
            continue
    return None


@probe("set-user-id-programs")
def set_user_id(victims):
    """Starts the system's set-user-id programs stopped, and looks whose they are."""
    if os.geteuid() == 0:
        return None  # root gains nothing by them
    tried = 0
    for path in ("/usr/bin/su", "/usr/bin/passwd", "/usr/bin/newgrp", "/usr/bin/chsh", "/usr/bin/mount"):
        if not (os.path.exists(path) and os.stat(path).st_mode & stat.S_ISUID):
            continue
        tried += 1
        read, write = os.pipe()
        # It writes its help into a full pipe and so stands still while it is looked at.
        os.set_blocking(write, False)
        try:
            while os.write(write, b"x" * 4096):
                pass
        except BlockingIOError:
            os.set_blocking(write, True)
        child = subprocess.Popen([path, "--help"], stdin=subprocess.DEVNULL, stdout=write, stderr=write)
        os.close(write)
        try:
            with open(f"/proc/{child.pid}/status") as file:
                (uids,) = [line.split()[1:] for line in file if line.startswith("Uid:")]
        finally:
            child.send_signal(signal.SIGCONT)
            os.close(read)
            try:
                child.kill()
            except PermissionError:
                pass  # it is root's, and ends by the closed pipe
            child.wait()
        if "0" in uids:
            return f"{path} ran as root"
    if not tried:
        raise Cannot("there is no set-user-id program here")
    return None


@probe("a-set-user-id-copy")
def set_user_id_copy(victims):
    """The service's user must not run what a build marks as its own."""
    folder = tempfile.mkdtemp()
    subprocess.run(["cp", "/usr/bin/id", f"{folder}/id"], check=True)
    try:
        os.chown(f"{folder}/id", 0, 0)
        os.chmod(f"{folder}/id", 0o4755)
    except OSError:
        return None
    return "made a program that is root's"


@probe("descriptors")
def descriptors(victims):
    # Its standard streams, the counter by which bubblewrap's own first process knows the end, and what this script opened.
    allowed = ("/dev/null", "pipe:", "socket:", "anon_inode:[eventfd]")
    for process in ("self", str(os.getppid()), "1"):
        try:
            numbers = os.listdir(f"/proc/{process}/fd")
        except OSError:
            continue
        for number in numbers:
            try:
                target = os.readlink(f"/proc/{process}/fd/{number}")
            except OSError:
                continue
            if victims["data"] in target or not target.startswith(allowed) and not target.startswith(
                    ("/proc/", "/opt/buildhome", "/dev/urandom")):
                return f"descriptor {number} of {process}: {target}"
    return None


@probe("sockets-in-the-file-system")
def sockets(victims):
    places = [victims["socket"], "/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket",
              "/run/containerd/containerd.sock", os.environ.get("SSH_AUTH_SOCK") or "/none"]

    def reached(path):
        with socket.socket(socket.AF_UNIX) as one:
            try:
                one.connect(path)
                return f"connected to {path}"
            except OSError:
                return None
    return first(reached(path) for path in places)


@probe("a-file-by-its-handle")
def by_handle(victims):
    """open_by_handle_at reaches any file of a file system, whatever is mounted."""
    handle = ctypes.create_string_buffer(136)
    ctypes.cast(handle, ctypes.POINTER(ctypes.c_uint))[0] = 128
    mount = ctypes.c_int()
    place = os.path.expanduser("~").encode()
    if libc.name_to_handle_at(-100, place, handle, ctypes.byref(mount), 0) != 0:
        raise Cannot("this file system has no handles")
    folder = os.open(place, os.O_RDONLY)
    return "opened a file by its handle" if libc.open_by_handle_at(folder, handle, os.O_RDONLY) >= 0 else None


@probe("the-build-folders-path-in-mountinfo", no_control="outside it is no mount")
def mountinfo(victims):
    """Where builds have their folders; of what is lent to them read-only the path shows (docs/security.md)."""
    with open("/proc/self/mountinfo") as file:
        shown = file.read()
    return "it is named there" if f"{victims['data']}/runner/builds" in shown else None
