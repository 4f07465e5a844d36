"""The three wranglers that repositories use, each as its package ships it, run by hand in a folder against a Kiln server."""
import json
import os
import subprocess
from types import SimpleNamespace

from .server import CLIENTS, NODE, TOOLS

WRANGLERS = {
    "4.164": TOOLS / "node/default/lib/node_modules/wrangler/bin/wrangler.js",
    "4.125": CLIENTS / "wrangler-4-125/bin/wrangler.js",
    "3.114": CLIENTS / "wrangler-3-114/bin/wrangler.js",
}
MODULE = 'export default { fetch(request, env) { return new Response("%s"); } };\n'


class Wrangler:
    """One release of wrangler in a project of its own."""

    def __init__(self, kiln, folder, name, release="4.164"):
        self.kiln, self.folder, self.name, self.release = kiln, folder, name, release
        self.is_old = release == "3.114"
        self.write(**{"index.js": MODULE % "one"})
        self.configure()

    def write(self, **files):
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def configure(self, **more):
        config = {"name": self.name, "main": "index.js", "compatibility_date": "2025-05-01"} | more
        self.write(**{"wrangler.json": json.dumps({key: value for key, value in config.items() if value is not None})})

    def run(self, *words, fails=False, stdin=None, **env):
        """The command's exit code, both streams in `text`, and the entries that it wrote to its output file."""
        output = self.folder / "entries.jsonl"
        output.unlink(missing_ok=True)
        env = {"PATH": f"{NODE.parent}:{os.environ['PATH']}", "HOME": str(self.folder), "CI": "true", "NO_COLOR": "1",
               "CLOUDFLARE_API_BASE_URL": self.kiln.api, "CLOUDFLARE_API_TOKEN": self.kiln.token,
               "CLOUDFLARE_ACCOUNT_ID": self.kiln.account, "WRANGLER_SEND_METRICS": "false",
               "WRANGLER_SEND_ERROR_REPORTS": "false", "WRANGLER_OUTPUT_FILE_PATH": str(output)} | env
        done = subprocess.run([NODE, "--no-warnings", WRANGLERS[self.release], *map(str, words)], cwd=self.folder, env=env,
                              text=True, capture_output=True, timeout=120, input=stdin or "")
        text = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, f"wrangler {self.release} {' '.join(map(str, words))}: exit {done.returncode}\n{text}"
        entries = [json.loads(line) for line in output.read_text().splitlines()] if output.exists() else []
        return SimpleNamespace(text=text, entries=entries, types=[entry["type"] for entry in entries])

    def entry(self, kind, *words, **env):
        """The command's output-file entry of that kind."""
        done = self.run(*words, **env)
        (entry,) = [entry for entry in done.entries if entry["type"] == kind]
        return SimpleNamespace(text=done.text, **entry)

    # --- what the store holds, through the API ---
    @property
    def scripts(self):
        return f"//accounts/{self.kiln.account}/workers/scripts/{self.name}"

    @property
    def worker(self):
        return f"//accounts/{self.kiln.account}/workers/workers/{self.name}"

    def get(self, tail):
        return self.kiln.get(self.scripts + tail).result

    def deployments(self):
        """Newest first: {version id: percentage}."""
        return [{target["version_id"]: target["percentage"] for target in deployment["versions"]}
                for deployment in self.get("/deployments")["deployments"]]

    def versions(self):
        """Ids, newest first."""
        return [version["id"] for version in self.get("/versions")["items"]]

    def bindings(self, version=None):
        """name → binding, of that or the newest version."""
        found = self.get(f"/versions/{version or self.versions()[0]}")["resources"]["bindings"]
        return {binding["name"]: binding for binding in found}

    def secrets(self):
        return sorted(secret["name"] for secret in self.get("/secrets"))

    def aliases(self):
        return {alias["alias"]: alias["version_id"] for alias in self.get("/aliases")}

    # --- a state to begin from, without a start of wrangler ---
    def put(self, text="one", query="", deploy=True, **metadata):
        """Uploads a version, and deploys it; its id."""
        about = {"main_module": "index.js", "compatibility_date": "2025-05-01"} | metadata
        parts = (("metadata", None, json.dumps(about)), ("index.js", "application/javascript+module", MODULE % text))
        body = "".join(f'--edge\r\nContent-Disposition: form-data; name="{name}"'
                       + (f'; filename="{name}"\r\nContent-Type: {kind}' if kind else "") + f"\r\n\r\n{content}\r\n"
                       for name, kind, content in parts) + "--edge--\r\n"
        form = {"content-type": "multipart/form-data; boundary=edge", "user-agent": "wrangler/0"}
        if deploy:
            return self.kiln.call("PUT", self.scripts + query, body.encode(), headers=form).result["deployment_id"]
        return self.kiln.call("POST", self.scripts + "/versions" + query, body.encode(), headers=form).result["id"]

    def secret(self, name, text="s"):
        self.kiln.call("PUT", self.scripts + "/secrets", {"name": name, "text": text, "type": "secret_text"}).result
