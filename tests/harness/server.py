"""A real `kiln serve` on a data directory of its own, and its CLI."""
import gzip
import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from .waiting import until

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("KILN_BUILD_DIR", ROOT / "build"))
KILN = BUILD / "kiln"
TOOLS = ROOT / "build" / "tools"
NODE = TOOLS / "node" / "default" / "bin" / "node"
CLIENTS = ROOT / "build" / "clients" / "node_modules"


# Called with (method, URL, Answer) of every request, and fails when it likes no answer like that. The tests' conftest sets
# it; benchmarks run without.
judge = None


class Answer:
    """One HTTP answer: status, headers (lower case), JSON body when it is one."""

    def __init__(self, status, headers, raw):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.raw = gzip.decompress(raw) if self.headers.get("content-encoding") == "gzip" else raw
        self.json = json.loads(self.raw) if "json" in self.headers.get("content-type", "") and raw else None

    @property
    def result(self):
        assert self.status == 200 and self.json["success"], f"{self.status}: {self.raw[:2000]!r}"
        return self.json["result"]

    @property
    def error(self):
        """(HTTP status, API code, message) of a refusal in the envelope."""
        assert not self.json["success"] and self.json["result"] is None and self.json["messages"] == []
        first = self.json["errors"][0]
        return self.status, first["code"], first["message"]


def http(method, url, body=None, headers=None):
    """One request to a Kiln server, its answer held against the judge."""
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    if body is not None and not isinstance(body, bytes):
        request.add_header("content-type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = Answer(response.status, response.getheaders(), response.read())
    except urllib.error.HTTPError as error:
        answer = Answer(error.code, error.headers.items(), error.read())
    if judge:
        judge(method, url, answer)
    return answer


class Kiln:
    """A server process with its data directory. start() returns when /readyz says 200."""

    def __init__(self, folder, config=""):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.log_file = self.folder / "server.log"
        self.config = self.folder / "kiln.toml"
        if "[git]" not in config:  # the tests' own git hosts
            config += '\n[git]\nallow = ["127.0.0.0/8", "::1", "localhost"]\n'
        if "[scm]" not in config:  # hosts that tests only name are asked for nothing
            config += '\n[scm]\ncatch_up_seconds = 0\n'
        if "[events]" not in config:  # the tests' own receivers
            config += '\n[events]\nallow = ["127.0.0.0/8", "::1"]\n'
        self.config.write_text(config)
        self.process = None
        self.listen = "127.0.0.1:0"
        self._token = None

    def start(self, umask=-1):
        log = open(self.log_file, "ab")
        self.process = subprocess.Popen(
            [KILN, "serve", "--data-dir", self.data, "--listen", self.listen, "--workers-listen", "127.0.0.1:0",
             "--config", self.config],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, umask=umask)
        log.close()
        until(self._is_ready, f"the server to be ready (log: {self.log_file})", 30)
        # The same port after a restart, so that hooks and running clients find it again.
        self.listen = self.url.removeprefix("http://")
        return self

    def _is_ready(self):
        assert self.process.poll() is None, "the server ended:\n" + self.log()
        try:
            found = json.loads((self.data / "server.json").read_text())
            if found["pid"] != self.process.pid:
                return False
            self.url = found["api_base_url"].removesuffix("/client/v4")
            self.account = found["account_id"]
            return http("GET", self.url + "/readyz").status == 200
        except (OSError, ValueError):
            return False

    def stop(self):
        """As Ctrl-C does: without waiting for builds."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(20)

    def kill9(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def log(self):
        return self.log_file.read_text(errors="replace")

    # --- the CLI ---
    def cli(self, *words, check=True, env=None, timeout=120):
        done = subprocess.run([KILN, *map(str, words), "--data-dir", self.data], capture_output=True, text=True,
                              timeout=timeout, stdin=subprocess.DEVNULL, env=env)
        if check:
            assert done.returncode == 0, f"kiln {' '.join(map(str, words))}: exit {done.returncode}\n{done.stderr}"
        return done

    def cli_json(self, *words):
        return json.loads(self.cli(*words, "--json").stdout)

    def connect(self, repo, worker, **options):
        words = []
        for name, value in options.items():
            flag = "--" + name.replace("_", "-")
            words += [flag] if value is True else [flag, value]
        return self.cli_json("connect", repo, "--worker", worker, *words)

    # --- the API ---
    @property
    def token(self):
        if not self._token:
            self._token = self.cli("token", "create", "--name", "tests", "--permissions",
                                   "ci:read,ci:write,scripts:read,scripts:write").stdout.strip()
        return self._token

    @property
    def api(self):
        return f"{self.url}/client/v4"

    @property
    def builds_api(self):
        return f"{self.api}/accounts/{self.account}/builds"

    def call(self, method, path, body=None, token=None, headers=None):
        """`path` below /client/v4/accounts/{account}/builds; a path with a leading // is below /client/v4."""
        url = self.api + path[1:] if path.startswith("//") else self.builds_api + path
        auth = {"authorization": f"Bearer {token or self.token}"} | (headers or {})
        return http(method, url, body, auth)

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def build(self, uuid):
        return self.get(f"/builds/{uuid}").result

    def wait(self, uuid, seconds=120):
        """The build, once it has stopped."""
        return until(lambda: (b := self.build(uuid))["status"] == "stopped" and b, f"build {uuid} to stop", seconds)

    def wait_status(self, uuid, status, seconds=60):
        return until(lambda: (b := self.build(uuid))["status"] == status and b, f"build {uuid} to be {status}", seconds)

    def build_log(self, uuid):
        """Every line's text, read page by page to the end."""
        lines, cursor = [], ""
        while True:
            page = self.get(f"/builds/{uuid}/logs" + (f"?cursor={cursor}" if cursor else "")).result
            lines += [text for _, text in page["lines"]]
            if not page["truncated"]:
                return lines
            cursor = page["cursor"]

    def wait_log(self, uuid, text, seconds=60):
        until(lambda: any(text in line for line in self.build_log(uuid)), f"'{text}' in the log of {uuid}", seconds)

    def builds_of(self, worker):
        return self.cli_json("builds", worker)
