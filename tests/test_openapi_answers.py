"""Every operation of the API's document, for real: the harness holds each answer against the document, and nothing is left out.

One function asks the operations of one tag; each operation of the tag must succeed at least once in it."""
import base64
import hashlib
import hmac
import html
import json
import re
import tempfile
import urllib.request
import uuid as uuids
from pathlib import Path
from urllib.parse import quote

import pytest

import harness.server
from conftest import WORKER_JS, wrangler_config
from harness.forges import Forge
from harness.openapi import document
from harness.oidc import Person, Provider
from harness.server import Answer, Kiln, http
from test_github import pull_request_event
from harness.waiting import until

ZERO = "0" * 40
OPERATIONS = {operation.id: operation for operation in document().operations}


def multipart(*parts):
    """(body, headers) of a form; a part is (name, content type, bytes)."""
    body = b"".join(b'--edge\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n'
                    % (name.encode(), name.encode(), kind.encode(), content) for name, kind, content in parts)
    return body + b"--edge--\r\n", {"content-type": "multipart/form-data; boundary=edge"}


def upload_form(**metadata):
    about = {"main_module": "index.js", "compatibility_date": "2026-11-01"} | metadata
    return multipart(("metadata", "application/json", json.dumps(about).encode()),
                     ("index.js", "application/javascript+module", WORKER_JS.encode()))


class Scripts:
    """The Workers API of one Worker."""

    def __init__(self, kiln, name):
        self.kiln, self.name = kiln, name
        self.base = f"//accounts/{kiln.account}/workers"

    def at(self, tail=""):
        return f"{self.base}/scripts/{self.name}{tail}"

    def call(self, method, path, body=None, headers=None):
        return self.kiln.call(method, path, body, headers=headers).result

    def upload(self, **metadata):
        body, headers = upload_form(**metadata)
        return self.call("PUT", self.at(), body, headers)


def connected(kiln, repo, name, **options):
    """What `kiln connect` said of a pushed repository; its first trigger is that of main."""
    repo.commit({"a": "1"})
    repo.push()
    return kiln.connect(repo.bare, name, **{"build_command": "true", "deploy_command": "true"} | options)


# --- one function a tag ----------------------------------------------------------------------------------------------
def ask_service(kiln, repo, name):
    for path in ("/livez", "/healthz", "/readyz", "/openapi.json"):
        assert http("GET", kiln.url + path).status == http("HEAD", kiln.url + path).status == 200
    assert http("OPTIONS", kiln.url + "/livez").status == 204
    assert http("DELETE", kiln.url + "/livez").status == 405


def ask_builds(kiln, repo, name):
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)})
    made = kiln.connect(repo.bare, name)
    (uuid,) = repo.push()
    build = kiln.wait(uuid)
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(uuid))
    (version,), tag = build["version_ids"], made["worker"]["tag"]
    assert list(kiln.get(f"/builds?version_ids={version}").result["builds"]) == [version]
    assert list(kiln.get(f"/builds/latest?external_script_ids={tag}").result["builds"]) == [tag]
    assert kiln.get(f"/workers/{tag}/builds").result[0] == build
    assert b"event: end" in kiln.get(f"/builds/{uuid}/logs", headers={"accept": "text/event-stream"}).raw
    assert kiln.get("/account/limits").status == 200
    (found,) = kiln.get(f"/ids?kind=build&beginning={uuid[:13]}").result["ids"]
    assert found == {"kind": "build", "id": uuid, "worker_name": name}
    assert kiln.get("/ids?beginning=xyz").status == 400
    kiln.call("PATCH", f"/triggers/{made['triggers'][0]['trigger_uuid']}", {"build_command": "sleep 600"}).result
    again = kiln.call("POST", f"/builds/{uuid}/retry").result["build_uuid"]
    assert kiln.call("POST", f"/builds/{again}/retry").status == 409
    kiln.call("PUT", f"/builds/{again}/cancel").result
    assert kiln.call("PUT", f"/builds/{again}/cancel").status == 409
    forked, url = f"{name}-fork", f"http://127.0.0.1:1/acme/{name}-fork.git"
    hook = kiln.connect(url, forked, deploy_command="true", fork_pull_requests="approve")["hook"]
    proposed = deliver(kiln, hook["secret"], pull_request_event(forked, url, 7, "main", "1" * 40, "2" * 40, fork="eve"), "pull_request")
    (waiting,) = [made["build_uuid"] for made in proposed.result["builds"]]
    assert kiln.build(waiting)["waits_for_approval"] is True
    kiln.call("POST", f"/builds/{waiting}/approve").result
    assert kiln.call("POST", f"/builds/{waiting}/approve").status == 409


    for part in ("detail", "compare", "logs/lines", "logs/search?q=a", "logs/raw", "logs/marks"):
        assert kiln.get(f"/builds/{uuid}/{part}").status == 200, part
    begin_stream(kiln, f"/builds/{uuid}/logs/live")
    begin_stream(kiln, "/events")
    for part in ("/builds/list", "/builds/list?whole=true&status=stopped", "/overview", "/queue", "/runners"):
        assert kiln.get(part).status == 200, part


def begin_stream(kiln, path):
    """What a stream that never ends begins with, held against the document as any answer is."""
    url = kiln.builds_api + path
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {kiln.token}", "accept": "text/event-stream"})
    with urllib.request.urlopen(request, timeout=30) as stream:
        answer = Answer(stream.status, [pair for pair in stream.getheaders() if pair[0].lower() != "content-encoding"], stream.read1())
    harness.server.judge("GET", url, answer)


def ask_forges(kiln, repo, name):
    with tempfile.TemporaryDirectory() as folder:
        github = Forge("github", folder)
        try:
            ask_forges_at(kiln, github)
        finally:
            github.stop()


def ask_forges_at(kiln, github):
    place = {"provider": "github", "web_url": github.url, "api_url": github.api_url}
    begun = kiln.call("POST", "/forge_apps", place | {"name": "kiln-document"}).result
    page = http("GET", begun["url"]).raw.decode()
    action = html.unescape(re.search(r'action="([^"]+)"', page).group(1))
    manifest = html.unescape(re.search(r'name="manifest" value="([^"]+)"', page).group(1))
    _, location, _ = github.browse(action, {"manifest": manifest})
    assert http("GET", location).status == 200 and http("GET", location).status == 404
    made = kiln.get(f"/forge_apps/{begun['state']}").result["forge_uuid"]
    assert made in [one["forge_uuid"] for one in kiln.get("/forges").result]
    github.seed(repos=[{"path": "acme/seen"}], installations=[{"repositories": ["acme/seen"]}])
    (seen,) = kiln.get(f"/forges/{made}/repositories").result
    assert [one["full_name"] for one in seen["repositories"]] == ["acme/seen"]
    assert isinstance(kiln.get("/forge_reports").result, list)
    assert kiln.call("POST", "/forge_reports/resend").result == {"reports": 0}
    kiln.call("DELETE", f"/forges/{made}").result
    token = kiln.call("POST", "/forges", place | {"token": github.token()["token"]}).result["forge_uuid"]
    assert kiln.get(f"/forges/{token}/repositories").status == 409
    kiln.call("DELETE", f"/forges/{token}").result


def ask_sessions(kiln, repo, name):
    own = {"sec-fetch-site": "same-origin"}

    def signed_in():
        code = kiln.cli("dashboard").stdout.strip().partition("#")[2]
        answer = http("POST", kiln.url + "/kiln/v1/session", {"code": code}, own)
        assert answer.status == 200, answer.raw
        return own | {"cookie": answer.headers["set-cookie"].split(";")[0]}
    first, second, third = signed_in(), signed_in(), signed_in()
    mine = http("GET", kiln.url + "/kiln/v1/session", headers=first).result
    listed = http("GET", kiln.url + "/kiln/v1/sessions", headers=first).result
    other = next(one["session_id"] for one in listed if not one["current"])
    assert other != mine["session"]["session_id"]
    assert http("DELETE", f"{kiln.url}/kiln/v1/sessions/{other}", headers=first).status == 200
    assert http("DELETE", kiln.url + "/kiln/v1/sessions", headers=first).status == 200
    assert http("GET", kiln.url + "/kiln/v1/session", headers=second).status == 401
    assert http("GET", kiln.url + "/kiln/v1/session", headers=third).status == 401
    assert http("DELETE", kiln.url + "/kiln/v1/session", headers=first).status == 200
    ask_sign_in_by_a_provider()


def ask_sign_in_by_a_provider():
    with tempfile.TemporaryDirectory() as temporary:
        provider = Provider()
        kiln = Kiln(temporary, provider.settings(Path(temporary)))
        try:
            kiln.start()
            assert http("GET", kiln.url + "/kiln/v1/oidc").result == {"name": "Example"}
            status, answer = Person().sign_in(kiln, "linus")
            assert status == 200, answer
        finally:
            kiln.stop()
            provider.stop()


def ask_triggers(kiln, repo, name):
    made = connected(kiln, repo, name)
    tag = made["worker"]["tag"]
    assert {one["trigger_uuid"] for one in made["triggers"]} <= {one["trigger_uuid"] for one in kiln.get("/triggers").result}
    first = kiln.get(f"/workers/{tag}/triggers").result[0]
    fields = ("trigger_name", "build_command", "deploy_command", "root_directory", "branch_includes", "branch_excludes",
              "path_includes", "path_excludes", "external_script_id", "build_token_uuid")
    body = {field: first[field] for field in fields} | {
        "repo_connection_uuid": made["connection"]["repo_connection_uuid"], "branch_includes": ["other"], "surprise": 1}
    answer = kiln.call("POST", "/triggers", body)
    assert answer.json["messages"]
    path = f"/triggers/{answer.result['trigger_uuid']}"
    assert kiln.call("PATCH", path, {"trigger_name": "Other", "paused": True}).result["paused"] is True
    kiln.call("PATCH", path + "/environment_variables",
              {"A": {"is_secret": False, "value": "1"}, "S": {"is_secret": True, "value": "s"}}).result
    assert set(kiln.get(path + "/environment_variables").result) == {"A", "S"}
    started = kiln.call("POST", path + "/builds", {"branch": "main"}).result
    kiln.wait(started["build_uuid"])
    kiln.call("DELETE", path + "/environment_variables/A").result
    kiln.call("POST", path + "/purge_build_cache").result
    kiln.call("DELETE", path).result
    whole = f"/workers/{tag}"
    record = kiln.get(whole).result
    assert kiln.call("PATCH", whole, {"production_settings": {"path_excludes": ["*.md"]}}).result == record | {
        "production_settings": record["production_settings"] | {"path_excludes": ["*.md"]}}
    assert kiln.call("PATCH", whole, {}).status == 400
    again = record | {"production_settings": record["production_settings"] | {"environment_variables": {}}}
    assert kiln.call("POST", "/workers", again).status == 409
    kiln.call("DELETE", whole).result
    assert kiln.get(whole).status == 404
    assert kiln.call("POST", "/workers", again).json["result"] == again


def ask_deliveries(kiln, repo, name):
    made = connected(kiln, repo, name)
    repo.commit({"a": "2"}, branch="topic")
    repo.push()
    tag = made["worker"]["tag"]
    (listed,) = kiln.get(f"/deliveries?script_tag={tag}&branch=topic&commit={repo.head()[:7]}").result
    assert kiln.get(f"/deliveries/{listed['delivery_uuid']}").result == listed
    assert kiln.get("/deliveries?commit=none").status == 400
    push = {"script_tag": tag, "branch": "main", "paths": ["a"]}
    assert [v["decision"] for v in kiln.call("POST", "/deliveries/match", push).result["verdicts"]] == ["built", "passed_over"]
    assert kiln.call("POST", "/deliveries/match", {"branch": "main"}).status == 400


def ask_kv(kiln, repo, name):
    spaces = f"//accounts/{kiln.account}/storage/kv/namespaces"
    space = kiln.call("POST", spaces, {"title": name}).result
    at = f"{spaces}/{space['id']}"
    assert space in kiln.get(spaces + "?per_page=1000&order=title&direction=desc").result
    assert kiln.call("PUT", at, {"title": name + "-2"}).result["title"] == name + "-2"
    kiln.call("PUT", at + "/values/k?expiration_ttl=3600", b"v").result
    kiln.call("PUT", at + "/bulk", [{"key": "a", "value": "1", "metadata": {"plan": "pro"}}, {"key": "b", "value": "2"}]).result
    assert kiln.get(at + "/values/k").raw == b"v" and kiln.get(at + "/values/k").headers["expiration"]
    assert kiln.get(at + "/metadata/a").result == {"plan": "pro"}
    assert [key["name"] for key in kiln.get(at + "/keys?prefix=&limit=10").result] == ["a", "b", "k"]
    assert kiln.call("POST", at + "/bulk/get", {"keys": ["a", "none"]}).result == {"values": {"a": "1", "none": None}}
    assert kiln.get(at).result["keys"] == 3
    kiln.call("POST", at + "/bulk/delete", ["a"]).result
    kiln.call("DELETE", at + "/bulk", ["b"]).result
    kiln.call("DELETE", at + "/values/k").result
    assert kiln.get(at + "/values/k").status == 404
    kiln.call("DELETE", at).result


def ask_d1(kiln, repo, name):
    databases = f"//accounts/{kiln.account}/d1/database"
    made = kiln.call("POST", databases, {"name": name}).result
    at = f"{databases}/{made['uuid']}"
    assert kiln.get(f"{databases}?name={name}").result == [made] == [kiln.get(at).result]
    kiln.call("POST", at + "/query", {"sql": "CREATE TABLE a (x)"}).result
    text = b"INSERT INTO a VALUES (1);"
    file = kiln.call("POST", at + "/import", {"action": "init", "etag": hashlib.md5(text).hexdigest()}).result
    assert http("PUT", file["upload_url"], text, {"content-type": "application/octet-stream"}).status == 200
    told = kiln.call("POST", at + "/import", {"action": "ingest", "filename": file["filename"]}).result
    assert told["result"]["num_queries"] == 1
    assert kiln.call("POST", at + "/raw", {"sql": "SELECT x FROM a"}).result[0]["results"]["rows"] == [[1]]
    out = kiln.call("POST", at + "/export", {"output_format": "polling"}).result["result"]["signed_url"]
    assert b"CREATE TABLE a (x);" in http("GET", out).raw
    assert kiln.call("POST", at + "/query", {"sql": "SELEC"}).error[:2] == (400, 7500)
    assert kiln.call("DELETE", at).result is None


def ask_r2(kiln, repo, name):
    name += "-kept"
    buckets = f"//accounts/{kiln.account}/r2/buckets"
    made = kiln.call("POST", buckets, {"name": name}).result
    assert kiln.get(f"{buckets}?name_contains={name}").result == {"buckets": [made]}
    at = f"{buckets}/{name}"
    put = kiln.call("PUT", f"{at}/objects/a", b"hello", headers={"content-type": "text/plain"}).result
    assert (put["key"], put["size"], put["http_metadata"]) == ("a", "5", {"contentType": "text/plain"})
    got = kiln.get(f"{at}/objects/a")
    assert got.raw == b"hello" and got.headers["etag"] == f'"{put["etag"]}"'
    assert kiln.get(f"{at}/objects/a", headers={"range": "bytes=1-2"}).raw == b"el"
    assert kiln.get(f"{at}/objects/a", headers={"if-none-match": got.headers["etag"]}).status == 304
    assert kiln.get(f"{at}/objects/a", headers={"range": "bytes=9-"}).status == 416
    assert [one["key"] for one in kiln.get(f"{at}/objects?prefix=a").result] == ["a"]
    assert (kiln.get(at).result["objects"], kiln.get(at).result["bytes"]) == (1, 5)
    assert kiln.call("DELETE", at).error[:2] == (409, 10008)
    assert kiln.call("POST", buckets, {"name": name}).error[:2] == (409, 10004)
    assert kiln.call("POST", buckets, {"name": "A"}).error[:2] == (400, 10005)
    assert kiln.get(f"{at}/objects/none").error[:2] == (404, 10007)
    kiln.call("PATCH", at, None, headers={"cf-r2-storage-class": "InfrequentAccess"}).result
    kiln.call("DELETE", f"{at}/objects/a").result
    kiln.call("DELETE", at).result


def ask_queues(kiln, repo, name):
    queues = f"//accounts/{kiln.account}/queues"
    queue = kiln.call("POST", queues, {"queue_name": name}).result
    at = f"{queues}/{queue['queue_id']}"
    assert kiln.get(f"{queues}?name={name}").result == [queue] == [kiln.get(at).result]
    assert kiln.call("PATCH", at, {"settings": {"delivery_delay": 1}}).result["settings"]["delivery_delay"] == 1
    kiln.call("PUT", at, {"queue_name": name, "settings": {"delivery_delay": 0}}).result
    consumer = kiln.call("POST", at + "/consumers", {"type": "http_pull"}).result
    one = f"{at}/consumers/{consumer['consumer_id']}"
    assert kiln.get(at + "/consumers").result == [consumer] == [kiln.get(one).result]
    kiln.call("PUT", one, {"type": "http_pull", "settings": {"max_retries": 9}}).result
    kiln.call("POST", at + "/messages", {"body": {"a": 1}}).result
    kiln.call("POST", at + "/messages/batch", {"messages": [{"body": "x", "content_type": "text"}, {"body": [1]}]}).result
    (seen, *_) = kiln.call("POST", at + "/messages/peek", {"batch_size": 1}).result["messages"]
    kiln.call("POST", at + "/messages/purge", {"refs": [{"ref": seen["ref"]}]}).result
    (text, value) = kiln.call("POST", at + "/messages/pull", {}).result["messages"]
    assert text["body"] == "x" and json.loads(base64.b64decode(value["body"])) == [1]
    done = {"acks": [{"lease_id": text["lease_id"]}, {"lease_id": "none"}], "retries": [{"lease_id": value["lease_id"]}]}
    told = kiln.call("POST", at + "/messages/ack", done).result
    assert (told["ackCount"], told["retryCount"], list(told["warnings"])) == (1, 1, ["none"])
    assert kiln.get(at + "/metrics").result["backlog_count"] == 1
    assert kiln.get(at + "/purge").result["completed"] == ""
    kiln.call("POST", at + "/purge", {"delete_messages_permanently": True}).result
    assert kiln.get(at + "/purge").result["completed"] == "true"
    assert kiln.call("POST", queues, {"queue_name": name}).status == 409
    kiln.call("DELETE", one).result
    assert kiln.call("POST", at + "/messages/pull", {}).status == 409
    kiln.call("DELETE", at).result


def ask_event_subscriptions(kiln, repo, name):
    queue = kiln.call("POST", f"//accounts/{kiln.account}/queues", {"queue_name": name}).result
    path = f"//accounts/{kiln.account}/event_subscriptions/subscriptions"
    body = {"name": name, "source": {"type": "workersBuilds.worker", "worker_name": name},
            "destination": {"type": "queues.queue", "queue_id": queue["queue_id"]}, "events": ["build.failed"]}
    made = kiln.call("POST", path, body).result
    one = f"{path}/{made['id']}"
    assert kiln.get(f"{path}?queue_id={queue['queue_id']}").result == [made] == [kiln.get(one).result]
    assert kiln.call("PATCH", one, {"enabled": False}).result["enabled"] is False
    status, _, words = kiln.call("POST", path, body | {"events": ["build.completed"]}).error
    assert status == 400 and "build.succeeded" in words
    kiln.call("DELETE", one).result


def ask_sinks(kiln, repo, name):
    made = kiln.call("POST", "/sinks", {"name": name, "kind": "webhook", "url": "http://127.0.0.1:9/x"}).result
    assert made.pop("secret").startswith("whsec_")
    one = f"/sinks/{made['sink_uuid']}"
    assert made in kiln.get("/sinks").result and kiln.get(one).result == made
    kiln.call("PATCH", one, {"events": ["build.failed"]}).result
    assert kiln.call("POST", one + "/rotate").result["previous_secret_until"]
    sent = kiln.call("POST", one + "/test").result["delivery_uuid"]
    tried = until(lambda: [d for d in kiln.get(one + "/deliveries").result if d["attempts"]], "a try", 30)
    assert tried[0]["delivery_uuid"] == sent and tried[0]["error"]
    assert kiln.get(f"{one}/deliveries/{sent}").result["attempts"] and kiln.get(f"{one}/deliveries?page=2&per_page=50").result == []
    kiln.call("POST", f"{one}/deliveries/{sent}/resend").result
    assert kiln.call("POST", "/sinks", {"name": name, "kind": "slack", "url": "http://127.0.0.1:9/"}).status == 409
    kiln.call("DELETE", one).result


def ask_repositories(kiln, repo, name):
    made = connected(kiln, repo, name)["connection"]
    used = made["repo_connection_uuid"]
    body = {"provider_type": "gitea", "provider_account_id": "1", "provider_account_name": "a", "repo_id": name,
            "repo_name": name}
    mine = kiln.call("PUT", "/repos/connections", body).result["repo_connection_uuid"]
    listed = {connection["repo_connection_uuid"]: connection for connection in kiln.get("/repos/connections").result}
    assert {mine, used} <= set(listed)
    kiln.call("DELETE", f"/repos/connections/{mine}").result
    assert kiln.call("DELETE", f"/repos/connections/{used}").status == 409
    place = "/repos/{provider_type}/{provider_account_id}/{repo_id}".format_map(
        {key: quote(value, safe="") for key, value in listed[used].items() if value})
    assert kiln.get(place + "/config_autofill?branch=main").result["config_file"] is None
    assert kiln.get(place + "/config_autofill").status == 400
    assert kiln.get("/repos/git/none/none/config_autofill?branch=main").status == 404
    gone = kiln.call("POST", f"/repos/connections/{used}/disconnect").result
    assert gone["connection_deleted"] and gone["triggers"] and gone["hook_left"]["clone_url"] == str(repo.bare)
    assert kiln.call("POST", f"/repos/connections/{used}/disconnect").status == 404


def ask_build_tokens(kiln, repo, name):
    made = kiln.call("POST", "/tokens", {"build_token_name": name, "build_token_secret": "s", "cloudflare_token_id": "c"}).result
    assert made in kiln.get("/tokens?per_page=200").result
    kiln.call("DELETE", f"/tokens/{made['build_token_uuid']}").result


def ask_deploy_hooks(kiln, repo, name):
    connected(kiln, repo, name)
    path = f"/workers/{name}/deploy_hooks"
    made = kiln.call("POST", path, {"deploy_hook_name": "CMS", "branch": "main"}).result
    one = f"{path}/{made['deploy_hook_uuid']}"
    assert kiln.get(path).result == [made | {"latest_build": None}]
    assert kiln.call("POST", path, {"deploy_hook_name": "CMS", "branch": "main"}).status == 409
    started = http("POST", f"{kiln.api}/workers/builds/deploy_hooks/{made['deploy_hook_uuid']}").result
    assert kiln.wait(started["build_uuid"])["build_outcome"] == "success"
    assert kiln.get(path).result[0]["latest_build"] == {"created_on": started["created_on"]}
    assert kiln.call("PUT", one, {"deploy_hook_name": "Shop", "branch": "main"}).result == kiln.get(one).result
    assert kiln.call("DELETE", one).status == 200
    assert kiln.get(one).status == 404


def ask_badges(kiln, repo, name):
    connected(kiln, repo, name)
    path = f"/workers/{name}/badge"
    made = kiln.call("PUT", path, {"branch": "main"}).result
    assert kiln.get(path).result == made
    assert http("GET", made["url"]).status == http("GET", made["url"] + "?of=live").status == 200
    assert kiln.call("PUT", path, {"branch": 7}).status == 400
    assert kiln.call("DELETE", path).result is None
    assert http("GET", made["url"]).status == 404


def ask_user(kiln, repo, name):
    for path in ("/user", "/user/tokens/verify", "/accounts", f"/accounts/{kiln.account}",
                 f"/accounts/{kiln.account}/tokens/verify", "/memberships"):
        kiln.get("/" + path).result


def watch_and_end(kiln, scripts):
    """A tail's stream lasts until the tail is closed."""
    tail = kiln.call("POST", scripts.at("/tails"), {"filters": []}).result
    url = tail["url"].replace("ws:", "http:", 1)
    with urllib.request.urlopen(url, timeout=30) as stream:  # its head is here: the tail is being read
        kiln.call("DELETE", scripts.at(f"/tails/{tail['id']}"))
        answer = Answer(stream.status, stream.getheaders(), stream.read())
    harness.server.judge("GET", url, answer)
    assert answer.status == 200


def ask_workers(kiln, repo, name):
    scripts = Scripts(kiln, name)
    assert kiln.get(scripts.at("/settings")).status == 404
    scripts.upload(observability={"enabled": True}, tags=["a"], limits={"cpu_ms": 50},
                   bindings=[{"name": "V", "type": "plain_text", "text": "v"}, {"name": "S", "type": "secret_text", "text": "s"}])
    wrong, headers = upload_form(bindings=[{"name": "K", "type": "kv_namespace", "namespace_id": "x"}])
    assert kiln.call("PUT", scripts.at(), wrong, headers=headers).status == 400
    assert name in {script["id"] for script in kiln.get(scripts.base + "/scripts").result}
    scripts.call("PATCH", scripts.at("/script-settings"), {"logpush": True, "tail_consumers": None})
    scripts.call("PUT", scripts.at("/schedules"), [{"cron": "0 4 * * *"}])
    assert scripts.call("POST", scripts.at("/subdomain"), {"enabled": False})["enabled"] is False
    for path in (scripts.at("/settings"), scripts.at("/script-settings"), scripts.at("/schedules"), scripts.at("/subdomain"),
                 scripts.at("/references"), f"{scripts.base}/workers/{name}", f"{scripts.base}/services/{name}",
                 f"{scripts.base}/subdomain", f"{scripts.base}/account-settings", f"{scripts.base}/scripts-search?name={name}",
                 f"{scripts.base}/workers", f"{scripts.base}/tails/by-consumer/{name}",
                 f"{scripts.base}/durable_objects/namespaces"):
        kiln.get(path).result
    watch_and_end(kiln, scripts)
    form, headers = multipart(("settings", "application/json", b'{"bindings":[{"name":"V","type":"plain_text"}]}'))
    changed = scripts.call("PATCH", scripts.at("/settings"), form, headers)
    assert {"name": "V", "type": "plain_text", "text": "v"} in changed["bindings"]
    moved = scripts.call("PATCH", f"{scripts.base}/workers/{name}", {"subdomain": {"enabled": True}})
    assert moved["subdomain"]["enabled"] is True
    dev = kiln.get(f"{scripts.base}/subdomain").result
    assert scripts.call("PUT", f"{scripts.base}/subdomain", dev) == dev
    assert kiln.call("PUT", f"{scripts.base}/subdomain", {"subdomain": "other"}).error[:2] == (409, 10008)
    scripts.call("PUT", f"{scripts.base}/account-settings", {"default_usage_model": "standard"})
    assert kiln.call("PUT", f"{scripts.base}/account-settings", {"default_usage_model": "bundled"}).status == 400
    assert b"hello" in kiln.get(scripts.at()).raw
    content, headers = multipart(("metadata", "application/json", b'{"main_module":"index.js"}'),
                                 ("index.js", "application/javascript+module", WORKER_JS.replace("hello", "new").encode()))
    scripts.call("PUT", scripts.at("/content"), content, headers)
    assert b"new" in kiln.get(scripts.at()).raw
    assert scripts.call("DELETE", scripts.at("/subdomain"))["previews_enabled"] is False
    assert scripts.call("PUT", f"{scripts.base}/workers/{name}", {"name": name})["logpush"] is False
    refused = kiln.call("PATCH", f"{scripts.base}/workers/{name}", {"previews_base_config": {}})
    assert refused.error[:2] == (404, 7003) and "previews" in refused.error[2]
    scripts.call("DELETE", scripts.at("?force=true"))
    assert scripts.call("POST", f"{scripts.base}/workers", {"name": name})["name"] == name
    assert kiln.call("POST", f"{scripts.base}/workers", {"name": name}).error[:2] == (409, 10008)
    scripts.upload()
    scripts.call("DELETE", f"{scripts.base}/services/{name}")
    assert kiln.call("DELETE", scripts.at()).status == 404
    made = scripts.call("POST", f"{scripts.base}/workers", {"name": name, "tags": ["a"]})
    assert made["tags"] == ["a"] and kiln.get(f"{scripts.base}/workers/{made['id']}").result == made
    scripts.call("DELETE", f"{scripts.base}/workers/{made['id']}")


def ask_routes(kiln, repo, name):
    scripts = Scripts(kiln, name)
    scripts.upload()
    (zone,) = kiln.get("//zones?name=zone.test").result
    assert kiln.get(f"//zones/{zone['id']}").result == zone and kiln.get("//zones?name=other.test").status == 404
    routes = f"//zones/{zone['id']}/workers/routes"
    made = scripts.call("POST", routes, {"pattern": f"{name}.zone.test/a/*", "script": name})
    assert kiln.call("POST", routes, {"pattern": f"{name}.zone.test/a/*"}).error[:2] == (409, 10020)
    assert kiln.call("POST", routes, {"pattern": "zone.test/?a"}).error[:2] == (400, 10001)
    one = f"{routes}/{made['id']}"
    changed = scripts.call("PUT", one, {"pattern": f"{name}.zone.test/b/*"})
    assert changed == {"id": made["id"], "pattern": f"{name}.zone.test/b/*"} == kiln.get(one).result
    assert changed in kiln.get(routes).result
    scripts.call("DELETE", one)
    assert kiln.get(one).error[:2] == (404, 7003)
    (set_route,) = scripts.call("PUT", scripts.at("/routes"), [{"pattern": f"{name}.zone.test"}])
    assert set_route["pattern"] == f"{name}.zone.test/" and set_route["script"] == name
    host = {"hostname": f"app-{name}.zone.test"}
    assert len(scripts.call("POST", scripts.at("/domains/changeset?replace_state=true"), [host])["added"]) == 1
    (domain,) = scripts.call("PUT", scripts.at("/domains/records"), {"override_scope": True, "origins": [host]})
    plan = scripts.call("POST", scripts.at("/domains/changeset?replace_state=true"), [host | {"enabled": False}])
    assert plan["updated"] == [domain | {"enabled": False, "modified": True}] and plan["added"] == plan["removed"] == []
    for path in (f"{scripts.base}/domains", f"{scripts.base}/domains/records"):
        assert kiln.get(f"{path}?service={name}").result == [domain] and kiln.get(f"{path}/{domain['id']}").result == domain
    assert scripts.call("PUT", f"{scripts.base}/domains", host | {"service": name}) == domain
    about = {key: domain[key] for key in ("id", "hostname", "zone_id", "zone_name")}
    assert kiln.get(f"{scripts.base}/workers/{name}").result["references"]["domains"] == [about | {"certificate_id": ""}]
    scripts.call("DELETE", f"{scripts.base}/domains/{domain['id']}")
    refused = kiln.call("PUT", scripts.at("/domains/records"), {"origins": [host | {"previews_enabled": True}]})
    assert refused.error[:2] == (404, 7003)


def ask_versions(kiln, repo, name):
    scripts = Scripts(kiln, name)
    live = scripts.upload()["deployment_id"]
    body, headers = upload_form(annotations={"workers/message": "m", "workers/tag": "t", "workers/alias": "feature"},
                                bindings=[{"name": "J", "type": "json", "json": {"a": [1]}}])
    fresh = scripts.call("POST", scripts.at("/versions"), body, headers)["id"]
    assert [version["id"] for version in kiln.get(scripts.at("/versions")).result["items"]] == [fresh, live]
    assert kiln.get(scripts.at(f"/versions/{fresh}")).result["number"] == 2
    assert kiln.get(scripts.at(f"/versions/{uuids.uuid4()}")).error[:2] == (404, 10222)
    both = [{"version_id": fresh, "percentage": 12.5}, {"version_id": live, "percentage": 87.5}]
    scripts.call("POST", scripts.at("/deployments"), {"strategy": "percentage", "versions": both})
    assert kiln.call("POST", scripts.at("/deployments"), {"versions": both[:1]}).status == 400
    deployments = kiln.get(scripts.at("/deployments")).result["items"]
    assert len(deployments) == 2
    assert kiln.get(scripts.at(f"/deployments/{deployments[1]['id']}")).result == deployments[1]
    assert kiln.get(scripts.at(f"/deployments/{uuids.uuid4()}")).error[:2] == (404, 10222)
    refused = kiln.call("DELETE", scripts.at(f"/deployments/{deployments[1]['id']}"))
    assert refused.status == 405 and "keeps every deployment" in refused.error[2]
    assert kiln.call("PUT", scripts.at("/secrets"), {"name": "A", "text": "a"}).error[:2] == (400, 10215)
    assert kiln.get(scripts.at(f"/versions/{fresh}/compare?to=live")).status == 200
    authorized = {"authorization": f"Bearer {kiln.token}"}
    own = f"{kiln.url}/kiln/v1/accounts/{kiln.account}/versions/{fresh}"
    assert http("GET", own + "/attestation", headers=authorized).result["state"] == "uploaded_by_hand"
    assert http("GET", own + "/stored", headers=authorized).result["subjects"][0]["name"] == f"version/{fresh}"
    assert http("GET", kiln.url + "/kiln/v1/attestation_key", headers=authorized).result["algorithm"] == "ed25519"


    assert b"hello" in kiln.get(scripts.at(f"/content/v2?version={live}")).raw
    (alias,) = kiln.get(scripts.at("/aliases")).result
    assert (alias["alias"], alias["version_id"]) == ("feature", fresh)
    flat = f"{scripts.base}/workers/{name}/versions"
    module = {"name": "index.js", "content_type": "application/javascript+module",
              "content_base64": base64.b64encode(WORKER_JS.encode()).decode()}
    third = scripts.call("POST", flat + "?deploy=true", {"main_module": "index.js", "compatibility_date": "2026-11-01",
                                                         "modules": [module]})
    assert kiln.get(flat + "/latest?include=modules").result == third | {"modules": [module]}
    assert [version["id"] for version in kiln.get(flat).result] == [third["id"], fresh, live]
    assert kiln.call("DELETE", f"{flat}/{third['id']}").status == 405


def ask_previews(kiln, repo, name):
    scripts = Scripts(kiln, name)
    scripts.call("POST", f"{scripts.base}/workers", {"name": name})
    previews = f"{scripts.base}/workers/{name}/previews"
    assert kiln.get(f"{previews}/feat%2Fone").error[:2] == (404, 10025)
    made = scripts.call("POST", previews, {"name": "feat/one", "logpush": False})
    assert kiln.call("POST", previews, {"name": "feat/one"}).error[:2] == (409, 10008)
    one = f"{previews}/feat%2Fone"
    assert kiln.get(one).result == kiln.get(f"{previews}/{made['id']}").result == made
    assert scripts.call("PATCH", one, {"observability": {"enabled": True}})["observability"] == {"enabled": True}
    assert kiln.get(one + "/deployments/latest").error[:2] == (404, 10222)
    secret = {"env": {"S": {"type": "secret_text", "text": "s"}}}
    assert kiln.call("PATCH", one + "/deployments/latest", secret).error[:2] == (404, 10032)
    about = {"main_module": "index.js", "compatibility_date": "2026-11-01", "env": {"V": {"type": "plain_text", "text": "v"}}}
    body, headers = multipart(("metadata", "application/json", json.dumps(about).encode()),
                              ("files", "application/javascript+module", WORKER_JS.encode()))
    body = body.replace(b'filename="files"', b'filename="index.js"')
    first = scripts.call("POST", one + "/deployments", body, headers)
    second = scripts.call("PATCH", one + "/deployments/latest", secret)
    assert second["env"] == {"V": {"type": "plain_text", "text": "v"}, "S": {"type": "secret_text"}}
    assert kiln.get(one + "/deployments/latest").result == second
    assert kiln.get(f"{one}/deployments/{first['id']}").result == first
    assert [preview["slug"] for preview in kiln.get(previews).result] == ["feat-one"]
    assert kiln.get(scripts.at("/versions")).result["items"] == []
    scripts.call("DELETE", one)
    assert kiln.get(one).error[:2] == (404, 10025)


def ask_secrets(kiln, repo, name):
    scripts = Scripts(kiln, name)
    scripts.upload()
    scripts.call("PUT", scripts.at("/secrets"), {"name": "A", "text": "a", "type": "secret_text"})
    changes = {"B": {"type": "secret_text", "text": "b"}, "A": None}
    assert scripts.call("PATCH", scripts.at("/secrets-bulk"), {"secrets": changes}) == kiln.get(scripts.at("/secrets")).result
    assert kiln.call("DELETE", scripts.at("/secrets/A")).error[:2] == (404, 10056)
    assert kiln.get(scripts.at("/secrets/A")).error[:2] == (404, 10056)
    assert kiln.get(scripts.at("/secrets/B")).result == {"name": "B", "type": "secret_text"}
    scripts.call("DELETE", scripts.at("/secrets/B"))
    scripts.call("PATCH", f"{scripts.base}/workers/{name}/versions/latest",
                 {"env": {"C": {"type": "secret_text", "text": "c"}}, "annotations": {"workers/message": "m"}})


def ask_assets(kiln, repo, name):
    scripts = Scripts(kiln, name)
    files = {uuids.uuid4().hex: f"{name} {index}".encode() for index in range(2)}
    manifest = {f"/{index}.txt": {"hash": hash, "size": len(text)} for index, (hash, text) in enumerate(files.items())}
    session = scripts.call("POST", scripts.at("/assets-upload-session"), {"manifest": manifest})
    auth = {"authorization": f"Bearer {session['jwt']}"}
    where = f"{kiln.api}/accounts/{kiln.account}/workers/assets/upload"
    (first, text), (second, rest) = files.items()
    body, headers = multipart((first, "text/plain", text))
    assert http("POST", where, body, auth | headers).status == 202
    assert http("POST", f"{where}/{uuids.uuid4().hex}", rest, auth).status == 400
    done = http("POST", f"{where}/{second}", rest, auth)
    assert done.status == 201
    assert http("POST", where, body, auth | headers).status == 201
    assert scripts.upload(assets={"jwt": done.json["result"]["jwt"]})["has_assets"] is True


def ask_command_line(kiln, repo, name):
    repo.commit({"a": "1"})
    repo.push()
    own, auth = f"{kiln.url}/kiln/v1", {"authorization": f"Bearer {administrator(kiln)}"}
    account = f"{own}/accounts/{kiln.account}"
    wish = {"repo_url": str(repo.bare), "worker": name, "build_command": "true", "deploy_command": "true"}
    made = http("POST", f"{account}/connect", wish, auth).result
    assert http("POST", f"{account}/connect", {}, auth).status == 400
    connection = f"{account}/repositories/{made['connection']['repo_connection_uuid']}"
    assert http("GET", f"{connection}/hook", headers=auth).result["secret"] == made["hook"]["secret"]
    assert http("POST", f"{connection}/rotate", {"hook_secret": True}, auth).result["hook"]["secret"] != made["hook"]["secret"]
    assert name in [worker for one in http("GET", f"{account}/repositories", headers=auth).result for worker in one["workers"]]
    kiln.wait(http("POST", f"{account}/build", {"worker": name}, auth).result["build_uuid"])
    assert http("POST", f"{account}/build", {"worker": name + "-no"}, auth).status == 400
    for token in (auth["authorization"], f"Bearer {kiln.token}"):
        for path in ("/status", "/whoami"):
            assert http("GET", own + path, headers={"authorization": token}).status == 200
    assert http("GET", f"{own}/doctor", headers=auth).result["builds_can_run"]
    Scripts(kiln, name).upload()
    host = kiln.get(f"//accounts/{kiln.account}/workers/subdomain").result["subdomain"]
    where = f"{own}/route?host={name}.{host}.localhost&scheme=http"
    assert http("GET", where, headers={"authorization": f"Bearer {kiln.token}"}).result["worker"] == name
    assert http("GET", f"{own}/route", headers=auth).status == 400


def administrator(kiln):
    return kiln.cli("token", "create", "--name", "administrator", "--right", "admin").stdout.strip()


def ask_administration(kiln, repo, name):
    own, auth = f"{kiln.url}/kiln/v1", {"authorization": f"Bearer {administrator(kiln)}"}
    made = http("POST", f"{own}/accounts", {"name": name}, auth).result
    account = f"{own}/accounts/{made['id']}"
    assert made["id"] in [one["id"] for one in http("GET", f"{own}/accounts", headers=auth).result]
    assert http("POST", f"{own}/accounts", {"name": name, "subdomain": made["subdomain"]}, auth).status == 409
    assert http("PUT", f"{account}/limits", {"build_minutes_limit": 5}, auth).result["build_minutes_limit"] == 5
    token = http("POST", f"{account}/tokens", {"name": name, "permissions": "ci:read"}, auth).result
    assert http("POST", f"{account}/tokens", {"name": name, "permissions": "everything"}, auth).status == 400
    assert [one["id"] for one in http("GET", f"{account}/tokens", headers=auth).result] == [token["id"]]
    assert http("DELETE", f"{account}/tokens/{token['id']}", headers=auth).status == 200
    assert http("DELETE", f"{account}/tokens/{uuids.uuid4()}", headers=auth).status == 404
    assert http("POST", f"{own}/login_codes", {"account_id": made["id"]}, auth).result["code"]
    assert http("GET", f"{own}/audit?per_page=1", headers=auth).result["cursor"]
    told = http("GET", f"{account}/audit", headers=auth).result["entries"]
    assert [one["action"] for one in told] == ["revokeToken", "createToken", "setAccountLimits"]
    kept = http("POST", f"{account}/tokens", {"name": name, "permissions": "ci:read"}, auth).result
    assert http("POST", f"{account}/tokens/{kept['id']}/rotate", {"keep_old_seconds": 60}, auth).result["old_secret_until"]
    assert http("PATCH", account, {"name": name + " Ltd"}, auth).result["name"] == name + " Ltd"
    assert http("DELETE", f"{account}?with_everything=true", headers=auth).status == 200


def ask_hooks(kiln, repo, name):
    plain = connected(kiln, repo, name)["hook"]
    commit = repo.head()
    fields = ["kiln-push-1", str(uuids.uuid4()), "ref", ZERO, commit, "refs/heads/main", "0", "1", "Ada", "m", "0", ""]
    auth = {"authorization": f"Bearer {plain['secret']}"}
    report = "".join(field + "\0" for field in fields).encode()
    assert b"Kiln: build" in http("POST", plain["url"], report, auth).raw
    assert http("POST", plain["url"], b"nonsense", auth).status == 400
    github = kiln.connect(f"http://127.0.0.1:1/acme/{name}.git", name + "-hub", build_command="true", deploy_command="true")
    event = {"ref": "refs/heads/main", "before": ZERO, "after": commit, "created": True, "deleted": False, "forced": False,
             "commits": [], "head_commit": {"id": commit, "message": "m", "author": {"name": "Ada"}},
             "repository": {"id": 815, "full_name": f"acme/{name}"}, "pusher": {"name": "ada"}}
    for kind in ("push", "star"):
        deliver(kiln, github["hook"]["secret"], event, kind).result


def deliver(kiln, secret, event, kind):
    body = json.dumps(event).encode()
    return http("POST", kiln.url + "/webhooks/github", body, {
        "content-type": "application/json", "x-github-event": kind, "x-github-delivery": str(uuids.uuid4()),
        "x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()})


@pytest.mark.parametrize("tag", [tag["name"] for tag in document().tree["tags"]])
def test_every_operation_of_a_tag_succeeds_as_described(kiln, repo, name, tag):
    document().answered.clear()
    globals()["ask_" + tag.replace(" ", "_")](kiln, repo, name)
    succeeded = {id for id, statuses in document().answered.items() if min(statuses) < 400}
    missing = {operation.id for operation in document().operations if tag in operation.body["tags"]} - succeeded
    assert not missing, "operations that were not asked, or only refused"


# --- refusals --------------------------------------------------------------------------------------------------------
def filled(kiln, operation, account=None):
    """The operation's address, with the document's examples in it: ids that nothing has."""
    path = operation.template
    for parameter in map(document().at, operation.body.get("parameters", [])):
        if parameter["in"] == "path":
            value = account or kiln.account if parameter["name"] == "account_id" else parameter["example"]
            path = path.replace("{%s}" % parameter["name"], value)
    return kiln.url + path


@pytest.fixture(scope="module")
def reader(kiln):
    """A token that may only read builds."""
    return {"authorization": "Bearer " + kiln.cli("token", "create", "--name", "r", "--permissions", "ci:read").stdout.strip()}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_refusals_are_described(kiln, reader, operation):
    """What an operation says to a stranger, to a wrong token, account, id or body is in the document too."""
    def status(headers=None, account=None, method=operation.method):
        body = b"{" if "requestBody" in operation.body else None
        return http(method, filled(kiln, operation, account), body, headers).status

    auth = {"authorization": f"Bearer {kiln.token}"}
    alone = status()
    if operation.id != "followEvents":  # which never ends
        assert status(auth) < 500
    assert status(method="LOCK") == 405
    if "security" in operation.body:
        return
    assert alone == 401
    if operation.method != "GET" and operation.id != "matchTriggers":  # which has a body and changes nothing
        assert status(reader) == 403
    if "{account_id}" in operation.template:
        assert status(auth, "nonsense") == 404 and status(auth, "0" * 32) == 403
