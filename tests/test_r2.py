"""R2: buckets made by a deploy or by hand, objects by wrangler, API and binding, and who may not reach them."""
import hashlib
import http.client
import json
import re
import socket
import threading
import urllib.parse

import pytest

from harness.keeping import restored
from harness.server import http as ask
from harness.wrangler import Wrangler
from test_serving import fetch, url_of

WORKER = """export default { async fetch(request, env) {
  const url = new URL(request.url);
  const key = url.searchParams.get("k");
  try {
    if (url.pathname === "/put") { await env.MEDIA.put(key, url.searchParams.get("v")); return new Response("kept"); }
    if (url.pathname === "/large") {
      const size = Number(url.searchParams.get("bytes"));
      const { readable, writable } = new FixedLengthStream(size);
      const fill = (async () => {
        const writer = writable.getWriter(), piece = new Uint8Array(1024 * 1024).fill(97);
        for (let sent = 0; sent < size; sent += piece.length) await writer.write(piece);
        await writer.close();
      })();
      const [object] = await Promise.all([env.MEDIA.put(key, readable), fill]);
      return Response.json({ size: object.size, etag: object.etag });
    }
    if (url.pathname === "/parts") {
      const upload = await env.MEDIA.createMultipartUpload(key);
      const parts = [await upload.uploadPart(1, new Uint8Array(5 * 1024 * 1024).fill(98)), await upload.uploadPart(2, "end")];
      return Response.json({ size: (await upload.complete(parts)).size });
    }
    const object = await env.MEDIA.get(key, { range: request.headers });
    return object ? new Response(object.body, { headers: { etag: object.httpEtag } }) : new Response("null");
  } catch (error) { return new Response(String(error.message)); }
} };
"""
KEPT = {"r2_buckets": [{"binding": "MEDIA"}]}
MIB = 1 << 20


def buckets(kiln):
    return f"//accounts/{kiln.account}/r2/buckets"


def make(kiln, name):
    return kiln.call("POST", buckets(kiln), {"name": f"{name}-kept"}).result["name"]


def object_at(kiln, bucket, key):
    return f"{buckets(kiln)}/{bucket}/objects/{urllib.parse.quote(key, safe='')}"


def folder_of(kiln, bucket, account=None):
    return kiln.data / "r2" / hashlib.sha256(f"r2 {account or kiln.account} {bucket}".encode()).hexdigest()[:32]


def files_in(folder):
    return sorted(file.name for below in ("blobs", "incoming") for file in (folder / below).iterdir())


@pytest.fixture
def wrangler(kiln, tmp_path, name):
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.write(**{"index.js": WORKER})
    return wrangler


def test_a_binding_without_a_name_gets_a_bucket_and_finds_it_again(kiln, wrangler, name):
    wrangler.configure(**KEPT)
    before = {bucket["name"] for bucket in kiln.get(buckets(kiln)).result["buckets"]}
    wrangler.run("deploy")
    after = {bucket["name"] for bucket in kiln.get(buckets(kiln)).result["buckets"]}
    assert after - before == {f"{name}-media"}
    site = url_of(kiln, name)
    assert fetch(kiln, site + "put?k=a/b&v=one")[2] == "kept"
    wrangler.write(**{"index.js": WORKER + "// again\n"})
    wrangler.configure(**KEPT)
    wrangler.run("deploy")
    assert {bucket["name"] for bucket in kiln.get(buckets(kiln)).result["buckets"]} == after
    assert fetch(kiln, site + "get?k=a/b")[2] == "one"
    assert kiln.get(object_at(kiln, f"{name}-media", "a/b")).raw == b"one"
    assert wrangler.bindings()["MEDIA"] == {"type": "r2_bucket", "name": "MEDIA", "bucket_name": f"{name}-media"}


def test_wrangler_r2_does_what_it_offers(kiln, wrangler, name, tmp_path):
    bucket = f"{name}-hand"
    assert bucket in wrangler.run("r2", "bucket", "create", bucket).text
    assert bucket in wrangler.run("r2", "bucket", "list").text
    assert "Standard" in wrangler.run("r2", "bucket", "info", bucket).text
    assert "does not exist" in wrangler.run("r2", "bucket", "info", f"{name}-none", fails=True).text
    content = bytes(range(256)) * 5000
    (tmp_path / "photo.bin").write_bytes(content)
    wrangler.run("r2", "object", "put", f"{bucket}/dir/photo ä.bin", "--file", "photo.bin", "--content-type", "image/x-test",
                 "--cache-control", "no-store", "--remote")
    (listed,) = kiln.get(f"{buckets(kiln)}/{bucket}/objects").result
    assert listed["key"] == "dir/photo ä.bin" and listed["size"] == len(content)
    assert listed["http_metadata"] == {"contentType": "image/x-test", "cacheControl": "no-store"}
    wrangler.run("r2", "object", "get", f"{bucket}/dir/photo ä.bin", "--file", "back.bin", "--remote")
    assert (tmp_path / "back.bin").read_bytes() == content
    assert "not empty" in wrangler.run("r2", "bucket", "delete", bucket, fails=True).text
    wrangler.run("r2", "object", "delete", f"{bucket}/dir/photo ä.bin", "--remote")
    assert "not exist" in wrangler.run("r2", "object", "get", f"{bucket}/dir/photo ä.bin", "--file", "no.bin", "--remote", fails=True).text
    wrangler.run("r2", "bucket", "update", "storage-class", bucket, "--storage-class", "InfrequentAccess")
    assert kiln.get(f"{buckets(kiln)}/{bucket}").result["storage_class"] == "InfrequentAccess"
    folder = folder_of(kiln, bucket)
    assert folder.exists()
    wrangler.run("r2", "bucket", "delete", bucket)
    assert kiln.get(f"{buckets(kiln)}/{bucket}").error[:2] == (404, 10006)
    assert not folder.exists(), "its disk is given back"


@pytest.mark.parametrize("words", [["lifecycle", "list"], ["cors", "list"], ["lock", "list"], ["domain", "list"], ["notification", "list"],
                                   ["sippy", "get"], ["catalog", "get"], ["dev-url", "get"]])
def test_what_there_is_none_of_is_refused_in_words(kiln, wrangler, name, words):
    assert "Kiln" in wrangler.run("r2", "bucket", *words, make(kiln, name), fails=True).text


def test_the_api_refuses_in_words(kiln, name):
    bucket = make(kiln, name)
    assert kiln.call("POST", buckets(kiln), {"name": bucket}).error[:2] == (409, 10004)
    assert kiln.call("POST", buckets(kiln), {"name": "../x"}).error[:2] == (400, 10005)
    assert kiln.call("POST", buckets(kiln), {}).error[:2] == (400, 10005)
    assert kiln.get(object_at(kiln, bucket, "none")).error == (404, 10007, "The specified key does not exist.")
    assert kiln.get(f"{buckets(kiln)}/{name}-none/objects").error[:2] == (404, 10006)
    assert kiln.call("PUT", object_at(kiln, bucket, "k" * 1025), b"v").error[:2] == (400, 10020)
    assert kiln.call("PUT", object_at(kiln, f"{name}-none", "k"), b"v").error[:2] == (404, 10006)
    assert "cursor" in kiln.get(f"{buckets(kiln)}/{bucket}/objects?cursor=%21").error[2]
    assert "per_page" in kiln.get(f"{buckets(kiln)}/{bucket}/objects?per_page=1001").error[2]


def test_objects_over_the_api(kiln, name):
    bucket = make(kiln, name)
    kiln.call("PUT", f"{buckets(kiln)}/{bucket}/objects/a/b//c", b"raw slashes").result
    kiln.call("PUT", object_at(kiln, bucket, "a/d"), b"", headers={"content-type": "text/html", "x-amz-meta-by": "ada"}).result
    assert kiln.get(object_at(kiln, bucket, "a/b//c")).raw == b"raw slashes"
    got = kiln.get(object_at(kiln, bucket, "a/d"))
    assert "content-range" not in kiln.get(object_at(kiln, bucket, "a/d"), headers={"range": "bytes=-5"}).headers, "there is no byte in it"
    assert got.raw == b"" and got.headers["content-disposition"] == "attachment" and "sandbox" in got.headers["content-security-policy"]
    listed = kiln.get(f"{buckets(kiln)}/{bucket}/objects?prefix=a/&delimiter=/")
    assert [one["key"] for one in listed.result] == ["a/d"] and listed.json["result_info"]["delimited"] == ["a/b/"]
    assert listed.result[0]["custom_metadata"] == {"by": "ada"}
    for n in range(25):
        kiln.call("PUT", object_at(kiln, bucket, f"k{n:02}"), b"v").result
    seen, cursor = [], ""
    while True:
        page = kiln.get(f"{buckets(kiln)}/{bucket}/objects?prefix=k&per_page=10&cursor={urllib.parse.quote(cursor, safe='')}")
        seen += [one["key"] for one in page.result]
        cursor = page.json["result_info"]["cursor"]
        if not cursor:
            break
    assert seen == [f"k{n:02}" for n in range(25)]
    size = kiln.get(f"{buckets(kiln)}/{bucket}").result
    assert (size["objects"], size["bytes"]) == (27, 36)


def test_another_account_reaches_nothing(kiln, name):
    bucket = make(kiln, name)
    kiln.call("PUT", object_at(kiln, bucket, "k"), b"secret").result
    other = kiln.cli("account", "create", "--name", f"{name} other").stdout.strip()
    token = kiln.cli("token", "create", "--name", "other", "--account", other,
                     "--permissions", "scripts:read,scripts:write").stdout.strip()
    foreign = f"//accounts/{other}/r2/buckets"
    assert kiln.get(object_at(kiln, bucket, "k"), token=token).error[0] == 403
    assert kiln.call("PUT", object_at(kiln, bucket, "k"), b"x", token=token).error[0] == 403
    assert kiln.get(f"{foreign}/{bucket}/objects/k", token=token).error[:2] == (404, 10006)
    kiln.call("POST", foreign, {"name": bucket}, token=token).result
    assert kiln.get(f"{foreign}/{bucket}/objects/k", token=token).error[:2] == (404, 10007), "of the same name, and another"
    assert kiln.get(object_at(kiln, bucket, "k")).raw == b"secret"


def test_a_worker_is_bound_to_its_own_accounts_buckets_alone(kiln, wrangler, name):
    upload = {"main_module": "index.js", "compatibility_date": "2025-05-01",
              "bindings": [{"type": "r2_bucket", "name": "MEDIA", "bucket_name": f"{name}-none"}]}
    boundary = "x" * 20
    form = "".join(f'--{boundary}\r\ncontent-disposition: form-data; name="{part}"{more}\r\ncontent-type: {kind}\r\n\r\n{text}\r\n'
                   for part, more, kind, text in [("metadata", "", "application/json", json.dumps(upload)),
                                                  ("index.js", '; filename="index.js"', "application/javascript+module", WORKER)])
    refused = kiln.call("PUT", f"//accounts/{kiln.account}/workers/scripts/{name}", (form + f"--{boundary}--\r\n").encode(),
                        headers={"content-type": f"multipart/form-data; boundary={boundary}"})
    assert refused.error[:2] == (400, 10023) and "wrangler r2 bucket create" in refused.error[2]


def over_the_socket(kiln, headers, method="GET", body=None):
    connection = http.client.HTTPConnection("kiln")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(kiln.data / "r2.sock"))
    connection.request(method, "/", body, headers)
    return connection.getresponse().status


def test_forged_names_open_nothing(kiln, name):
    bucket = make(kiln, name)
    kiln.call("PUT", object_at(kiln, bucket, "k"), b"secret").result
    space = folder_of(kiln, bucket).name
    listing = {"cf-r2-request": '{"version":1,"method":"list"}'}
    for headers in [{}, {"x-kiln-r2": space}, {"x-kiln-r2": space, "x-kiln-secret": "0" * 64}, {"x-kiln-r2": "..", "x-kiln-secret": ""}]:
        assert over_the_socket(kiln, listing | headers) == 404
        put = json.dumps({"version": 1, "method": "put", "object": "k"})
        assert over_the_socket(kiln, {"cf-r2-metadata-size": str(len(put))} | headers, "PUT", put + "x") == 404
    assert kiln.get(object_at(kiln, bucket, "k")).raw == b"secret"


def test_a_preview_branch_sees_no_live_objects_in_its_build_or_in_its_worker(kiln, repo, name):
    bucket = make(kiln, name)
    kiln.call("PUT", object_at(kiln, bucket, "k"), b"live").result
    config = json.dumps({"name": name, "main": "index.js", "compatibility_date": "2026-11-01",
                         "r2_buckets": [{"binding": "MEDIA", "bucket_name": bucket}]})
    repo.commit({"index.js": WORKER, "wrangler.jsonc": config, "ask.mjs": ""})
    kiln.connect(repo.bare, name, build_command="node ask.mjs", deploy_command="npx wrangler deploy")
    kiln.wait(repo.push()[0])
    assert fetch(kiln, url_of(kiln, name) + "?k=k")[2] == "live"
    repo.commit({"ask.mjs": f"""
      const at = process.env.CLOUDFLARE_API_BASE_URL + "/accounts/" + process.env.CLOUDFLARE_ACCOUNT_ID + "/r2/buckets/{bucket}/objects/k";
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


def peak_memory(pid):
    return int(re.search(r"VmHWM:\s+(\d+) kB", open(f"/proc/{pid}/status").read())[1]) * 1024


def test_a_large_object_passes_through_in_pieces(fresh_kiln, tmp_path, name):
    kiln = fresh_kiln("")
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.write(**{"index.js": WORKER})
    wrangler.configure(**KEPT)
    wrangler.run("deploy")
    pid = json.loads((kiln.data / "server.json").read_text())["pid"]
    site = url_of(kiln, name)
    fetch(kiln, site + "put?k=small&v=v")
    before = peak_memory(pid)
    size = 96 * MIB
    put = json.loads(fetch(kiln, site + f"large?k=big&bytes={size}")[2])
    assert put == {"size": size, "etag": hashlib.md5(b"a" * size).hexdigest()}
    connection = http.client.HTTPConnection("127.0.0.1", int(kiln.api.split(":")[2].split("/")[0]))
    path = f"/client/v4/accounts/{kiln.account}/r2/buckets/{name}-media/objects/"
    auth = {"authorization": f"Bearer {kiln.token}"}
    connection.request("GET", path + "big", headers=auth)
    answer = connection.getresponse()
    assert answer.getheader("content-length") == str(size)
    digest = hashlib.md5()
    while piece := answer.read(MIB):
        digest.update(piece)
    assert digest.hexdigest() == put["etag"]
    connection.request("PUT", path + "copy", iter([b"b" * MIB] * 64), auth, encode_chunked=True)
    assert connection.getresponse().status == 200
    assert kiln.get(f"{buckets(kiln)}/{name}-media").result["bytes"] == size + 64 * MIB + 1
    assert peak_memory(pid) - before < 40 * MIB, "an object is never in memory whole"
    assert fetch(kiln, site + "parts?k=parts")[2] == json.dumps({"size": 5 * MIB + 3}, separators=(",", ":"))
    got = kiln.get(object_at(kiln, f"{name}-media", "parts"), headers={"range": "bytes=-5"})
    assert (got.status, got.raw) == (206, b"bbend")


def test_what_was_acknowledged_survives_kill_9(fresh_kiln, name):
    kiln = fresh_kiln("")
    bucket = make(kiln, name)
    at = f"{kiln.api}/accounts/{kiln.account}/r2/buckets/{bucket}/objects"
    auth = {"authorization": f"Bearer {kiln.token}"}
    acknowledged = {}
    enough = threading.Event()

    def bytes_of(writer, n):
        return f"{writer}-{n} ".encode() * (20_000 if n % 3 else 1)

    def write(writer):
        for n in range(1000):
            key = f"{writer}-{n % 20}"  # replaced again and again
            try:
                if ask("PUT", f"{at}/{key}", bytes_of(writer, n), auth).status == 200:
                    acknowledged[key] = n
            except (OSError, http.client.HTTPException):
                return
            if n >= 40:
                enough.set()

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for writer in writers:
        writer.start()
    assert enough.wait(120)
    kiln.kill9()
    for writer in writers:
        writer.join()
    kiln.start()
    assert len(acknowledged) >= 40
    for key, n in acknowledged.items():
        writer = int(key.split("-")[0])
        # The one after it may have been on the disk when the server died, whole.
        assert kiln.get(object_at(kiln, bucket, key)).raw in (bytes_of(writer, n), bytes_of(writer, n + 20)), key
    size = kiln.get(f"{buckets(kiln)}/{bucket}").result
    assert len(files_in(folder_of(kiln, bucket))) == size["objects"], "nothing lies about"


def test_a_bucket_has_a_limit(fresh_kiln, tmp_path, name):
    kiln = fresh_kiln('[workers]\nr2_bucket_size = "1MiB"\n')
    bucket = make(kiln, name)
    kiln.call("PUT", object_at(kiln, bucket, "a"), b"x" * 700_000).result
    assert kiln.call("PUT", object_at(kiln, bucket, "b"), b"x" * 700_000).error[:2] == (507, 12507)
    kiln.call("PUT", object_at(kiln, bucket, "a"), b"x" * 900_000).result
    kiln.call("DELETE", object_at(kiln, bucket, "a")).result
    kiln.call("PUT", object_at(kiln, bucket, "b"), b"x" * 700_000).result
    assert len(files_in(folder_of(kiln, bucket))) == 1


def test_a_backup_holds_buckets(fresh_kiln, tmp_path, name):
    kiln = fresh_kiln("")
    bucket = make(kiln, name)
    objects = {f"dir/{n}": f"object {n} ".encode() * 1000 for n in range(5)}
    for key, content in objects.items():
        kiln.call("PUT", object_at(kiln, bucket, key), content, headers={"content-type": "text/x-kept"}).result
    before = kiln.get(f"{buckets(kiln)}/{bucket}/objects").result
    kiln.cli("backup", tmp_path / "backup", "--with-key")
    kiln.call("DELETE", object_at(kiln, bucket, "dir/0")).result
    copy = restored(tmp_path / "backup", tmp_path / "copy").start()
    try:
        assert copy.get(f"{buckets(copy)}/{bucket}/objects").result == before
        assert {key: copy.get(object_at(copy, bucket, key)).raw for key in objects} == objects
    finally:
        copy.stop()
