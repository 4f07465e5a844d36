"""A git host over SSH: a real sshd on a port of loopback, and an account of the test's own behind it."""
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from .githost import GIT_ENV, Repo
from .ports import free_port
from .waiting import until

SSHD = "/usr/sbin/sshd"

CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
MaxStartups 100
LogLevel VERBOSE
"""


def keygen(file, kind="ed25519"):
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "test", "-f", file], check=True)
    return file.with_suffix(".pub").read_text()


def fingerprint(public_key):
    done = subprocess.run(["ssh-keygen", "-lf", "-"], input=public_key, capture_output=True, text=True, check=True)
    return done.stdout.split()[1]


class SshHost:
    """Repositories in the home of an account that sshd lets in by the keys of authorized_keys."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="kilnd-"))
        self.folder.chmod(0o755)
        self.is_root = os.geteuid() == 0
        if self.is_root:
            self.user = f"kilngit{secrets.token_hex(3)}"
            self.home = self.folder / "home"
            # No password fits "*", and the account is not locked.
            subprocess.run(["useradd", "--create-home", "--home-dir", self.home, "--shell", "/bin/sh", "--password", "*", self.user],
                           check=True, capture_output=True)
            self.home.chmod(0o755)
            Path("/run/sshd").mkdir(exist_ok=True, mode=0o755)
        else:
            self.user = pwd.getpwuid(os.geteuid()).pw_name
            self.home = self.folder / "home"
            self.home.mkdir()
        self.port = free_port()
        self.keys = self.folder / "authorized_keys"
        self.keys.touch(0o644)
        self.host_key = keygen(self.folder / "host_key")
        self.log_file = self.folder / "sshd.log"
        self.process = None
        self.start()

    def start(self):
        config = self.folder / "sshd_config"
        config.write_text(CONFIG.format(port=self.port, folder=self.folder))
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self._listens, "sshd to listen", 20)

    def _listens(self):
        assert self.process.poll() is None, self.log_file.read_text()
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def new_host_key(self):
        """As a host that was set up anew."""
        self.end()
        for name in ("host_key", "host_key.pub"):
            (self.folder / name).unlink()
        self.host_key = keygen(self.folder / "host_key")
        self.start()

    def let_in(self, public_key, options=""):
        with open(self.keys, "a") as keys:
            keys.write(f"{options}{public_key.strip()}\n")

    def repo(self, name):
        """A bare repository of the account, and a work tree that pushes to it by its path."""
        repo = Repo(self.folder, name)
        there = self.home / f"{name}.git"
        shutil.move(repo.bare, there)
        repo.bare = there
        self.own(there)
        subprocess.run(["git", "-C", repo.work, "remote", "set-url", "origin", there], env=GIT_ENV, check=True)
        return repo

    def own(self, path):
        if self.is_root:
            subprocess.run(["chown", "-R", f"{self.user}:", path], check=True)

    def url(self, repo):
        return f"ssh://{self.user}@127.0.0.1:{self.port}{repo.bare}"

    def ssh_program(self, folder, key=None):
        """A folder for PATH whose ssh is the real one with a configuration of its own: "githost" is this host."""
        folder.mkdir()
        lines = ["Host githost 127.0.0.1", "HostName 127.0.0.1", f"Port {self.port}", f"User {self.user}",
                 f"UserKnownHostsFile {folder}/known_hosts"]
        if key:
            lines += [f"IdentityFile {key}", "IdentitiesOnly yes"]
        (folder / "config").write_text("\n".join(lines) + "\n")
        known = f"[127.0.0.1]:{self.port} {self.host_key}githost {self.host_key}[githost]:{self.port} {self.host_key}"
        (folder / "known_hosts").write_text(known)
        (folder / "ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {folder}/config "$@"\n')
        (folder / "ssh").chmod(0o755)
        return folder

    def end(self):
        self.process.terminate()
        self.process.wait(20)

    def stop(self):
        self.end()
        if self.is_root:
            subprocess.run(["userdel", "--force", self.user], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)
