"""The recipes of deploy/: nginx, HAProxy and Caddy in front of a real server, by TLS of a private CA, as operators run them."""
import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import uuid as uuids
from urllib.parse import urlsplit

import pytest

from harness.githost import Repo
from harness.server import NODE
from harness.waiting import Watching, until
from harness.wrangler import WRANGLERS, Wrangler
from proxies.proxies import API, OWN_DOMAIN
from proxies.visitor import Curl, Visitor, WebSocket
from test_github import ZERO, push_event

SCRIPT = """export default { fetch(request) {
  const url = new URL(request.url);
  if (request.headers.get("Upgrade") === "websocket") {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", event => server.send("heard " + event.data));
    return new Response(null, { status: 101, webSocket: client });
  }
  if (url.pathname === "/drip") {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    writer.write(new TextEncoder().encode("first\\n"));
    return new Response(readable);  // and never ends
  }
  if (url.pathname === "/size") return request.arrayBuffer().then(body => new Response(String(body.byteLength)));
  return Response.json({ url: request.url, tls: request.cf.tlsVersion, ip: request.headers.get("cf-connecting-ip"),
                         real: request.headers.get("x-real-ip"), under: request.headers.get("x_under_score") });
} };
"""
FORGED = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9;proto=http", "X-Real-IP": "203.0.113.9",
          "CF-Connecting-IP": "203.0.113.9", "X-Forwarded-Proto": "http", "True-Client-IP": "203.0.113.9"}


class Outside:
    """What Wrangler wants of a server, at its outer address."""

    def __init__(self, behind):
        self.api, self.token, self.account = behind.url + "/client/v4", behind.kiln.token, behind.kiln.account


@pytest.fixture
def deployed(behind, tmp_path, name):
    """A Worker that the real wrangler deployed through the proxy; wrangler's words in `text`."""
    wrangler = Wrangler(Outside(behind), tmp_path, name)
    wrangler.write(**{"index.js": SCRIPT})
    done = wrangler.run("deploy", NODE_EXTRA_CA_CERTS=str(behind.proxy.certificates.ca))
    wrangler.text = done.text
    return wrangler


def authorized(behind):
    return {"Authorization": f"Bearer {behind.kiln.token}"}


def test_wrangler_deploys_and_the_worker_answers_at_its_outer_address(behind, deployed, name):
    host = behind.host_of(name)
    outer = f"https://{host}:{behind.proxy.port}"
    assert host in deployed.text
    status, told = behind.visitor.json(host, "/a?b=1", headers={"X_Under_Score": "kept"})
    assert status == 200 and told["url"] == f"{outer}/a?b=1" and told["tls"].startswith("TLS") and told["under"] == "kept"
    by_two = Curl(behind.visitor.curl(host, "/two"))
    assert json.loads(by_two.rest())["url"] == f"{outer}/two"
    assert json.loads(behind.kiln.cli("which", outer, "--json").stdout)["versions"][0]["percentage"] == 100


def test_a_pushed_build_tells_the_outer_addresses(behind, worker_repo, name):
    behind.kiln.connect(worker_repo.bare, name)
    assert worker_repo.push() == [] and "certificate is not trusted" in worker_repo.answer
    shutil.copy(behind.proxy.certificates.ca, worker_repo.bare / "hooks/kiln-hook.ca.pem")
    behind.kiln.connect(worker_repo.bare, name)  # leaves it there
    worker_repo.commit({"more": "1"})
    (uuid,) = worker_repo.push()
    build = behind.kiln.wait(uuid)
    log = behind.kiln.build_log(uuid)
    assert build["build_outcome"] == "success", "\n".join(log)
    host = behind.host_of(name)
    assert f"Live at https://{host}:{behind.proxy.port}" in log
    preview = urlsplit(build["preview_url"])
    assert (preview.scheme, preview.port) == ("https", behind.proxy.port) and preview.hostname.endswith("-" + host)
    assert b"hello" in behind.visitor.request(preview.hostname, preview.path or "/")[2]


def test_large_bodies_pass_both_ways_in(behind, deployed, name):
    noise = base64.b64encode(os.urandom(4_000_000)).decode()
    deployed.configure(assets={"directory": "public"})
    deployed.write(**{"index.js": f"const noise = {json.dumps(noise)};\nexport default {{ fetch() "
                                  "{ return new Response(String(noise.length)); } };\n", "public/noise.txt": noise})
    deployed.run("deploy", NODE_EXTRA_CA_CERTS=str(behind.proxy.certificates.ca))
    host = behind.host_of(name)
    assert behind.visitor.request(host, "/")[2] == str(len(noise)).encode()
    assert behind.visitor.request(host, "/noise.txt")[2] == noise.encode()


def test_a_workers_visitors_send_large_bodies(behind, deployed, name):
    assert behind.visitor.request(behind.host_of(name), "/size", "POST", b"x" * 5_000_000)[2] == b"5000000"


def test_a_large_upload_with_a_bad_token_is_answered_in_words(behind, name):
    path = f"/client/v4/accounts/{behind.kiln.account}/workers/scripts/{name}"
    visitor = Visitor(behind.proxy, "127.0.0.9")
    done = Curl(visitor.curl(API, path, "-X", "PUT", "-H", "Authorization: Bearer nonsense", "-H",
                             "Content-Type: multipart/form-data; boundary=x", "--data-binary", "@/usr/bin/git"))
    assert '"success":false' in done.rest()


def test_a_websocket_to_a_worker_carries_messages_both_ways(behind, deployed, name):
    client = WebSocket(behind.visitor, behind.host_of(name))
    try:
        assert client.status == 101
        for word in ("one", "two"):
            client.send(word)
            assert client.receive() == f"heard {word}"
    finally:
        client.close()


def test_a_workers_stream_comes_as_it_is_written(behind, deployed, name):
    stream = Curl(behind.visitor.curl(behind.host_of(name), "/drip"))
    try:
        stream.until("first")
    finally:
        stream.stop()


def test_wrangler_tails_through_the_proxy(behind, deployed, name, tmp_path):
    env = {"PATH": str(NODE.parent), "HOME": str(tmp_path), "CLOUDFLARE_API_BASE_URL": behind.url + "/client/v4",
           "CLOUDFLARE_API_TOKEN": behind.kiln.token, "CLOUDFLARE_ACCOUNT_ID": behind.kiln.account, "WRANGLER_SEND_METRICS": "false",
           "NO_COLOR": "1", "CI": "true", "NODE_EXTRA_CA_CERTS": str(behind.proxy.certificates.ca)}
    tail = Watching([NODE, "--no-warnings", WRANGLERS["4.164"], "tail", name, "--format", "pretty"], tmp_path / "tail.out",
                    "waiting for logs", cwd=tmp_path, env=env)
    try:
        behind.visitor.request(behind.host_of(name), "/seen")
        tail.wait(f"GET https://{behind.host_of(name)}:{behind.proxy.port}/seen - Ok")
    finally:
        tail.stop()


def test_a_workers_caller_is_the_visitor_whatever_he_says_of_himself(behind, deployed, name):
    for headers in ({}, FORGED):
        told = behind.visitor.json(behind.host_of(name), "/", headers=headers)[1]
        assert (told["ip"], told["real"]) == ("127.0.0.2", "127.0.0.2") and told["url"].startswith("https://")


def test_bad_tokens_are_counted_by_the_visitors_own_address(behind):
    guesser, other = Visitor(behind.proxy, "127.0.0.3"), Visitor(behind.proxy, "127.0.0.4")

    def guess(visitor, number):
        forged = {key: value.replace("203.0.113.9", f"203.0.113.{number}") for key, value in FORGED.items()}
        return visitor.request(API, "/client/v4/user", headers=forged | {"Authorization": f"Bearer {number}"})[0]

    assert [guess(guesser, number) for number in range(1, 6)] == [401, 401, 401, 401, 429]
    assert guess(other, 9) == 401


@pytest.fixture
def hooked(behind, host, name):
    repo = Repo(host.folder, name)
    repo.url = f"{host.url}/acme/{name}.git"
    repo.connected = behind.kiln.connect(repo.url, name, build_command="cat a; until [ -e /nothing ]; do sleep 0.1; done",
                                         deploy_command="true")
    return repo


def test_a_signed_webhook_arrives_and_its_log_streams_as_it_is_printed(behind, hooked, name):
    hook = hooked.connected["hook"]
    assert hook["url"] == behind.url + "/webhooks/github"
    commit = hooked.commit({"a": "from the host\n"})
    hooked.push()
    body = json.dumps(push_event(name, hooked.url, ZERO, commit)).encode()

    def send(secret):
        return behind.visitor.json(API, "/webhooks/github", "POST", body, {
            "content-type": "application/json", "x-github-event": "push", "x-github-delivery": str(uuids.uuid4()),
            "x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()})

    assert send("wrong")[0] == 401
    status, answer = send(hook["secret"])
    assert status == 200
    (made,) = answer["result"]["builds"]
    path = f"/client/v4/accounts/{behind.kiln.account}/builds/builds/{made['build_uuid']}"
    stream = Curl(behind.visitor.curl(API, path + "/logs", "-H", f"Authorization: Bearer {behind.kiln.token}", "-H",
                                      "Accept: text/event-stream"))
    try:
        stream.until('"from the host"')  # while the command goes on: nothing else ends it than what follows
        assert behind.kiln.build(made["build_uuid"])["status"] == "running"
        assert behind.visitor.request(API, path + "/cancel", "PUT", headers=authorized(behind))[0] == 200
        assert "event: end" in stream.rest()
    finally:
        stream.stop()


def test_a_route_of_an_own_domain_is_served(behind, deployed, name):
    deployed.configure(routes=[{"pattern": OWN_DOMAIN, "custom_domain": True}])
    deployed.run("deploy", NODE_EXTRA_CA_CERTS=str(behind.proxy.certificates.ca))
    status, told = behind.visitor.json(OWN_DOMAIN, "/x")
    assert status == 200 and told["url"] == f"https://{OWN_DOMAIN}:{behind.proxy.port}/x"


def test_plain_http_is_led_to_https(behind):
    if not behind.proxy.leads_to_https:
        answer = Curl(["curl", "-sS", "-i", f"http://127.0.0.1:{behind.proxy.port}/a?b"]).rest()
        assert "400 Bad Request" in answer and "speaks TLS" in answer
        return
    done = Curl(["curl", "-sS", "-i", f"http://127.0.0.1:{behind.proxy.plain_port}/a?b", "-H", f"Host: {API}"]).rest()
    assert re.match(r"HTTP/1.1 30[18] ", done) and f"ocation: https://{API}" in done and "/a?b" in done


def test_addresses_that_are_credentials_stay_out_of_the_proxys_log(behind):
    hook, tail = str(uuids.uuid4()), uuids.uuid4().hex
    assert behind.visitor.request(API, f"/client/v4/workers/builds/deploy_hooks/{hook}", "POST")[0] == 404
    assert behind.visitor.request(API, f"/client/v4/workers/tails?token={tail}")[0] == 404
    assert behind.visitor.request(API, "/livez?the-last-one")[0] == 200
    if behind.proxy.logs_requests:
        until(lambda: "the-last-one" in behind.proxy.log(), "the last request to be logged", 20)
    assert hook not in behind.proxy.log() and tail not in behind.proxy.log()
