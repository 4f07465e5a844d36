"""A fake of the hosted service's API, as far as an import reads it. Every answer is held against the published shapes before
it is sent: those of Builds as harness/shapes.py has them, those of Workers as the SDK's types have them (types_problem)."""
import json
import re
import subprocess
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from . import shapes
from .server import CLIENTS, NODE, ROOT

TIME = "2026-11-20T08:00:00.000Z"
TSC = ROOT / "web" / "node_modules" / "typescript" / "bin" / "tsc"

# As published, without what Kiln adds.
trigger = shapes.record(**shapes._trigger, build_token_uuid=shapes.uuid, build_token_name=shapes.filled)
deploy_hook = shapes.record(deploy_hook_uuid=shapes.uuid, deploy_hook_name=shapes.filled, branch=shapes.filled,
                            external_script_id=shapes.worker_tag, created_on=shapes.time, modified_on=shapes.time,
                            latest_build=shapes.maybe(shapes.record(created_on=shapes.time)))
build_token = shapes.record(build_token_uuid=shapes.uuid, build_token_name=shapes.filled, cloudflare_token_id=shapes.filled,
                            owner_type=shapes.filled)

# The path below the account → what its result is: a shape, or the SDK's type and the file that has it.
WORKERS = "workers/scripts/"
ROUTES = {
    r"/workers/scripts": ("Array<ScriptListResponse>", WORKERS + "scripts"),
    r"/workers/subdomain": ("SubdomainGetResponse", "workers/subdomains"),
    r"/workers/domains": ("Array<DomainListResponse>", "workers/domains"),
    r"/workers/scripts/([^/]+)/subdomain": ("SubdomainGetResponse", WORKERS + "subdomain"),
    r"/workers/scripts/([^/]+)/secrets": ("Array<SecretListResponse>", WORKERS + "secrets"),
    r"/workers/scripts/([^/]+)/settings": ("ScriptAndVersionSettingGetResponse", WORKERS + "script-and-version-settings"),
    r"/builds/workers/([^/]+)/triggers": shapes.list_of(trigger),
    r"/builds/triggers/([^/]+)/environment_variables": shapes.map_of(shapes.variable_object),
    r"/builds/workers/([^/]+)/deploy_hooks": shapes.list_of(deploy_hook),
    r"/builds/tokens": shapes.list_of(build_token),
}


def new_id():
    return str(uuid.uuid4())


class Worker:
    def __init__(self, name):
        self.name, self.tag = name, uuid.uuid4().hex
        self.enabled, self.previews_enabled = True, False
        self.triggers, self.hooks, self.secrets, self.bindings, self.variables = [], [], [], [], {}

    def add_trigger(self, trigger_name, repo="acme/shop", variables=None, **settings):
        owner, repo_name = repo.split("/")
        made = {
            "trigger_uuid": new_id(), "trigger_name": trigger_name, "external_script_id": self.tag, "build_command": "npm run build",
            "deploy_command": "npx wrangler deploy", "root_directory": "/", "branch_includes": ["main"], "branch_excludes": [],
            "path_includes": ["*"], "path_excludes": [], "build_caching_enabled": True, "created_on": TIME, "modified_on": TIME,
            "deleted_on": None, "build_token_uuid": new_id(), "build_token_name": "Workers Builds",
            "repo_connection": {"repo_connection_uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, repo)), "provider_type": "github",
                                "provider_account_id": owner + "-id", "provider_account_name": owner, "repo_id": repo_name + "-id",
                                "repo_name": repo_name, "created_on": TIME, "modified_on": TIME, "deleted_on": None}} | settings
        self.triggers.append(made)
        self.variables[made["trigger_uuid"]] = {
            key: {"is_secret": value is None, "value": value, "created_on": TIME} for key, value in (variables or {}).items()}
        return made

    def add_hook(self, name, branch="main"):
        self.hooks.append({"deploy_hook_uuid": new_id(), "deploy_hook_name": name, "branch": branch, "external_script_id": self.tag,
                           "created_on": TIME, "modified_on": TIME, "latest_build": None})


class Hosted:
    """`faults`: a path below the account → the answers that come before the right one, each (status, headers). Lists of
    triggers and of build tokens come one item a page."""

    account, token = "5e" * 16, "hosted-api-token-0123456789"

    def __init__(self):
        self.workers, self.domains, self.build_tokens, self.faults, self.asked = {}, [], [], {}, []
        self.typed = {}  # SDK type → [(file, result)…]
        self.problems = []
        hosted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, headers, body = hosted._answer(self)
                raw = json.dumps(body).encode()
                self.send_response(status)
                for name, value in ({"content-type": "application/json", "content-length": str(len(raw))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/client/v4"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, name):
        self.workers[name] = Worker(name)
        return self.workers[name]

    def add_token(self, name):
        self.build_tokens.append({"build_token_uuid": new_id(), "build_token_name": name, "cloudflare_token_id": uuid.uuid4().hex,
                                  "owner_type": "account"})

    def _answer(self, request):
        split = urlsplit(request.path)
        page = int(parse_qs(split.query).get("page", ["1"])[0])
        below = split.path.removeprefix(f"/client/v4/accounts/{self.account}")
        self.asked.append(below)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {}, refusal(10000, "Authentication error")
        if self.faults.get(below):
            status, headers = self.faults[below].pop(0)
            return status, headers, refusal(status, f"a fault of {status}")
        for pattern, shape in ROUTES.items():
            if found := re.fullmatch(pattern, below):
                result = self._result(pattern, *map(unquote, found.groups()))
                return (404, {}, refusal(12000, "Not found")) if result is None else (200, {}, self._judged(shape, below, result, page))
        return 404, {}, refusal(7003, f"Could not route to {below}")

    def _result(self, pattern, of=None):
        if pattern == r"/workers/scripts":
            return [{"id": one.name, "tag": one.tag, "created_on": TIME, "modified_on": TIME, "handlers": ["fetch"], "logpush": False}
                    for one in self.workers.values()]
        if pattern == r"/workers/subdomain":
            return {"subdomain": "acme"}
        if pattern == r"/workers/domains":
            return self.domains
        if pattern == r"/builds/tokens":
            return self.build_tokens
        if "environment_variables" in pattern:
            return next((one.variables[of] for one in self.workers.values() if of in one.variables), None)
        by_tag = pattern.endswith("triggers")
        worker = next((one for one in self.workers.values() if of == (one.tag if by_tag else one.name)), None)
        kind = pattern.rsplit("/", 1)[1]
        return worker and {
            "triggers": worker.triggers, "deploy_hooks": worker.hooks,
            "secrets": [{"name": name, "type": "secret_text"} for name in worker.secrets],
            "settings": {"bindings": worker.bindings, "compatibility_date": "2026-11-01"},
            "subdomain": {"enabled": worker.enabled, "previews_enabled": worker.previews_enabled}}[kind]

    def _judged(self, shape, path, result, page):
        try:
            if callable(shape):
                shape(result, path)
            else:
                self.typed.setdefault(shape, []).append(result)
        except AssertionError as error:
            self.problems.append(str(error))
        answer = {"result": result, "success": True, "errors": [], "messages": []}
        if path.endswith("/triggers") or path.endswith("/tokens"):
            answer["result"] = result[page - 1:page]
            answer["result_info"] = {"page": page, "per_page": 1, "count": len(answer["result"]), "total_count": len(result),
                                     "total_pages": len(result), "next_page": page < len(result)}
        return answer

    def types_problem(self, folder):
        """What the TypeScript compiler has against the answers that were given, by the SDK's types; "" for nothing."""
        lines = []
        for number, ((kind, file), results) in enumerate(self.typed.items()):
            name = re.sub(r"Array<(\w+)>", r"\1", kind)
            lines.append(f"import type {{ {name} as T{number} }} from '{CLIENTS}/cloudflare-7-3/resources/{file}';")
            lines += [f"export const a{number}_{place}: {kind.replace(name, f'T{number}')} = {json.dumps(result)};"
                      for place, result in enumerate(results)]
        source = folder / "answers.ts"
        source.write_text("\n".join(lines) + "\n")
        project = folder / "tsconfig.json"
        project.write_text(json.dumps({"files": [source.name], "compilerOptions": {
            "noEmit": True, "strict": True, "skipLibCheck": True, "types": [], "module": "esnext", "moduleResolution": "bundler",
            "target": "es2022"}}))
        done = subprocess.run([NODE, TSC, "-p", project], capture_output=True, text=True, timeout=300)
        return done.stdout if done.returncode else ""


def refusal(code, message):
    return {"success": False, "errors": [{"code": code, "message": message}], "messages": [], "result": None}
