"""Source hosts that keep state, each a process of its own on loopback, with the real ones' contract in front if the test wants that.

    forge = github(folder)                    # a fake; see tests/forges/README.md for what each can
    forge.seed(repos=[{"path": "acme/shop"}]) # what it has
    forge.push("acme/shop", commits=[{"message": "A change"}])   # makes it happen and sends the webhook; answers the deliveries
    forge.fault(method="POST", path="check-runs", status=502, times=2)
    forge.state()["check_runs"]
"""
import json
import os
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from .scripts import run_script
from .server import NODE, ROOT
from .waiting import until

FORGES = ROOT / "tests" / "forges"
PACKAGES = ROOT / "build" / "forges"
SPECS = FORGES / "spec"

# What stands between the address of a host and its API.
PREFIX = {"github": "", "ghes": "/api/v3", "gitlab": "/api/v4", "gitea": "/api/v1", "forgejo": "/api/v1", "bitbucket": "/2.0", "bitbucket_server": "/rest"}
CONTRACTS = {"github": "github.json", "ghes": "github.json", "gitlab": "gitlab.json", "gitea": "gitea.json", "forgejo": "gitea.json", "bitbucket": "bitbucket.json",
             "bitbucket_server": "bitbucket_server.json"}


class Refused(AssertionError):
    """The fake did not do what the test told it."""


class Forge:
    """One fake. `kind` is a key of PREFIX. `url` is the host's address, `api_url` that of its API; both lead through the contract
    checker when there is one. Stops with stop(), or when this process ends."""

    def __init__(self, kind, folder, checked_by=None):
        self.kind = kind
        self.log_file = Path(folder) / f"{kind}.{id(self):x}.log"
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([NODE, "--no-warnings", FORGES / "main.mjs", kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                            env=os.environ | {"KILN_FORGES": str(PACKAGES)})
        line = self.process.stdout.readline()
        assert line, f"the fake {kind} did not start:\n{self.log_file.read_text()}"
        self.own_url = f"http://127.0.0.1:{json.loads(line)['port']}"
        self.url = self.own_url
        self.checker = None

    @property
    def api_url(self):
        return self.url + PREFIX[self.kind]

    def stop(self):
        if self.checker:
            self.checker.stop()
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(10)

    def behind(self, checker):
        """Every link that the fake hands out leads through the checker from now on, after a reset too."""
        self.checker = checker
        self.url = checker.url
        self.control("POST", "base", {"url": self.url})
        return self

    # --- what the test has over it ---
    def control(self, method, what, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.own_url}/__control/{what}", data=data, method=method, headers={"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise Refused(f"{method} {what}: {error.code} {error.read().decode()}") from None

    def state(self):
        return self.control("GET", "state")

    def calls(self, method=None, path=""):
        """The API calls made so far: [{n, time, method, path, query, headers, body, status, fault}…]."""
        return [one for one in self.control("GET", "calls") if method in (None, one["method"]) and path in one["path"]]

    def seed(self, **what):
        return self.control("POST", "seed", what)

    def repo(self, path, **about):
        self.seed(repos=[{"path": path} | about])
        return next(one for one in self.state()["repos"] if one["path"] == path)

    def token(self, **about):
        """A person's token: the whole record, its text at ["token"]."""
        return self.control("POST", "token", about)

    def fault(self, **what):
        """See tests/forges/lib/faults.mjs: method, path, times, when, status, headers, body, hang, drop, refuse, delay_ms."""
        return self.control("POST", "fault", what)

    def clear_faults(self):
        return self.control("DELETE", "faults")

    def settings(self, **what):
        return self.control("POST", "settings", what)

    def clock(self, ahead_seconds):
        return self.control("POST", "clock", {"ahead_seconds": ahead_seconds})

    def revoke(self, token=None):
        return self.control("POST", "revoke", {"token": token})

    def reset(self):
        return self.control("POST", "reset", {})

    def browse(self, url, form=None):
        """What a person's browser gets from a page of the host, redirects not followed: (status, Location or None, text). The contract has no
        pages, so that it goes past the checker."""
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None
        data = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(url.replace(self.url, self.own_url, 1), data=data)
        try:
            answer = urllib.request.build_opener(Stay).open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        return answer.status, answer.headers.get("location"), answer.read().decode()

    # --- webhooks ---
    def send(self, event, deliver=None, **about):
        """{event, payload, deliveries: [{id, guid, ok, status_code, answer…}]}. `deliver` says how: guid, secret, signature, headers, body,
        content_type, url, lost."""
        return self.control("POST", "send", {"event": event, "deliver": deliver or {}} | about)

    def push(self, repo, deliver=None, **about):
        return self.send("push", deliver, repo=repo, **about)

    def pull_request(self, repo, deliver=None, **about):
        return self.send("pull_request", deliver, repo=repo, **about)

    def redeliver(self, **which):
        """`id=` or `guid=`."""
        return self.control("POST", "redeliver", which)

    def until_run(self, what, seconds=30, **wanted):
        """GitHub: the check run whose fields are as wanted, once there is one."""
        def found():
            return next((run for run in self.state()["check_runs"] if all(run[key] == value for key, value in wanted.items())), None)
        return until(found, what, seconds)


class Checker:
    """Prism in front of a fake: refuses with 422 what the contract does not allow, answers 500 when the fake's own answer is not as it says.
    Takes seconds to start: one a session."""

    def __init__(self, spec, target, folder, prefix=""):
        folder = Path(folder)
        made = folder / f"{Path(spec).stem}.{id(self):x}.contract.json"
        document = json.loads((SPECS / spec).read_text())
        document["servers"] = []
        document["paths"] = {prefix + path: operations for path, operations in document["paths"].items()}
        made.write_text(json.dumps(document))
        self.log_file = folder / f"prism.{id(self):x}.log"
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", NODE, "--no-warnings", PACKAGES / "node_modules/.bin/prism", "proxy", made, target, "--errors", "-h", "127.0.0.1", "-p", "0"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        until(self._listens, f"Prism (log: {self.log_file})", 90)

    def _listens(self):
        assert self.process.poll() is None, f"Prism ended:\n{self.log()}"
        found = [line for line in self.log().splitlines() if "Prism is listening on" in line]
        if found:
            self.url = found[0].split("Prism is listening on")[1].strip()
        return found

    def log(self):
        return self.log_file.read_text(errors="replace")

    def violations(self, since=0):
        """What was not as the contract says, from a length of the log on: lines of Prism's, requests' and answers' alike."""
        return [line.split("›", 1)[-1].strip() for line in self.log()[since:].splitlines() if "Request terminated with error" in line or "Violation:" in line]

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


# --- the hosts' own clients, as their packages ship them ---
def run_client(script, *words, **env):
    """Runs one of tests/forges/clients; what it prints is JSON."""
    return run_script(FORGES / "clients" / script, *words, KILN_FORGES=PACKAGES, **env)


def octokit(forge, *requests, token=None, installation=None):
    """GitHub's client: each request is (route, params); answers are {status, data, headers} or {status, error}. With `token`, as an
    `installation` of the newest App (its id), or else as that App itself."""
    env = {"TOKEN": token} if token else {"APP_ID": (app := forge.state()["app"])["id"], "APP_KEY": app["private_key"]}
    if installation:
        env["INSTALLATION"] = installation
    return run_client("octokit.mjs", [{"route": one[0], "params": one[1] if len(one) > 1 else {}} for one in requests], FORGE_API=forge.api_url, **env)


def verified(library, secret, request, text=None):
    """What `octokit` or `standardwebhooks` says of a webhook that a Receiver got, or of another text in its place: (whether it is right, the
    event or why not)."""
    told = run_client("verify.mjs", {"library": library, "secret": secret, "headers": request.fields, "body": request.text if text is None else text})
    return told["valid"], told.get("event") or told.get("why")


def gitbeaker(forge, *calls, token):
    """GitLab's client: each call is (resource, method, *arguments); answers are {data} or {status, error}."""
    return run_client("gitbeaker.mjs", [list(one) for one in calls], FORGE_URL=forge.url, TOKEN=token)


def gitea_js(forge, *calls, token):
    """Gitea's client: each call is (group, method, *arguments); answers are {status, data} or {status, error}."""
    return run_client("gitea.mjs", [list(one) for one in calls], FORGE_URL=forge.url, TOKEN=token)
