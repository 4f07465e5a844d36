"""A real provider of identities (npm oidc-provider) on loopback, and a person who signs in there without a browser."""
import http.client
import subprocess
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from .server import NODE, ROOT
from .server import http as ask

SECRET = "a secret of the tests"
OWN = {"sec-fetch-site": "same-origin"}


class Provider:
    """People are ada (group ops), grace (dev), linus (staff) and mallory (guests)."""

    def __init__(self, *words):
        self.process = subprocess.Popen([NODE, "--no-warnings", ROOT / "tests/oidc/provider.mjs", SECRET, *words], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.issuer = self.process.stdout.readline().strip()
        assert self.issuer.startswith("http://127.0.0.1:"), "the provider does not start; `tools/setup.sh test` installs it"

    def settings(self, folder, more=""):
        """The [oidc] table of a server that believes this provider."""
        secret = folder / "oidc-secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET + "\n")
        return (f'[oidc]\nissuer = "{self.issuer}"\nclient_id = "kiln"\nclient_secret_file = "{secret}"\nname = "Example"\n'
                'scopes = ["openid", "profile", "groups"]\nview = ["staff"]\noperate = ["dev"]\nadminister = ["ops"]\n' + more)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


class Person:
    """Keeps cookies for each host and port, and follows redirects by hand."""

    def __init__(self):
        self.cookies = {}

    def send(self, method, url, body=None, headers=None):
        at = urlsplit(url)
        jar = self.cookies.setdefault(at.netloc, {})
        connection = http.client.HTTPConnection(at.netloc, timeout=30)
        sent = {"cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}
        connection.request(method, f"{at.path}?{at.query}" if at.query else at.path, body, sent | (headers or {}))
        answer = connection.getresponse()
        raw = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                for morsel in SimpleCookie(value).values():
                    jar[morsel.key] = morsel.value
        connection.close()
        return answer, raw

    def post(self, url, body):
        """(status, JSON), held against the API's document."""
        jar = self.cookies.setdefault(urlsplit(url).netloc, {})
        answer = ask("POST", url, body, OWN | ({"cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}))
        if cookie := answer.headers.get("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            jar[name] = value
        return answer.status, answer.json

    def bring_code(self, kiln, name):
        """What the provider sends the person back to the page with."""
        status, begun = self.post(kiln.url + "/kiln/v1/oidc", {})
        assert status == 200, begun
        url = begun["result"]["authorization_url"]
        for _ in range(10):
            if url.startswith(kiln.url):
                return {key: value[0] for key, value in parse_qs(urlsplit(url).query).items() if key in ("code", "state", "iss")}
            form = {"name": name} if "/interaction/" in url else None
            answer, raw = self.send("POST" if form else "GET", url, urlencode(form) if form else None,
                                    {"content-type": "application/x-www-form-urlencoded"} if form else None)
            assert answer.status in (302, 303), (answer.status, url, raw[:500])
            url = urljoin(url, answer.headers["location"])
        raise AssertionError("the provider sends the person in circles")

    def sign_in(self, kiln, name):
        """(status, answer); the session's cookie is kept."""
        return self.post(kiln.url + "/kiln/v1/oidc/session", self.bring_code(kiln, name))

    def headers(self, kiln):
        jar = self.cookies[urlsplit(kiln.url).netloc]
        return OWN | {"cookie": "; ".join(f"{name}={value}" for name, value in jar.items() if name.startswith("kiln_session"))}
