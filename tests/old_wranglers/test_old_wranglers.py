"""Releases of wrangler that repositories pin deploy a new Worker, and go on with it; docs/compatibility.md says which."""
import json
import os
import subprocess

import pytest

from harness import compatibility
from harness.server import CLIENTS, NODE, ROOT, TOOLS

OLD = ROOT / "build" / "wranglers" / "node_modules"
PACKAGES = {
    **{package: OLD / package for package in json.loads(
        (ROOT / "tests" / "old_wranglers" / "package.json").read_text())["dependencies"]},
    "wrangler-3-114": CLIENTS / "wrangler-3-114",
    "wrangler-4-125": CLIENTS / "wrangler-4-125",
    "wrangler": TOOLS / "node/default/lib/node_modules/wrangler",
}
CONFIG = 'name = "{name}"\nmain = "index.js"\ncompatibility_date = "2024-05-01"\n'
MODULE = 'export default {{ fetch() {{ return new Response("{text}"); }} }};\n'


def version_of(package):
    return json.loads((PACKAGES[package] / "package.json").read_text())["version"]


class Project:
    """A folder with a Worker in it, and one release of wrangler."""

    def __init__(self, kiln, folder, name, package):
        self.kiln, self.folder, self.name, self.package = kiln, folder, name, package
        (folder / "wrangler.toml").write_text(CONFIG.format(name=name))

    def wrangler(self, *words, text="one", stdin=""):
        (self.folder / "index.js").write_text(MODULE.format(text=text))
        env = {"PATH": f"{NODE.parent}:{os.environ['PATH']}", "HOME": str(self.folder), "CI": "true", "NO_COLOR": "1",
               "CLOUDFLARE_API_BASE_URL": self.kiln.api, "CLOUDFLARE_API_TOKEN": self.kiln.token,
               "CLOUDFLARE_ACCOUNT_ID": self.kiln.account, "WRANGLER_SEND_METRICS": "false",
               "WRANGLER_SEND_ERROR_REPORTS": "false"}
        done = subprocess.run([NODE, "--no-warnings", PACKAGES[self.package] / "bin" / "wrangler.js", *words], cwd=self.folder,
                              env=env, text=True, capture_output=True, timeout=240, input=stdin)
        assert done.returncode == 0, f"{self.package} {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def get(self, tail):
        return self.kiln.get(f"//accounts/{self.kiln.account}/workers/scripts/{self.name}{tail}")

    def live(self):
        """What visitors get: the modules of the version that has all requests."""
        (target,) = self.get("/deployments").result["deployments"][0]["versions"]
        return self.get(f"/content/v2?version={target['version_id']}").raw.decode()


def deploy_new(project):
    project.wrangler("deploy")
    assert "one" in project.live()


def deploy_again(project):
    project.wrangler("deploy", text="two")
    assert "two" in project.live()


def upload_version(project):
    gradual = ["--experimental-versions"] if version_of(project.package).startswith("3.60.") else []
    project.wrangler("versions", "upload", *gradual, text="three")
    assert "two" in project.live() and len(project.get("/versions").result["items"]) == 3


def put_secret(project):
    project.wrangler("deploy", text="four")
    project.wrangler("secret", "put", "KEY", stdin="hush")
    assert project.get("/secrets").result == [{"name": "KEY", "type": "secret_text"}] and "four" in project.live()


def delete(project):
    project.wrangler("delete", "--force")
    assert project.get("/deployments").status == 404


STEPS = {"deploy a new Worker": deploy_new, "deploy again": deploy_again, "versions upload": upload_version,
         "secret put": put_secret, "delete": delete}


@pytest.fixture(scope="module")
def outcomes():
    return {}


@pytest.mark.parametrize("package", sorted(PACKAGES, key=lambda package: [int(part) for part in version_of(package).split(".")]))
def test_a_release_deploys_a_new_worker_and_goes_on_with_it(kiln, tmp_path, outcomes, package):
    project = Project(kiln, tmp_path, f"of-{package}", package)
    mine = outcomes[version_of(package)] = {}
    for what, step in STEPS.items():
        mine[what] = "fails"
        step(project)
        mine[what] = "works"


def test_the_table_in_the_docs_says_so(outcomes):
    rows = [[f"wrangler {version}", *(mine.get(what, "not reached") for what in STEPS)] for version, mine in outcomes.items()]
    compatibility.hold("wranglers", compatibility.table(["client", *STEPS], rows), "make test-wranglers")
