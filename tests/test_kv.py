"""KV: namespaces made by a deploy or by hand, keys by wrangler, API and binding, and who may not reach them."""
import base64
import json
import threading
import urllib.parse

import pytest

from harness.server import http
from harness.wrangler import Wrangler
from test_serving import fetch, url_of

WORKER = """export default { async fetch(request, env) {
  const url = new URL(request.url);
  const key = url.searchParams.get("k");
  if (url.pathname === "/put") { await env.KV.put(key, url.searchParams.get("v")); return new Response("kept"); }
  return new Response(String(await env.KV.get(key)));
} };
"""


def spaces(kiln):
    return f"//accounts/{kiln.account}/storage/kv/namespaces"


def make(kiln, title):
    return kiln.call("POST", spaces(kiln), {"title": title}).result["id"]


def value(kiln, space, key, **more):
    return kiln.get(f"{spaces(kiln)}/{space}/values/{urllib.parse.quote(key, safe='')}", **more)


@pytest.fixture
def wrangler(kiln, tmp_path, name):
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.write(**{"index.js": WORKER})
    return wrangler


def test_a_binding_without_an_id_gets_a_namespace_and_finds_it_again(kiln, wrangler, name):
    wrangler.configure(kv_namespaces=[{"binding": "KV"}])
    before = {space["id"] for space in kiln.get(spaces(kiln)).result}
    wrangler.run("deploy")
    (made,) = [space for space in kiln.get(spaces(kiln)).result if space["id"] not in before]
    assert made["title"] == f"{name}-kv"
    site = url_of(kiln, name)
    assert fetch(kiln, site + "put?k=a/b&v=one")[2] == "kept"
    wrangler.write(**{"index.js": WORKER + "// again\n"})
    wrangler.configure(kv_namespaces=[{"binding": "KV"}])
    wrangler.run("deploy")
    assert {space["id"] for space in kiln.get(spaces(kiln)).result} == before | {made["id"]}
    assert fetch(kiln, site + "get?k=a/b")[2] == "one"
    assert value(kiln, made["id"], "a/b").raw == b"one"
    assert wrangler.bindings()["KV"] == {"type": "kv_namespace", "name": "KV", "namespace_id": made["id"]}


def test_a_push_deploys_a_worker_with_kv_untouched(kiln, repo, name):
    repo.commit({"index.js": WORKER, "wrangler.jsonc": json.dumps(
        {"name": name, "main": "index.js", "compatibility_date": "2026-11-01", "kv_namespaces": [{"binding": "KV"}]})})
    kiln.connect(repo.bare, name)
    build = kiln.wait(repo.push()[0])
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(build["build_uuid"]))
    assert fetch(kiln, url_of(kiln, name) + "put?k=k&v=v")[2] == "kept"


def test_wrangler_kv_does_all_that_it_offers(kiln, wrangler, name):
    title = f"{name}-hand"
    assert "Success" in wrangler.run("kv", "namespace", "create", title).text
    listed = json.loads(wrangler.run("kv", "namespace", "list").text.split("\n", 0)[0])
    (space,) = [one["id"] for one in listed if one["title"] == title]
    at = ["--namespace-id", space, "--remote"]
    wrangler.run("kv", "key", "put", "k", "v", "--metadata", '{"plan":"pro"}', "--ttl", "3600", *at)
    wrangler.write(**{"bytes.bin": "line\n", "bulk.json": json.dumps(
        [{"key": "b1", "value": "1"}, {"key": "b2", "value": base64.b64encode(b"\0two").decode(), "base64": True}])})
    wrangler.run("kv", "key", "put", "f/x", "--path", "bytes.bin", *at)
    wrangler.run("kv", "bulk", "put", "bulk.json", *at)
    assert wrangler.run("kv", "key", "get", "k", "--text", *at).text.strip() == "v"
    keys = json.loads(wrangler.run("kv", "key", "list", *at).text)
    assert [key["name"] for key in keys] == ["b1", "b2", "f/x", "k"]
    assert keys[3]["metadata"] == {"plan": "pro"} and keys[3]["expiration"] > 0
    assert [key["name"] for key in json.loads(wrangler.run("kv", "key", "list", "--prefix", "b", *at).text)] == ["b1", "b2"]
    assert value(kiln, space, "b2").raw == b"\0two"
    wrangler.write(**{"keys.json": '["b1", "none"]'})
    assert '"b1"' in wrangler.run("kv", "bulk", "get", "keys.json", *at).text
    wrangler.run("kv", "bulk", "delete", "keys.json", "--force", *at)
    wrangler.run("kv", "key", "delete", "k", *at)
    assert [key["name"] for key in json.loads(wrangler.run("kv", "key", "list", *at).text)] == ["b2", "f/x"]
    wrangler.run("kv", "namespace", "rename", "--namespace-id", space, "--new-name", title + "-2")
    assert kiln.get(f"{spaces(kiln)}/{space}").result["title"] == title + "-2"
    wrangler.run("kv", "namespace", "delete", "--namespace-id", space, "--skip-confirmation")
    assert kiln.get(f"{spaces(kiln)}/{space}").error[:2] == (404, 10013)
    assert not list((kiln.data / "kv").glob(space + "*")), "its disk is given back"


def test_the_api_refuses_in_words(kiln, name):
    space = make(kiln, name)
    at = f"{spaces(kiln)}/{space}"
    assert kiln.call("POST", spaces(kiln), {"title": name}).error[:2] == (400, 10014)
    assert kiln.call("POST", spaces(kiln), {}).error[0] == 400
    assert value(kiln, space, "none").error == (404, 10009, "get: 'key not found'")
    assert kiln.get(f"{spaces(kiln)}/{'0' * 32}/keys").error[:2] == (404, 10013)
    assert "at least 60" in kiln.call("PUT", f"{at}/values/k?expiration_ttl=5", b"v").error[2]
    assert "512" in kiln.call("PUT", f"{at}/values/{'k' * 513}", b"v").error[2]
    assert "a key and a value" in kiln.call("PUT", f"{at}/bulk", [{"key": "a", "value": "1"}, {"key": "b"}]).error[2]
    assert kiln.get(f"{at}/keys").result == [], "a list is taken whole or not at all"
    assert "cursor" in kiln.get(f"{at}/keys?cursor=%21").error[2]
    assert "limit" in kiln.get(f"{at}/keys?limit=1001").error[2]


def test_lists_come_in_pages(kiln, name):
    at = f"{spaces(kiln)}/{make(kiln, name)}"
    kiln.call("PUT", f"{at}/bulk", [{"key": f"k{n:04}", "value": "v"} for n in range(25)])
    seen, cursor = [], ""
    while True:
        page = kiln.get(f"{at}/keys?limit=10&cursor={urllib.parse.quote(cursor, safe='')}")
        seen += [key["name"] for key in page.result]
        cursor = page.json["result_info"]["cursor"]
        if not cursor:
            break
    assert seen == [f"k{n:04}" for n in range(25)]
    assert kiln.get(at).result["keys"] == 25


def test_another_account_reaches_nothing(kiln, name):
    space = make(kiln, name)
    kiln.call("PUT", f"{spaces(kiln)}/{space}/values/k", b"secret")
    other = kiln.cli("account", "create", "--name", f"{name} other").stdout.strip()
    token = kiln.cli("token", "create", "--name", "other", "--account", other,
                     "--permissions", "scripts:read,scripts:write").stdout.strip()
    foreign = f"//accounts/{other}/storage/kv/namespaces"
    assert value(kiln, space, "k", token=token).error[0] == 403
    assert kiln.get(f"{foreign}/{space}/values/k", token=token).error[:2] == (404, 10013)
    assert kiln.get(foreign, token=token).result == []


def test_a_worker_is_bound_to_its_own_accounts_namespaces_alone(kiln, wrangler, name):
    wrangler.configure(kv_namespaces=[{"binding": "KV", "id": "0" * 32}])
    words = wrangler.run("deploy", fails=True).text
    assert "names the KV namespace" in words and "wrangler kv namespace create" in words, words


def test_a_preview_branch_sees_no_live_keys_in_its_build_or_in_its_worker(kiln, repo, name):
    space = make(kiln, name)
    kiln.call("PUT", f"{spaces(kiln)}/{space}/values/k", b"live")
    config = json.dumps({"name": name, "main": "index.js", "compatibility_date": "2026-11-01",
                         "kv_namespaces": [{"binding": "KV", "id": space}]})
    repo.commit({"index.js": WORKER, "wrangler.jsonc": config, "ask.mjs": ""})
    kiln.connect(repo.bare, name, build_command="node ask.mjs", deploy_command="npx wrangler deploy")
    kiln.wait(repo.push()[0])
    assert fetch(kiln, url_of(kiln, name) + "?k=k")[2] == "live"
    repo.commit({"ask.mjs": f"""
      const at = process.env.CLOUDFLARE_API_BASE_URL + "/accounts/" + process.env.CLOUDFLARE_ACCOUNT_ID + "/storage/kv/namespaces/{space}/values/k";
      const headers = {{ authorization: "Bearer " + process.env.CLOUDFLARE_API_TOKEN }};
      const read = await fetch(at, {{ headers }});
      console.log(`read ${{read.status}} ${{(await read.text()).includes("branch_includes")}}`);
      console.log(`write ${{(await fetch(at, {{ headers, method: "PUT", body: "x" }})).status}}`);
    """}, branch="feature/x")
    build = kiln.wait(repo.push()[0])
    log = "\n".join(kiln.build_log(build["build_uuid"]))
    assert build["build_outcome"] == "success", log
    assert "read 403 true" in log and "write 403" in log, log
    preview = build["preview_alias_url"].rstrip("/")
    assert fetch(kiln, preview + "/?k=k")[2] == "null"
    assert fetch(kiln, preview + "/put?k=k&v=strange")[2] == "kept"
    assert fetch(kiln, preview + "/?k=k")[2] == "strange"
    assert fetch(kiln, url_of(kiln, name) + "?k=k")[2] == "live"


def test_what_was_acknowledged_survives_kill_9(fresh_kiln, name):
    kiln = fresh_kiln("")
    space = make(kiln, name)
    at = f"{kiln.api}/accounts/{kiln.account}/storage/kv/namespaces/{space}/values"
    auth = {"authorization": f"Bearer {kiln.token}"}
    acknowledged = []
    enough = threading.Event()

    def write(writer):
        for n in range(1000):
            try:
                if http("PUT", f"{at}/{writer}-{n}", b"v" * 100, auth).status == 200:
                    acknowledged.append(f"{writer}-{n}")
            except OSError:
                return
            if len(acknowledged) >= 200:
                enough.set()

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for writer in writers:
        writer.start()
    assert enough.wait(60)
    kiln.kill9()
    for writer in writers:
        writer.join()
    kiln.start()
    missing = [key for key in acknowledged if value(kiln, space, key).status != 200]
    assert len(acknowledged) >= 200 and missing == []
