"""The proxies of deploy/, each started from its recipe: only names, ports and the paths of files are put in."""
import re
import socket
import ssl
import subprocess

from harness.ports import free_port
from harness.server import ROOT
from harness.waiting import until

API, WORKERS, OWN_DOMAIN = "localhost", "workers.test", "shop.test"  # names in place of *.example.com


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


class Certificates:
    """A private CA, and a certificate of it for every name that the tests use."""

    def __init__(self, folder):
        self.ca, self.chain, self.key, self.both = (folder / name for name in ("ca.pem", "chain.pem", "key.pem", "both/both.pem"))
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=Tests' own CA", "-keyout", folder / "ca.key", "-out", self.ca)
        names = folder / "names.cnf"
        names.write_text(f"subjectAltName=DNS:{API},DNS:*.dev.{WORKERS},DNS:{OWN_DOMAIN}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=kiln", "-keyout", self.key,
                "-out", folder / "request.pem")
        openssl("x509", "-req", "-in", folder / "request.pem", "-CA", self.ca, "-CAkey", folder / "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", names, "-out", self.chain)
        # Of the API alone, by the same key.
        self.api_chain = folder / "api.pem"
        names.write_text(f"subjectAltName=DNS:{API}\n")
        openssl("x509", "-req", "-in", folder / "request.pem", "-CA", self.ca, "-CAkey", folder / "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", names, "-out", self.api_chain)
        self.both.parent.mkdir()
        self.both.write_text(self.chain.read_text() + self.key.read_text())
        for file in (self.chain, self.key, self.both):
            file.chmod(0o644)  # nginx's workers read them as www-data

    def context(self):
        return ssl.create_default_context(cafile=self.ca)


class Proxy:
    """One running proxy. `put` replaces what stands in a recipe, and fails when it does not stand there."""

    logs_requests = True  # as its recipe is
    leads_to_https = True  # whoever comes by plain HTTP
    settings = "deploy/behind-a-proxy.toml"

    def __init__(self, folder, certificates):
        self.folder, self.certificates = folder, certificates
        self.port, self.plain_port, self.admin_port = free_port(), free_port(), free_port()
        self.process = None

    def put(self, text, *pairs):
        for old, new in pairs:
            assert old in text, f"the recipe has no {old!r} any more"
            text = text.replace(old, str(new))
        assert "example.com" not in "\n".join(re.sub(r"(^|\s)#.*", "", line) for line in text.splitlines()), text
        return text

    def start(self, kiln, workers_port):
        self.log_file = self.folder / "proxy.log"
        command = self.prepare(kiln.url.rpartition(":")[2], workers_port)
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": str(self.folder)})
        until(self.answers, f"the proxy to answer:\n{self.log()}", 30)
        return self

    def answers(self):
        assert self.process.poll() is None, self.log()
        try:
            raw = socket.create_connection(("127.0.0.1", self.port), timeout=5)
            self.certificates.context().wrap_socket(raw, server_hostname=API).close()
            return True
        except OSError:
            return False

    def log(self):
        return self.log_file.read_text(errors="replace")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)


class Nginx(Proxy):
    def prepare(self, api_port, workers_port):
        own = self.folder / "kiln.conf"
        snippet = self.folder / "snippet.conf"
        snippet.write_text((ROOT / "deploy/nginx/snippet.conf").read_text())
        files = self.certificates
        own.write_text(self.put(
            (ROOT / "deploy/nginx/kiln.conf").read_text(),
            ("listen 443 ", f"listen 127.0.0.1:{self.port} "), ("listen [::]:443 ", f"listen [::1]:{self.port} "),
            ("listen 80 ", f"listen 127.0.0.1:{self.plain_port} "), ("listen [::]:80 ", f"listen [::1]:{self.plain_port} "),
            ("127.0.0.1:8787", f"127.0.0.1:{api_port}"), ("127.0.0.1:8788", f"127.0.0.1:{workers_port}"),
            ("/etc/ssl/kiln/kiln.example.com.crt", files.chain), ("/etc/ssl/kiln/kiln.example.com.key", files.key),
            ("/etc/ssl/kiln/dev.workers.example.com.crt", files.chain), ("/etc/ssl/kiln/dev.workers.example.com.key", files.key),
            ("/var/log/nginx/kiln.log", self.folder / "access.log"), ("snippets/kiln.conf", snippet),
            ("*.dev.workers.example.com", f"*.dev.{WORKERS}"), ("kiln.example.com", API)))
        paths = "\n".join(f"{name}_temp_path {self.folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        # What Debian's nginx.conf has around conf.d.
        (self.folder / "nginx.conf").write_text(
            f"user root;\ndaemon off;\npid {self.folder}/pid;\nerror_log stderr;\nevents {{ worker_connections 768; }}\n"
            f"http {{ access_log off;\n{paths}\nsendfile on; tcp_nopush on; gzip on;\ninclude {own}; }}\n")
        return ["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"]

    def log(self):
        access = self.folder / "access.log"
        return super().log() + (access.read_text() if access.exists() else "")


class Haproxy(Proxy):
    def prepare(self, api_port, workers_port):
        own = self.folder / "kiln.cfg"
        own.write_text(self.put(
            (ROOT / "deploy/haproxy/kiln.cfg").read_text(),
            ("bind :443 ", f"bind 127.0.0.1:{self.port} "), ("bind :80\n", f"bind 127.0.0.1:{self.plain_port}\n"),
            ("127.0.0.1:8787", f"127.0.0.1:{api_port}"), ("127.0.0.1:8788", f"127.0.0.1:{workers_port}"),
            ("/etc/ssl/kiln/", self.certificates.both.parent), ("kiln.example.com", API)))
        return ["haproxy", "-W", "-f", own]


class Caddy(Proxy):
    logs_requests = False

    def prepare(self, api_port, workers_port):
        own = self.folder / "Caddyfile"
        files = self.certificates
        own.write_text(self.put(
            (ROOT / "deploy/caddy/Caddyfile").read_text(),
            ("admin localhost:2019", f"admin localhost:{self.admin_port}"), ("https_port 443", f"https_port {self.port}"),
            ("http_port 80", f"http_port {self.plain_port}"), ("default_bind 0.0.0.0 [::]", "default_bind 127.0.0.1 [::1]"),
            ("127.0.0.1:8787", f"127.0.0.1:{api_port}"), ("127.0.0.1:8788", f"127.0.0.1:{workers_port}"),
            ("/etc/ssl/kiln/kiln.example.com.crt", files.chain), ("/etc/ssl/kiln/kiln.example.com.key", files.key),
            ("/etc/ssl/kiln/dev.workers.example.com.crt", files.chain), ("/etc/ssl/kiln/dev.workers.example.com.key", files.key),
            ("kiln.example.com", API)))
        return ["caddy", "run", "--adapter", "caddyfile", "--config", own]


class Own(Proxy):
    """No proxy: the server's own TLS."""

    logs_requests = leads_to_https = False
    settings = "deploy/own-tls.toml"

    def start(self, kiln, workers_port):
        self.process, self.log_file = kiln.process, kiln.log_file
        until(self.answers, f"the server to speak TLS:\n{self.log()}", 30)
        return self

    def stop(self):
        """It ends with its server."""


ALL = {"nginx": Nginx, "haproxy": Haproxy, "caddy": Caddy, "own": Own}
