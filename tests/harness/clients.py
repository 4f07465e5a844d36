"""The official clients, as their packages ship them: wrangler, the `cf` CLI, and a Node script over the TypeScript SDK."""
import json
import os
import subprocess
from pathlib import Path

from .scripts import run_script
from .server import CLIENTS, NODE, TOOLS

SCRIPTS = Path(__file__).resolve().parents[1] / "clients"


def run_wrangler(kiln, folder, *words):
    env = {"PATH": f"{NODE.parent}:{os.environ['PATH']}", "HOME": str(folder), "CI": "true",
           "CLOUDFLARE_API_BASE_URL": kiln.api, "CLOUDFLARE_API_TOKEN": kiln.token,
           "CLOUDFLARE_ACCOUNT_ID": kiln.account, "WRANGLER_SEND_METRICS": "false",
           "WRANGLER_SEND_ERROR_REPORTS": "false"}
    return subprocess.run([NODE, TOOLS / "node/default/bin/wrangler", *words], cwd=folder, env=env, text=True,
                          capture_output=True, timeout=120, stdin=subprocess.DEVNULL)


def run_cf(kiln, *words):
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "CF_HIDE_COMMANDS": "0", "CLOUDFLARE_BASE_URL": kiln.api,
           "CLOUDFLARE_API_TOKEN": kiln.token, "CLOUDFLARE_ACCOUNT_ID": kiln.account}
    return subprocess.run([NODE, CLIENTS / ".bin" / "cf", *map(str, words)], env=env, capture_output=True, text=True,
                          timeout=120, stdin=subprocess.DEVNULL)


def cf(kiln, *words):
    """What the command prints, which is the answer's `result`."""
    done = run_cf(kiln, *words)
    assert done.returncode == 0, f"cf {' '.join(map(str, words))}: {done.stdout}{done.stderr}"
    return json.loads(done.stdout)


def cf_builds_operations():
    """Every Builds command that cf's own schemas list, without the leading `builds`: command → operationId."""
    schemas = json.loads((CLIENTS / "cf/cf-dist/_meta/schemas.json").read_text())["schemas"]
    return {command.removeprefix("builds "): schema["operationId"] for command, schema in schemas.items()
            if command.startswith("builds ")}


def run_against(kiln, script, *words, **env):
    """Runs one of tests/clients/*.mjs as a client of that server; what it prints is JSON."""
    return run_script(SCRIPTS / script, *words, CLOUDFLARE_BASE_URL=kiln.api, CLOUDFLARE_API_TOKEN=kiln.token,
                      CLOUDFLARE_ACCOUNT_ID=kiln.account, **env)


def sdk_folder(release):
    return CLIENTS / f"cloudflare-{release.replace('.', '-')}"


def sdk(kiln, *words, release="7.3"):
    """The official SDK lists things: tests/clients/sdk.mjs."""
    return run_against(kiln, "sdk.mjs", *words, CLOUDFLARE_SDK=(sdk_folder(release) / "index.mjs").as_uri())


def sdk_methods(kiln, release, worker):
    """What becomes of each of the SDK's methods: [[method, outcome, words]…]."""
    return run_against(kiln, "sdk_methods.mjs", worker, CLOUDFLARE_SDK=(sdk_folder(release) / "index.mjs").as_uri())


def mcp_builds(kiln, *words, **env):
    """What the official MCP server for builds asks, judged by its own schemas: tests/clients/mcp_builds.mjs."""
    return run_against(kiln, "mcp_builds.mjs", *words, **env, ZOD=(CLIENTS / "zod" / "index.js").as_uri())
