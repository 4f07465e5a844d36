"""Repositories, and a git host: `git http-backend` behind HTTP, which is how real servers do it."""
import base64
import http.server
import json
import os
import re
import subprocess
import threading
from pathlib import Path

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

GIT_ENV = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": str(Path(__file__).with_name("gitconfig")),
    "GIT_AUTHOR_NAME": "Ada Author", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_COMMITTER_NAME": "Ada Author",
    "GIT_COMMITTER_EMAIL": "ada@example.com", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
}


def git(folder, *words, check=True):
    done = subprocess.run(["git", "-C", str(folder), *map(str, words)], env=GIT_ENV, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=120)
    if check:
        assert done.returncode == 0, f"git {' '.join(map(str, words))}: {done.stderr}"
    return done


class Repo:
    """A bare repository and a clone to work in."""

    def __init__(self, folder, name, remote=None):
        self.bare = Path(folder) / f"{name}.git"
        self.work = Path(folder) / f"{name}-work"
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", self.bare], env=GIT_ENV, check=True)
        subprocess.run(["git", "init", "-q", "-b", "main", self.work], env=GIT_ENV, check=True)
        git(self.bare, "config", "http.receivepack", "true")
        git(self.bare, "config", "receive.advertisePushOptions", "true")
        git(self.work, "remote", "add", "origin", remote or self.bare)

    def write(self, files):
        for name, text in files.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def commit(self, files=None, message="A change", branch=None):
        """Commits `files` (name → text) and returns the commit's hash."""
        if branch:
            git(self.work, "checkout", "-q", "-B", branch)
        self.write(files or {})
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "--allow-empty", "-m", message)
        return self.head()

    def head(self):
        return git(self.work, "rev-parse", "HEAD").stdout.strip()

    def push(self, *words):
        """Pushes (default: the current branch) and returns the uuids of the builds that the hook's answer names."""
        done = git(self.work, "push", "origin", *(words or ["HEAD"]))
        self.answer = done.stderr
        return re.findall(rf"build ({UUID})", done.stderr)


def all_command_lines():
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            pass  # it has ended meanwhile


class GitHost:
    """Serves the bare repositories below a folder as http://127.0.0.1:PORT/owner/name.git, with a password or without."""

    def __init__(self, folder, password=None):
        folder = Path(folder)
        self.authorizations = authorizations = []  # of every request
        self.command_lines = command_lines = []    # of every process of the machine, at every request
        self.lfs = lfs = {}                        # contents of Git LFS by their SHA-256
        self.password = password                   # that it takes now
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.serve()

            def do_POST(self):
                self.serve()

            def serve(self):
                body = self.read_body()
                authorizations.append(self.headers.get("authorization"))
                if host.password:
                    command_lines.extend(all_command_lines())
                    expected = "Basic " + base64.b64encode(f"kiln:{host.password}".encode()).decode()
                    if self.headers.get("authorization") != expected:
                        self.send_response(401)
                        self.send_header("www-authenticate", 'Basic realm="git"')
                        self.send_header("content-length", "0")
                        self.end_headers()
                        return
                path, _, query = self.path.partition("?")
                if "/info/lfs/" in path:
                    self.serve_lfs(path, body)
                    return
                env = GIT_ENV | {
                    "GIT_PROJECT_ROOT": str(folder), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                    "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_USER": "kiln",
                    "CONTENT_TYPE": self.headers.get("content-type", ""), "CONTENT_LENGTH": str(len(body)),
                    "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("git-protocol", ""), "REMOTE_ADDR": "127.0.0.1",
                }
                done = subprocess.run(["git", "http-backend"], env=env, input=body, capture_output=True, timeout=120)
                head, _, payload = done.stdout.partition(b"\r\n\r\n")
                headers = [line.split(b": ", 1) for line in head.split(b"\r\n") if b": " in line]
                status = next((int(v.split()[0]) for k, v in headers if k.lower() == b"status"), 200)
                self.send_response(status)
                for name, value in headers:
                    if name.lower() != b"status":
                        self.send_header(name.decode(), value.decode())
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def serve_lfs(self, path, body):
                payload, status = b"", 200
                if path.endswith("/objects/batch") and lfs:
                    objects = []
                    for one in json.loads(body)["objects"]:
                        place = {"actions": {"download": {"href": f"{host.url}{path.removesuffix('batch')}{one['oid']}"}}}
                        objects.append(one | (place if one["oid"] in lfs else {"error": {"code": 404, "message": "not here"}}))
                    payload = json.dumps({"transfer": "basic", "objects": objects}).encode()
                else:
                    payload = lfs.get(path.rsplit("/", 1)[1])
                    payload, status = (payload, 200) if payload is not None else (b"none", 404)
                self.send_response(status)
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def read_body(self):
                if self.headers.get("transfer-encoding", "") != "chunked":
                    return self.rfile.read(int(self.headers.get("content-length", 0)))
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
