"""A git host as teams run one: Debian's nginx asks for a password by TLS or without, in front of `git http-backend` behind fcgiwrap; the
repositories' own hooks run there as they do at any host."""
import os
import signal
import subprocess
from pathlib import Path

from .githost import Repo, git
from .ports import free_port
from .waiting import until

CONFIG = """
{user}
daemon off;
pid {folder}/pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
  {temporary}
  log_format asked '$status $remote_user $request_method $request_uri';
  access_log {folder}/access.log asked;
  server {{
    listen 127.0.0.1:{port}{tls};
    location ~ ^/git(/.*)$ {{
      auth_basic "git";
      auth_basic_user_file {folder}/passwords;
      client_max_body_size 0;
      fastcgi_pass unix:{folder}/fcgi;
      fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
      fastcgi_param GIT_PROJECT_ROOT {repositories};
      fastcgi_param GIT_HTTP_EXPORT_ALL 1;
      fastcgi_param PATH_INFO $1;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REMOTE_USER $remote_user;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
      fastcgi_param GIT_PROTOCOL $http_git_protocol;
    }}
  }}
}}
"""


class NginxHost:
    """Serves repositories as {url}/acme/NAME.git to those who know a password of `users` (name → password). With `certificates` (of
    proxies.proxies) by TLS. asked() is what nginx was asked: [(status, user or "-", method, address)…]."""

    def __init__(self, folder, users, certificates=None):
        self.folder, self.certificates = Path(folder), certificates
        self.repositories = self.folder / "repositories"
        (self.repositories / "acme").mkdir(parents=True)
        self.port = free_port()
        scheme, name, tls = "http", "127.0.0.1", ""
        if certificates:
            scheme, name, tls = "https", "localhost", f" ssl; ssl_certificate {certificates.chain}; ssl_certificate_key {certificates.key}"
        self.url = f"{scheme}://{name}:{self.port}/git"
        self.let_in(users)
        temporary = "\n  ".join(f"{what}_temp_path {self.folder}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(CONFIG.format(
            user="user root;" if os.geteuid() == 0 else "", folder=self.folder, temporary=temporary, port=self.port, tls=tls, repositories=self.repositories))
        self.log_file = self.folder / "log"
        # fcgiwrap leaves its children behind when it alone is ended: both have a session that ends whole.
        self.processes = [self._start("fcgiwrap", "-f", "-c", "2", "-s", f"unix:{self.folder}/fcgi")]
        until((self.folder / "fcgi").exists, self.log, 30)
        self.processes.append(self._start("nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"))
        until(self._listens, self.log, 30)

    def _start(self, *command):
        with open(self.log_file, "ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                    env={"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C"})

    def _listens(self):
        assert self.processes[-1].poll() is None, self.log()
        return (self.folder / "pid").exists()

    def log(self):
        return self.log_file.read_text(errors="replace")

    def let_in(self, users):
        """These and no others; nginx reads the file at each request."""
        lines = []
        for user, password in users.items():
            done = subprocess.run(["openssl", "passwd", "-apr1", "-stdin"], input=password, capture_output=True, text=True, check=True)
            lines.append(f"{user}:{done.stdout}")
        (self.folder / "passwords").write_text("".join(lines))

    def repo(self, name, user, password):
        """A bare repository here, and a work tree that pushes to it through nginx as that user."""
        repo = Repo(self.repositories / "acme", name, remote=f"{self.url.replace('://', f'://{user}:{password}@')}/acme/{name}.git")
        if self.certificates:
            git(repo.work, "config", "http.sslCAInfo", self.certificates.ca)
        repo.url = f"{self.url}/acme/{name}.git"
        return repo

    def asked(self):
        return [tuple(line.split(" ", 3)) for line in (self.folder / "access.log").read_text().splitlines()]

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(20)
