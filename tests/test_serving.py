"""What was deployed answers: by the Worker's host, by its version's, and `kiln which` leads from the URL to the build."""
import http.client
import json
import socket
from urllib.parse import urlsplit

from conftest import WORKER_JS
from harness.clients import run_wrangler
from test_wrangler import active_version, connect


def status_of(kiln):
    return json.loads(kiln.cli("status", "--json").stdout)


def fetch(kiln, url, method="GET", **headers):
    """One request to where the URL's host answers; no name is looked up. (status, headers, body)"""
    there = urlsplit(url)
    front = urlsplit(status_of(kiln)["workers_url"])
    assert there.port == front.port, f"{url} is not served at {front.netloc}"
    connection = http.client.HTTPConnection(front.hostname, front.port, timeout=60)
    try:
        connection.request(method, (there.path or "/") + (f"?{there.query}" if there.query else ""), headers={"Host": there.netloc, **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def url_of(kiln, label):
    status = status_of(kiln)
    return f"http://{label}.{status['subdomain']}.localhost:{urlsplit(status['workers_url']).port}/"


def test_a_pushed_worker_answers_and_its_url_leads_back_to_the_commit(kiln, worker_repo, name):
    connect(kiln, worker_repo, name)
    (uuid,) = worker_repo.push()
    build = kiln.wait(uuid)
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(uuid))
    live = url_of(kiln, name)
    status, headers, body = fetch(kiln, live)
    assert (status, headers["x-kiln-version"]) == (200, build["version_ids"][0]) and "hello" in body
    assert fetch(kiln, build["preview_url"])[1]["x-kiln-version"] == build["version_ids"][0]
    log = kiln.build_log(uuid)
    assert f"Live at {live.rstrip('/')}" in log and f"Preview of this version: {build['preview_url']}" in log
    which = json.loads(kiln.cli("which", live, "--json").stdout)
    (target,) = which["versions"]
    assert target["percentage"] == 100 and target["build"]["build_uuid"] == uuid
    assert target["build"]["build_trigger_metadata"]["commit_hash"] == worker_repo.head()
    assert uuid in kiln.cli("which", build["preview_url"]).stdout


def test_a_branch_answers_at_its_alias_and_leaves_the_live_version_alone(kiln, worker_repo, name):
    connect(kiln, worker_repo, name)
    kiln.wait(worker_repo.push()[0])
    worker_repo.commit({"index.js": WORKER_JS.replace("hello", "preview")}, branch="feature/new")
    build = kiln.wait(worker_repo.push()[0])
    assert "preview" in fetch(kiln, build["preview_alias_url"])[2]
    log = kiln.build_log(build["build_uuid"])
    assert f"Preview of this branch: {build['preview_alias_url']}" in log
    assert not any(line.startswith("Live at") for line in log)
    assert build["preview_alias_url"] in kiln.cli("which", build["version_ids"][0]).stdout
    assert "preview" in fetch(kiln, build["preview_url"])[2]
    assert "hello" in fetch(kiln, url_of(kiln, name))[2]


def test_previews_are_shown_where_they_answer_after_a_move(fresh_kiln, worker_repo, name):
    kiln = fresh_kiln()
    connect(kiln, worker_repo, name)
    worker_repo.push()
    worker_repo.commit({"index.js": WORKER_JS.replace("hello", "preview")}, branch="feature/new")
    before = kiln.wait(worker_repo.push()[0])
    port = urlsplit(before["preview_url"]).port
    kiln.stop()
    with socket.create_server(("127.0.0.1", port)):  # so that the server finds itself another port
        kiln.start()
        after = kiln.build(before["build_uuid"])
        assert urlsplit(after["preview_url"]).port != port
        for url in (after["preview_url"], after["preview_alias_url"]):
            assert "preview" in fetch(kiln, url)[2]
        (version,) = after["version_ids"]
        assert kiln.get(f"/builds?version_ids={version}").result["builds"][version]["preview_url"] == after["preview_url"]


def test_a_split_and_a_rollback_keep_the_answer_right(kiln, worker_repo, name):
    for word in ("hello", "second"):
        worker_repo.commit({"index.js": WORKER_JS.replace("hello", word)})
        done = run_wrangler(kiln, worker_repo.work, "deploy")
        assert done.returncode == 0, done.stderr
    listed = kiln.get(f"//accounts/{kiln.account}/workers/scripts/{name}/versions").result["items"]
    second, first = (version["id"] for version in listed[:2])
    done = run_wrangler(kiln, worker_repo.work, "versions", "deploy", f"{first}@40%", f"{second}@60%", "--yes")
    assert done.returncode == 0, done.stderr
    live = url_of(kiln, name)
    which = json.loads(kiln.cli("which", live, "--json").stdout)
    assert {t["version_id"]: t["percentage"] for t in which["versions"]} == {first: 40, second: 60}
    text = kiln.cli("which", live).stdout
    assert "40 %" in text and "60 %" in text and first in text and second in text
    seen = {fetch(kiln, live)[1]["x-kiln-version"] for _ in range(60)}
    assert seen == {first, second}
    done = run_wrangler(kiln, worker_repo.work, "rollback", first, "--yes", "--message", "back")
    assert done.returncode == 0, done.stderr
    assert active_version(kiln, name) == first
    assert {fetch(kiln, live)[1]["x-kiln-version"] for _ in range(20)} == {first}
    assert [t["version_id"] for t in json.loads(kiln.cli("which", live, "--json").stdout)["versions"]] == [first]


def test_every_account_has_a_subdomain_of_its_own(kiln):
    made = [json.loads(kiln.cli("account", "create", "--name", "Same Name", "--json").stdout) for _ in range(2)]
    assert made[1]["subdomain"] == made[0]["subdomain"] + "-2" or made[0]["subdomain"] != made[1]["subdomain"]
    chosen = json.loads(kiln.cli("account", "create", "--name", "x", "--subdomain", "chosen", "--json").stdout)
    assert chosen["subdomain"] == "chosen" and "chosen" in kiln.cli("account", "list").stdout
    again = kiln.cli("account", "create", "--name", "y", "--subdomain", "chosen", check=False)
    assert again.returncode == 1 and "chosen" in again.stderr
    assert kiln.cli("account", "create", "--name", "z", "--subdomain", "Not A Label", check=False).returncode == 1


def test_an_unknown_host_says_what_to_do(kiln):
    status, headers, body = fetch(kiln, url_of(kiln, "nobody"), Accept="application/json")
    assert status == 404 and json.loads(body)["error"] == "not_found"
    assert "x-kiln-version" not in headers
    gone = kiln.cli("which", url_of(kiln, "nobody"), check=False)
    assert gone.returncode == 1 and "nobody" in gone.stderr


CALLER_JS = """export default { async fetch(request) {
  return Response.json({ ip: request.headers.get("cf-connecting-ip"), real: request.headers.get("x-real-ip"),
                         cf: request.cf, names: [...request.headers.keys()] }) } };
"""


def test_a_worker_is_told_who_calls_and_believes_no_visitor(kiln, repo, name):
    config = json.dumps({"name": name, "main": "index.js", "compatibility_date": "2026-11-01",
                         "assets": {"directory": "public"}})
    repo.commit({"index.js": CALLER_JS, "wrangler.jsonc": config, "public/file.txt": "file"})
    connect(kiln, repo, name)
    build = kiln.wait(repo.push()[0])
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(build["build_uuid"]))
    forged = {header: "10.9.8.7" for header in ("CF-Connecting-IP", "X-Real-IP", "True-Client-IP", "CF-Ray", "CF-IPCountry",
                                                "X-Kiln-Cf")}
    told = json.loads(fetch(kiln, url_of(kiln, name) + "who", **forged)[2])
    assert (told["ip"], told["real"]) == ("127.0.0.1", "127.0.0.1")
    assert "x-kiln-cf" not in told["names"] and "true-client-ip" not in told["names"]
    cf = told["cf"]
    assert {key: cf[key] for key in ("country", "colo", "timezone", "asn", "httpProtocol", "tlsVersion")} == {
        "country": "XX", "colo": "KLN", "timezone": "UTC", "asn": 0, "httpProtocol": "HTTP/1.1", "tlsVersion": ""}
    assert not [key for key in cf if key.startswith("client") and key[6:] in ("Pid", "Uid", "Gid")]
    secure = json.loads(fetch(kiln, url_of(kiln, name) + "who", **{"X-Forwarded-Proto": "https"})[2])
    assert secure["cf"]["tlsVersion"] == "TLSv1.3"


def test_a_branch_named_like_a_version_builds_without_an_alias(kiln, worker_repo, name):
    connect(kiln, worker_repo, name)
    kiln.wait(worker_repo.push()[0])
    worker_repo.commit({"index.js": WORKER_JS.replace("hello", "beef")}, branch="deadbeef")
    build = kiln.wait(worker_repo.push()[0])
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(build["build_uuid"]))
    assert not build["preview_alias_url"] and "beef" in fetch(kiln, build["preview_url"])[2]
