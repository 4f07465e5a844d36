"""Ports of loopback for programs that do not choose one themselves, and what a program listens on."""
import contextlib
import ipaddress
import os
import socket
from pathlib import Path


def free_port():
    """One that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def listening(process):
    """The (address, port) of every TCP socket that the process of that id listens on, as the kernel has them."""
    own = set()
    for file in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            own.add(os.readlink(file))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, _, _, _, _, _, inode, *_ = line.split()
            if state == "0A" and f"socket:[{inode}]" in own:
                words, port = local.split(":")
                address = b"".join(bytes.fromhex(words[at:at + 8])[::-1] for at in range(0, len(words), 8))
                found.add((str(ipaddress.ip_address(address)), int(port, 16)))
    return found
