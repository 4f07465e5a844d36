"""Signing in to the page, and everybody who tries to use somebody else's session."""
import http.client
import json
import re
import threading

import pytest

from harness.server import http as ask
from harness.wrangler import Wrangler
from test_serving import url_of

OWN = {"sec-fetch-site": "same-origin"}


class Browser:
    """Keeps a cookie as a browser does, and says of each request what a browser says."""

    def __init__(self, kiln, host=None):
        self.kiln, self.cookie = kiln, None
        self.address = kiln.url.removeprefix("http://")
        self.host = host or self.address

    def send(self, method, path, body=None, headers=OWN, cookie=None):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        sent = {"host": self.host} | headers
        if cookie or self.cookie:
            sent["cookie"] = cookie or self.cookie
        data = json.dumps(body) if body is not None else None
        if data:
            sent["content-type"] = "application/json"
        connection.request(method, path, data, sent)
        answer = connection.getresponse()
        raw = answer.read()
        set_cookie = answer.headers.get("set-cookie")
        if set_cookie and answer.status == 200:
            self.cookie = set_cookie.split(";")[0]
        connection.close()
        return answer, raw

    def status(self, *words, **more):
        return self.send(*words, **more)[0].status

    def sign_in(self, **body):
        answer, raw = self.send("POST", "/kiln/v1/session", body)
        assert answer.status == 200, raw
        return json.loads(raw)["result"]

    def builds(self):
        return f"/client/v4/accounts/{self.kiln.account}/builds/builds/list"


def code_of(kiln, *words):
    link = kiln.cli("dashboard", *words).stdout.strip()
    base, _, code = link.partition("/login#")
    assert base == kiln.url and re.fullmatch(r"kiln_l_[\w-]{43}", code), link
    return code


@pytest.fixture
def browser(kiln):
    browser = Browser(kiln)
    browser.sign_in(code=code_of(kiln))
    return browser


def test_a_link_signs_in_once(kiln):
    code, first, second = code_of(kiln), Browser(kiln), Browser(kiln)
    signed_in = first.sign_in(code=code)
    assert signed_in["session"]["is_admin"] and signed_in["session"]["current"]
    assert kiln.account in [account["id"] for account in signed_in["accounts"]]
    answer, raw = second.send("POST", "/kiln/v1/session", {"code": code})
    assert answer.status == 401 and b"kiln dashboard" in raw and not answer.headers.get("set-cookie")
    assert first.status("GET", first.builds()) == 200 and second.status("GET", second.builds()) == 401
    assert code not in kiln.log() and first.cookie.split("=")[1] not in kiln.log()


def test_the_cookie_is_the_browsers_alone(kiln):
    answer, _ = Browser(kiln).send("POST", "/kiln/v1/session", {"code": code_of(kiln)})
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name == "kiln_session_" + kiln.url.rsplit(":", 1)[1]
    assert rest.split("; ")[1:] == ["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=604800"]


def test_a_session_has_its_tokens_rights_and_ends_with_it(kiln):
    made = kiln.cli_json("token", "create", "--name", "page", "--permissions", "ci:read")
    browser = Browser(kiln)
    browser.sign_in(token=made["token"])
    assert browser.status("GET", browser.builds()) == 200
    cancel = f"/client/v4/accounts/{kiln.account}/builds/builds/00000000-0000-4000-8000-000000000000/cancel"
    assert browser.status("PUT", cancel) == 403
    kiln.cli("token", "revoke", made["id"])
    assert browser.status("GET", browser.builds()) == 401


def test_a_read_only_link_changes_nothing(kiln):
    browser = Browser(kiln)
    session = browser.sign_in(code=code_of(kiln, "--read-only"))["session"]
    assert not session["is_admin"] and session["permissions"] == ["ci:read", "scripts:read"]
    cancel = f"/client/v4/accounts/{kiln.account}/builds/builds/00000000-0000-4000-8000-000000000000/cancel"
    assert browser.status("PUT", cancel) == 403


def test_sessions_are_listed_and_ended(kiln, browser):
    other = Browser(kiln)
    other_id = other.sign_in(code=code_of(kiln))["session"]["session_id"]
    listed = json.loads(browser.send("GET", "/kiln/v1/sessions")[1])["result"]
    assert other_id in [session["session_id"] for session in listed] and [s["current"] for s in listed].count(True) == 1
    assert browser.status("DELETE", f"/kiln/v1/sessions/{other_id}") == 200
    assert other.status("GET", other.builds()) == 401
    assert browser.status("DELETE", "/kiln/v1/session") == 200
    assert browser.status("GET", browser.builds()) == 401


# A Worker at shop.dev.localhost is the same site as a page at localhost, so that browsers send it the cookie's company:
# SameSite alone does not help, what the browser says of the request does.
def test_a_worker_of_the_same_site_cannot_act_with_the_session(kiln, browser, tmp_path, name):
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.put("hostile")
    origin = url_of(kiln, name).rstrip("/")
    retry = f"/client/v4/accounts/{kiln.account}/builds/builds/00000000-0000-4000-8000-000000000000/retry"
    hostile = {"sec-fetch-site": "same-site", "origin": origin, "sec-fetch-mode": "cors"}
    for method, path in (("POST", retry), ("DELETE", "/kiln/v1/session"), ("GET", browser.builds()),
                         ("GET", "/kiln/v1/sessions"), ("POST", "/kiln/v1/session")):
        answer, raw = browser.send(method, path, {"token": kiln.token} if path == "/kiln/v1/session" else None, headers=hostile)
        assert answer.status == 403, (method, path, raw)
        assert not any(field.lower().startswith("access-control") for field in answer.headers), "no CORS"
    # What says nothing of where it comes from is not the page either.
    assert browser.status("POST", retry, headers={}) == 403
    assert browser.status("POST", retry, headers={"origin": origin}) == 403
    assert browser.status("POST", retry, headers={"origin": browser.kiln.url}) == 404, "an old browser's own page: no such build"
    assert browser.status("GET", browser.builds()) == 200
    socket = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13", "origin": origin,
              "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    assert browser.status("GET", browser.builds(), headers=socket) == 403


def test_a_name_that_was_pointed_here_gets_no_page_and_no_session(kiln, browser):
    rebound = Browser(kiln, "evil.example:" + kiln.url.rsplit(":", 1)[1])
    for path in ("/", "/builds/x", "/workers/shop", "/login"):
        answer, raw = rebound.send("GET", path, headers={})
        assert answer.status == 421 and b"evil.example" in raw, path
    assert rebound.status("GET", rebound.builds(), cookie=browser.cookie) == 421
    assert rebound.status("POST", "/kiln/v1/session", {"token": kiln.token}) == 421
    # Tokens are no cookies: whoever has one may call the server what he likes.
    assert rebound.status("GET", rebound.builds(), headers={"authorization": f"Bearer {kiln.token}"}) == 200


def test_a_cookie_that_comes_twice_is_no_cookie(kiln, browser):
    name = browser.cookie.split("=")[0]
    for cookies in (f"{name}=evil; {browser.cookie}", f"{browser.cookie}; {name}=evil"):
        assert browser.status("GET", browser.builds(), cookie=cookies) == 401


def test_a_session_cannot_be_fixed_before_it_begins(kiln):
    browser = Browser(kiln)
    name = "kiln_session_" + kiln.url.rsplit(":", 1)[1]
    browser.cookie = f"{name}=chosen"
    browser.sign_in(code=code_of(kiln))
    assert browser.cookie != f"{name}=chosen"
    assert Browser(kiln).status("GET", browser.builds(), cookie=f"{name}=chosen") == 401


def test_over_plain_http_from_another_machine_nobody_signs_in(fresh_kiln):
    kiln = fresh_kiln('[server]\npage_hosts = ["kiln.lan"]\n')
    far = Browser(kiln, "kiln.lan")
    assert far.send("GET", "/", headers={})[0].status == 200
    answer, raw = far.send("POST", "/kiln/v1/session", {"token": kiln.token})
    assert answer.status == 403 and b"plain" in raw
    kiln.stop()
    kiln.config.write_text(kiln.config.read_text().replace("[server]\n", "[server]\nplain_login = true\n"))
    kiln.start()
    far = Browser(kiln, "kiln.lan")
    assert far.sign_in(token=kiln.token)["plain_http"]


def test_behind_tls_the_cookie_is_for_this_host_and_secure(fresh_kiln):
    kiln = fresh_kiln('[server]\npublic_url = "https://kiln.example.com"\n')
    proxied = Browser(kiln, "kiln.example.com")
    answer, _ = proxied.send("POST", "/kiln/v1/session", {"token": kiln.token})
    assert answer.status == 200
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-kiln_session_443=") and "; Secure" in cookie and "Domain" not in cookie
    assert proxied.status("GET", proxied.builds()) == 200
    retry = f"/client/v4/accounts/{kiln.account}/builds/builds/00000000-0000-4000-8000-000000000000/retry"
    assert proxied.status("POST", retry, headers={"origin": "http://kiln.example.com"}) == 403
    assert proxied.status("POST", retry, headers={"origin": "https://kiln.example.com"}) == 404


def test_a_session_outlives_a_restart(fresh_kiln):
    kiln = fresh_kiln()
    browser = Browser(kiln)
    browser.sign_in(code=code_of(kiln))
    kiln.kill9()
    kiln.start()
    assert Browser(kiln).status("GET", browser.builds(), cookie=browser.cookie) == 200


def test_two_who_have_the_same_link_do_not_both_get_in(kiln):
    code, statuses = code_of(kiln), []
    threads = [threading.Thread(target=lambda: statuses.append(Browser(kiln).status("POST", "/kiln/v1/session", {"code": code})))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [401] * 7


# --- the page ------------------------------------------------------------------------------------------------------------
def test_the_page_is_served_with_headers_that_let_nothing_else_in(kiln):
    browser = Browser(kiln)
    for path in ("/", "/login", "/builds/5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90", "/workers/shop/settings", "/queue", "/pushes"):
        answer, raw = browser.send("GET", path, headers={})
        assert answer.status == 200 and answer.headers["content-type"] == "text/html; charset=utf-8", path
        assert answer.headers["cache-control"] == "no-cache" and b"<title>Kiln</title>" in raw
        policy = answer.headers["content-security-policy"]
        for words in ("default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'",
                      "require-trusted-types-for 'script'"):
            assert words in policy.split("; ")
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == answer.headers["cross-origin-resource-policy"] == "same-origin"
    again, raw = browser.send("GET", "/", headers={"if-none-match": answer.headers["etag"]})
    assert again.status == 304 and raw == b""
    assert browser.send("GET", "/assets/nothing.js", headers={})[0].status == 404
    assert browser.send("GET", "/client/v4/nothing", headers={})[0].status == 404


def test_links_of_the_hosted_dashboard_lead_to_the_build(kiln):
    browser, uuid = Browser(kiln), "5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90"
    hosted = f"/{kiln.account}/workers/services/view/shop/production/builds/{uuid}"
    for path in (hosted, f"/?to={hosted}", f"/?to=/:account/workers/services/view/shop/production/builds/{uuid}"):
        answer, _ = browser.send("GET", path, headers={})
        assert answer.status == 302 and answer.headers["location"] == f"/builds/{uuid}", path
    for path in ("/?to=https://evil.example/", "/?to=//evil.example/x", f"/?to=/a/workers/services/view/b/production/builds/{uuid}x"):
        answer, _ = browser.send("GET", path, headers={})
        assert answer.status == 200 and "location" not in answer.headers, path


def test_workers_hosts_have_no_page(kiln, tmp_path, name):
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.put("mine")
    answer = ask("GET", kiln.url + "/openapi.json")
    assert answer.status == 200
    there = url_of(kiln, name)
    connection = http.client.HTTPConnection("127.0.0.1", int(there.rstrip("/").rsplit(":", 1)[1]), timeout=30)
    connection.request("GET", "/login", headers={"host": there.removeprefix("http://").rstrip("/")})
    assert b"<title>Kiln</title>" not in connection.getresponse().read()
