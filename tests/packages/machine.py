"""A Debian 12 of its own: packages are installed into its folder with the network of this machine, and then it is booted, systemd
first, in namespaces without any network but a loopback. Needs root and the Debian packages bubblewrap and util-linux."""
import os
import shutil
import subprocess
from pathlib import Path

from harness.waiting import until

PLAIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "TERM": "dumb", "DEBIAN_FRONTEND": "noninteractive"}

# What stands in for a boot loader. /sys/fs/cgroup comes with the rest of /sys, or systemd mounts it.
BOOT = r"""
set -e
ip link set lo up
mount --bind "$0" "$0"
mount -t proc proc "$0/proc"
mount -t sysfs sysfs "$0/sys"
mount -t tmpfs -o mode=755 tmpfs "$0/run"
mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"
mount --rbind /dev "$0/dev"
cd "$0"
mkdir -p mnt/before
pivot_root . mnt/before
umount -l /mnt/before
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb /lib/systemd/systemd --unit=multi-user.target </dev/null
"""


class Machine:
    def __init__(self, folder, tar):
        self.root, self.console = folder / "root", folder / "console.log"
        self.root.mkdir()
        subprocess.run(["tar", "-C", self.root, "-xf", tar], check=True, timeout=300)
        self.boot_process = None

    # --- not booted: as a folder with this machine's network ---
    def run(self, *words, check=True, timeout=600):
        done = subprocess.run(
            ["bwrap", "--bind", self.root, "/", "--dev-bind", "/dev", "/dev", "--proc", "/proc", "--tmpfs", "/run", "--perms", "1777",
             "--tmpfs", "/tmp", "--ro-bind", "/etc/resolv.conf", "/etc/resolv.conf", "--ro-bind", "/etc/hosts", "/etc/hosts",
             "--unshare-pid", "--cap-add", "ALL", "--die-with-parent", "--clearenv",
             *(word for name, value in PLAIN.items() for word in ("--setenv", name, value)), *map(str, words)],
            capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def install(self, *debs, recommended=()):
        (self.root / "packages").mkdir(exist_ok=True)
        names = [f"/packages/{Path(shutil.copy(deb, self.root / 'packages')).name}" for deb in debs]
        self.run("apt-get", "update", "-qq")
        return self.run("apt-get", "install", "-y", "-q", "--no-install-recommends", *names, *recommended)

    def files(self):
        """Every path of it but what packages and the package manager keep for themselves."""
        found = set()
        for folder, folders, names in os.walk(self.root):
            below = Path(folder).relative_to(self.root)
            for name in [*folders, *names]:
                found.add(str(below / name))
        return found

    # --- booted ---
    def boot(self):
        with open(self.console, "wb") as log:
            self.boot_process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--ipc", "--uts", "--cgroup", "--net", "--propagation", "private",
                 "--kill-child", "/bin/sh", "-c", BOOT, self.root], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        until(self.has_booted, f"the machine to boot (log: {self.console})", 120)

    def has_booted(self):
        assert self.boot_process.poll() is None, self.console.read_text(errors="replace")
        children = Path(f"/proc/{self.boot_process.pid}/task/{self.boot_process.pid}/children").read_text().split()
        if not children:
            return False
        self.first = children[0]
        return self.inside("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded")

    def inside(self, *words, check=True, timeout=120):
        done = subprocess.run(["nsenter", "-t", self.first, "--mount", "--pid", "--ipc", "--uts", "--net", "--cgroup", "--root", "--wd",
                               "env", "-i", *(f"{name}={value}" for name, value in PLAIN.items()), *map(str, words)],
                              capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def sh(self, script, **more):
        return self.inside("sh", "-ec", script, **more).stdout

    def journal(self):
        return self.sh("journalctl --no-pager -o cat -u kiln")

    def halt(self):
        if self.boot_process and self.boot_process.poll() is None:
            subprocess.run(["kill", "-9", self.first], check=False)  # the namespace's first process: all others end with it
            self.boot_process.wait(60)
        self.boot_process = None

    def remove(self):
        self.halt()
        gone = self.root.with_name("being-removed")
        self.root.rename(gone)
        subprocess.Popen(["rm", "-rf", gone], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # nobody waits
