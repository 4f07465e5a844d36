"""What people without a token cost the others: nothing that they notice. Each kind of stranger is let loose on a server whose
readers, log appends and claims go on meanwhile, all of which must be answered well; how long they waited, and what the server
holds, is printed beside the same without strangers (goals: at most 1.5 times the wait at p99, 1.3 times the memory).

    /usr/bin/python3 -m pytest tests/admission -s
"""
import http.client
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harness.server import http as ask
from harness.waiting import until

from .people import QUIET, ROUNDS
from .silent_hosts import silent_hosts
from .test_hanging_hosts import Strange

IDLE = int(os.environ.get("KILN_ADMISSION_IDLE", 10_000))
MB = 1 << 20


def memory(kiln):
    """Resident bytes of the server's own process."""
    return int(Path(f"/proc/{kiln.process.pid}/statm").read_text().split()[1]) * resource.getpagesize()


class Strangers:
    def __init__(self, kiln, kind, count, addresses):
        at = urlsplit(kiln.url)
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).parent / "strangers.py", kind, f"{at.hostname}:{at.port}", str(count), str(addresses)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        word, came = self.process.stdout.readline().split()
        # Whoever finds no place is turned away, or turns another out, but all of them got as far as the server.
        assert word == "there" and int(came) == count, f"{came} of {count} strangers connected"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        assert self.process.poll() is None, "the strangers gave up by themselves"
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


@pytest.mark.parametrize("kind, count, addresses", [("idle", IDLE, 40), ("idle", 2_000, 1), ("drip", 1_000, 8), ("bodies", 30, 3),
                                                    ("hooks", 30, 3)])
def test_strangers_cost_nobody_else_a_request(people, kind, count, addresses):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 100:
        pytest.skip(f"{count} strangers need more descriptors than the {hard} that a process may have here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kiln = people.kiln
    people.live(3)  # what is made once
    before, held = people.live(ROUNDS), memory(kiln)
    most = held
    with Strangers(kiln, kind, count, addresses):
        meanwhile = people.live(ROUNDS)
        most = max(most, memory(kiln))
    print(f"\n{count} × {kind} from {addresses} addresses:")
    for what in before:
        print(f"  p99 of {what}: {meanwhile[what]:.1f} ms, without {before[what]:.1f} ms ({meanwhile[what] / before[what]:.2f} ×)")
    print(f"  memory: {most / MB:.0f} MiB, without {held / MB:.0f} MiB ({most / held:.2f} ×)")
    assert most < held + 100 * MB


def test_signed_deliveries_get_through_a_flood_of_others(people, name):
    """What fills the room for bodies of strangers gives way to a sender at another address, who needs less than each of theirs has."""
    with silent_hosts(1, False) as (host,):
        strange = Strange(people.kiln, host, name + "-far")
        with Strangers(people.kiln, "hooks", 30, 3):
            for _ in range(3):
                answer = strange.push(padding=2 * MB)
                assert answer.status == 200, answer
                assert len(answer.result["builds"]) == 1


def test_bad_tokens_never_lock_out_a_good_one(fresh_kiln):
    kiln = fresh_kiln(QUIET)
    path = f"{kiln.api}/accounts/{kiln.account}/builds/tokens"
    codes = [ask("GET", path, headers={"authorization": f"Bearer kiln_{number}"}).status for number in range(103)]
    assert set(codes[:100]) == {401} and codes[-1] == 429
    fresh = kiln.cli("token", "create", "--name", "new", "--permissions", "ci:read").stdout.strip()
    assert ask("GET", path, headers={"authorization": f"Bearer {fresh}"}).status == 200


def test_a_body_without_a_token_is_refused_before_it_is_sent(kiln):
    at = urlsplit(kiln.url)
    kiln.connect("http://127.0.0.1:1/acme/admitted.git", "admitted", deploy_command="true")  # of GitHub something is set up
    for method, path, status in [("PUT", f"/client/v4/accounts/{kiln.account}/workers/scripts/a", 401),
                                 ("POST", f"/client/v4/accounts/{kiln.account}/workers/assets/upload?base64=true", 401),
                                 ("POST", "/hooks/git/nobodys", 401),
                                 ("POST", "/webhooks/github", 401),
                                 ("POST", "/client/v4/workers/builds/deploy_hooks/0a0a0a0a-0000-4000-8000-000000000000", 404),
                                 ("POST", "/nowhere", 404), ("PUT", "/livez", 405)]:
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=20)
        connection.putrequest(method, path)
        connection.putheader("content-length", str(50_000))
        connection.putheader("x-github-event", "push")
        connection.putheader("x-github-delivery", "a")
        connection.endheaders()  # and no byte of the body
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, answer.getheader("connection")) == (status, "close"), path
        connection.close()


def test_with_few_descriptors_idle_connections_block_neither_livez_nor_the_cli(fresh_kiln, monkeypatch):
    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda words, **more: start(["prlimit", "--nofile=256:256", *words], **more))
    kiln = fresh_kiln(QUIET)
    monkeypatch.undo()
    at = urlsplit(kiln.url)
    idle = [socket.create_connection((at.hostname, at.port), timeout=20, source_address=(f"127.0.0.{2 + number % 8}", 0))
            for number in range(400)]
    for _ in range(5):
        assert ask("GET", kiln.url + "/livez").status == 200
    assert kiln.cli_json("status")["account_id"] == kiln.account
    for connection in idle:
        connection.close()


def test_one_token_holds_only_its_share_of_bodies(fresh_kiln):
    """Twelve uploads of 95 MB that never end: the first has its caller's share, the others wait for it and are refused in words,
    and another token's upload is taken."""
    kiln = fresh_kiln(QUIET)
    other = kiln.cli("token", "create", "--name", "other", "--permissions", "scripts:write").stdout.strip()
    at = urlsplit(kiln.url)
    held = memory(kiln)

    def begin(token, size, body=b""):
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=60)
        connection.putrequest("PUT", f"/client/v4/accounts/{kiln.account}/workers/scripts/a")
        connection.putheader("authorization", f"Bearer {token}")
        connection.putheader("content-length", str(size))
        connection.endheaders()
        connection.sock.sendall(body)
        return connection

    first = begin(kiln.token, 95 * MB, b"a" * (90 * MB))
    until(lambda: memory(kiln) > held + 80 * MB, "the first body to be held", 20)
    more = [begin(kiln.token, 95 * MB) for _ in range(11)]
    answer = begin(other, 5, b"hello").getresponse()
    assert answer.status == 400, "taken whole, and no upload"
    for connection in more:
        refused = connection.getresponse()
        assert refused.status == 429 and int(refused.getheader("retry-after")) > 0
        assert b"bodies" in refused.read()
    assert memory(kiln) < held + 150 * MB
    first.close()
