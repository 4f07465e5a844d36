"""Addresses and sockets of the host, and what others would have to say there."""
import os
import socket
import subprocess

from probing import Cannot, probe

SECONDS = 4


def _greeting(address, port):
    try:
        with socket.create_connection((address, port), SECONDS) as one:
            one.settimeout(SECONDS)
            return one.recv(100)
    except OSError:
        return b""


def _greeted(address, port):
    return f"was greeted by {address}:{port}" if _greeting(address, port) == b"host-service" else None


@probe("loopback-ports")
def loopback(victims):
    return _greeted("127.0.0.1", victims["loopback_port"])


@probe("loopback-ports-of-a-service-that-listens-everywhere")
def loopback_everywhere(victims):
    return _greeted("127.0.0.1", victims["open_port"]) or _greeted("127.8.8.8", victims["open_port"])


@probe("loopback-ports-over-IPv6")
def loopback6(victims):
    if not victims["open_port6"]:
        raise Cannot("this machine has no IPv6 loopback")
    return _greeted("::1", victims["open_port6"])


@probe("the-hosts-own-address")
def own_address(victims):
    if not victims["own_address"]:
        raise Cannot("this machine has no address of its own")
    return _greeted(victims["own_address"], victims["open_port"])


@probe("the-gateway-to-the-host", no_control="outside there is no such gateway")
def gateway(victims):
    return _greeted("10.0.2.2", victims["open_port"]) or _greeted("10.0.2.3", victims["open_port"]) \
        or _greeted("10.0.2.2", victims["loopback_port"])


@probe("the-metadata-address", no_control="outside it would ask the machine's real one")
def metadata(victims):
    for port in (80, 443, 8080):
        try:
            socket.create_connection(("169.254.169.254", port), SECONDS).close()
            return f"connected to port {port}"
        except TimeoutError:
            return "was not refused: packets go there"
        except OSError:
            continue
    return None


@probe("abstract-sockets")
def abstract(victims):
    with socket.socket(socket.AF_UNIX) as one:
        try:
            one.connect("\0" + victims["abstract"])
            return "connected"
        except OSError:
            return None


@probe("its-own-routes", no_control="outside it would change the host's")
def routes(victims):
    for words in ("rule flush", "rule del pref 200", "route flush table 1000", "link set lo down", "addr add 10.9.9.9/32 dev lo"):
        done = subprocess.run(["/usr/sbin/ip", *words.split()], capture_output=True)
        if done.returncode == 0:
            return f"ip {words}"
    return None


@probe("low-ports-of-the-host", no_control="another service may listen there")
def low_ports(victims):
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", 80))
            return "bound port 80"
        except OSError:
            return None


@probe("raw-sockets")
def raw(victims):
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
        return "made one"
    except OSError:
        return None
