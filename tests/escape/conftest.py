"""One server with small limits, somebody else's build under way on it, services of the host, and a build that tries everything.

The probes are in inside/. A build runs them all and prints a line for each; then they run once more outside, as root and as
an ordinary user: a probe that gets nothing there either shows nothing, and is skipped instead of passed.
"""
import json
import os
import shutil
import socket
import socketserver
import subprocess
import threading
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest

from conftest import WORKER_JS, wrangler_config
from harness.githost import Repo
from harness.server import Kiln, http
from harness.waiting import until

INSIDE = Path(__file__).parent / "inside"
PYTHON = "/usr/bin/python3"  # the build's, too: its /usr is the host's
LIMITS = ('[builds]\nconcurrency = 2\n[limits]\nmemory = "300MiB"\nprocesses = 150\ndisk = "64MiB"\nlog = "256KiB"\n'
          '[workers]\nserve = false\n')
SECRET_FILE = "neighbours-secret.txt"


def inside_sources():
    return {f"probes/{file.name}": file.read_text() for file in INSIDE.glob("*.py")}


@pytest.fixture(scope="session")
def hostile_server(tmp_path_factory):
    # The server's environment holds a secret, as an administrator's may.
    os.environ["ESCAPE_SECRET_OF_THE_SERVER"] = secret = f"server-{uuid.uuid4().hex}"
    try:
        server = Kiln(tmp_path_factory.mktemp("escape"), LIMITS).start()
    finally:
        del os.environ["ESCAPE_SECRET_OF_THE_SERVER"]
    server.secret = secret
    server.made = 0
    yield server
    server.stop()


@pytest.fixture
def build(hostile_server, tmp_path):
    """Runs a command as a build of a fresh repository: build(command, files) → what it was and its log."""
    def run(command, files=None, deploy="true", wait=True, **options):
        hostile_server.made += 1
        name = f"hostile{hostile_server.made}"
        repo = Repo(tmp_path, name)
        repo.commit({"a": "1"} | (files or {}))
        hostile_server.connect(repo.bare, name, build_command=command, deploy_command=deploy, **options)
        (number,) = repo.push()
        out = SimpleNamespace(uuid=number, name=name, repo=repo)
        if wait:
            out.build = hostile_server.wait(number)
            out.log = "\n".join(hostile_server.build_log(number))
        return out
    return run


class Greeter(socketserver.ThreadingTCPServer):
    """A service of the host: says a word to everybody."""
    allow_reuse_address = True
    daemon_threads = True

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.sendall(b"host-service")

    def __init__(self, address):
        if ":" in address:
            self.address_family = socket.AF_INET6
        super().__init__((address, 0), self.Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


def own_address():
    """The address with which this host would go outside, or None; nobody is asked."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))
        except OSError:
            return None
        return probe.getsockname()[0]


def listening(address):
    one = socket.socket(socket.AF_UNIX)
    one.bind(address)
    one.listen(8)
    return one


@pytest.fixture(scope="session")
def neighbour(hostile_server, tmp_path_factory):
    """A build of another Worker that runs all the time and has something to hide."""
    server = hostile_server
    repo = Repo(tmp_path_factory.mktemp("neighbour"), "neighbour")
    secret, log_secret = uuid.uuid4().hex, uuid.uuid4().hex
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config("neighbour"), SECRET_FILE: secret})
    made = server.connect(repo.bare, "neighbour", deploy_command="true", build_command=(
        f"cp {SECRET_FILE} $HOME; cp {SECRET_FILE} /tmp; cp {SECRET_FILE} /dev/shm; cp {SECRET_FILE} /run; "
        f"echo {log_secret} neighbour is up; sleep 600"))
    (number,) = repo.push()
    server.wait_log(number, "neighbour is up")
    # Where its files are as the runner sees them, and as the kernel shows them to the host's root.
    runner = server.cli_json("status")["runner_pid"]
    folders = [str(folder) for folder in (server.data / "runner" / "builds").iterdir() if number in folder.name]
    folders += [f"/proc/{runner}/root{folder}" for folder in folders]
    deep = [f"{folder}/{part}" for folder in folders for part in ("repo", "home", "tmp", "home/repo")]
    yield SimpleNamespace(uuid=number, secret=secret, log_secret=log_secret, folders=folders + deep + ["/tmp", "/dev/shm", "/run"],
                          trigger=made["triggers"][0]["trigger_uuid"])
    server.cli("cancel", number, check=False)


@pytest.fixture(scope="session")
def host_process():
    """A process of the host with a secret in its environment, under the uid that builds of the first place have: the worst case."""
    marker, secret = f"host-process-{uuid.uuid4().hex}", uuid.uuid4().hex
    become = ["setpriv", "--reuid=61000", "--regid=61000", "--clear-groups"] if os.geteuid() == 0 else []
    process = subprocess.Popen([*become, PYTHON, "-c", "import time; time.sleep(3600)", marker],
                               env={"PATH": os.environ["PATH"], "HOST_SECRET": secret}, stdin=subprocess.DEVNULL)
    yield SimpleNamespace(pid=process.pid, marker=marker, secret=secret, process=process)
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
def victims(hostile_server, neighbour, host_process, tmp_path_factory):
    """Everything that a build must not reach, as the probes want it."""
    server = hostile_server
    folder = tmp_path_factory.mktemp("victims")
    os.chmod(folder, 0o755)
    outside = folder / "outside-file"
    outside.write_text("of the host\n")
    greeters = [Greeter("127.0.0.1"), Greeter("0.0.0.0")]
    try:
        greeters.append(Greeter("::1"))
    except OSError:
        pass
    abstract = f"kiln-escape-{uuid.uuid4().hex}"
    socket_file = f"/tmp/{abstract}.socket"
    listeners = [listening("\0" + abstract), listening(socket_file)]
    os.chmod(socket_file, 0o777)

    other = server.cli("account", "create", "--name", "Other team").stdout.strip()
    token = server.cli("token", "create", "--name", "other", "--account", other).stdout.strip()
    repo = Repo(folder, "other")
    repo.commit({"a": "1"})
    made = server.cli_json("connect", repo.bare, "--worker", "others", "--account", other, "--build-command", "true",
                           "--deploy-command", "true")
    (number,) = repo.push()
    where = f"{server.api}/accounts/{other}/builds/builds/{number}"
    until(lambda: http("GET", where, headers={"authorization": f"Bearer {token}"}).result["status"] == "stopped",
          "the other account's build to stop")
    yield SimpleNamespace(other_token=token, of={
        "data": str(server.data), "database": str(server.data / "kiln.db"), "outside_file": str(outside),
        "secret_file": SECRET_FILE, "secret": neighbour.secret, "neighbour_folders": neighbour.folders,
        "log_secret": neighbour.log_secret, "neighbour": "neighbour", "neighbour_build": neighbour.uuid,
        "neighbour_trigger": neighbour.trigger, "account": server.account, "other_account": other,
        "other_build": number, "other_tag": made["worker"]["tag"], "host_pid": host_process.pid,
        "host_marker": host_process.marker, "host_secret": host_process.secret,
        "secret_variable": "ESCAPE_SECRET_OF_THE_SERVER", "loopback_port": greeters[0].port, "open_port": greeters[1].port,
        "open_port6": greeters[2].port if len(greeters) > 2 else 0, "own_address": own_address(), "abstract": abstract,
        "socket": socket_file})
    for one in listeners:
        one.close()
    os.unlink(socket_file)
    for greeter in greeters:
        greeter.shutdown()
        greeter.server_close()


def said(text):
    """name → verdict, of the lines that begin with PROBE."""
    words = (line.split(" ", 2) for line in text.splitlines() if line.startswith("PROBE "))
    return {name: verdict for _, name, verdict in words}


@pytest.fixture(scope="session")
def inside(hostile_server, victims, tmp_path_factory):
    """What every probe got inside a build."""
    server = hostile_server
    repo = Repo(tmp_path_factory.mktemp("hostile"), "hostile")
    # The names of what there is to find reach the build, but not what is secret in it, other than to compare.
    repo.commit(inside_sources() | {"victims.json": json.dumps(victims.of)})
    server.connect(repo.bare, "hostile", build_command=f"{PYTHON} probes/run.py victims.json; echo all tried", deploy_command="true")
    (number,) = repo.push()
    server.wait(number)
    log = "\n".join(server.build_log(number))
    assert "\nall tried" in log, log
    return said(log)


@pytest.fixture(scope="session")
def outside(hostile_server, inside, victims, tmp_path_factory):
    """What the same probes get on this host without a sandbox: as root, in a mount namespace of their own, and as a user."""
    from .names import WITHOUT_CONTROL
    folder = Path("/tmp") / victims.of["abstract"]
    shutil.copytree(INSIDE, folder / "probes", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "victims.json").write_text(json.dumps(victims.of | {"outside": True}))
    folder.chmod(0o755)
    env = {"PATH": os.environ["PATH"], "HOME": "/tmp", "CLOUDFLARE_API_BASE_URL": hostile_server.api,
           "CLOUDFLARE_API_TOKEN": hostile_server.token, "OTHER_ACCOUNT_TOKEN": victims.other_token,
           "ESCAPE_SECRET_OF_THE_SERVER": hostile_server.secret, "PYTHONDONTWRITEBYTECODE": "1"}
    words = [PYTHON, "probes/run.py", "victims.json", *WITHOUT_CONTROL]
    found = []
    kept = open(victims.of["outside_file"])  # a descriptor that somebody forgot to close
    try:
        ways = [["unshare", "--mount", "--propagation", "private"],
                ["setpriv", "--reuid=61000", "--regid=61000", "--clear-groups"]] if os.geteuid() == 0 else [[]]
        for way in ways:
            done = subprocess.run([*way, *words], cwd=folder, env=env, capture_output=True, text=True, timeout=120,
                                  stdin=subprocess.DEVNULL, start_new_session=True, pass_fds=[kept.fileno()])
            assert done.returncode == 0, done.stderr
            found.append(said(done.stdout))
    finally:
        kept.close()
        shutil.rmtree(folder)
    return found


