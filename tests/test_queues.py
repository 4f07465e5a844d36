"""Queues of Workers: made and consumed by a deploy, sent to, called with, and who may not reach them."""
import base64
import http.client
import json
import socket
import threading
import time
import urllib.parse
import urllib.request

import pytest

from harness.keeping import restored
from harness.server import KILN
from harness.waiting import Watching, until
from harness.wrangler import WRANGLERS, Wrangler
from test_serving import fetch, url_of

# Sends by request; what it is called with it writes to KV, a key for each message and attempt, in its order.
WORKER = """
const told = (v) => v instanceof Map ? `Map ${[...v]}` : typeof v === "bigint" ? `bigint ${v}` : JSON.stringify(v);
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const n = url.searchParams.get("n");
    try {
      if (url.pathname === "/send") await env.JOBS.send(n, { delaySeconds: Number(url.searchParams.get("delay") ?? 0) });
      else if (url.pathname === "/many") await env.JOBS.sendBatch(JSON.parse(n).map((body) => ({ body })));
      else if (url.pathname === "/map") await env.JOBS.send(new Map([["n", 10n]]), { contentType: "v8" });
      else if (url.pathname === "/full") await env.JOBS.send("x".repeat(100_000), { contentType: "text" });
      else return Response.json(await env.JOBS.metrics());
      return new Response("sent");
    } catch (error) { return new Response(String(error.message), { status: 500 }); }
  },
  async queue(batch, env) {
    await Promise.all(batch.messages.map((m) => env.SEEN.put(
      `${told(m.body)}#${m.attempts}`, JSON.stringify({ batch: batch.messages.length, queue: batch.queue, on: Date.now() }))));
    if (batch.messages.some((m) => m.body === "throw")) { console.error("as it was told"); throw new Error("no more"); }
    for (const m of batch.messages) if (String(m.body).startsWith("again")) m.retry({ delaySeconds: 1 });
    console.log(`called with ${batch.messages.length}`);
  },
};
"""


def queues(kiln):
    return f"//accounts/{kiln.account}/queues"


def queue_of(kiln, name):
    return kiln.get(f"{queues(kiln)}?name={name}").result[0]


def make(kiln, name, **settings):
    return kiln.call("POST", queues(kiln), {"queue_name": name, "settings": settings}).result["queue_id"]


def backlog(kiln, queue):
    return kiln.get(f"{queues(kiln)}/{queue}/metrics").result["backlog_count"]


class Jobs:
    """A deployed Worker that sends to its queue and, unless `consumer` is None, consumes it."""

    def __init__(self, kiln, folder, name, worker=WORKER, **consumer):
        self.kiln, self.name, self.queue = kiln, name, f"{name}-jobs"
        folder.mkdir(exist_ok=True)
        self.wrangler = Wrangler(kiln, folder, name)
        self.deploy(worker, **consumer)
        self.id = queue_of(kiln, self.queue)["queue_id"]

    def deploy(self, worker=WORKER, consume=True, **consumer):
        self.wrangler.write(**{"index.js": worker})
        bound = {"producers": [{"binding": "JOBS"}]}
        if consume:
            bound["consumers"] = [{"queue": self.queue, "max_batch_timeout": 0, **consumer}]
        self.wrangler.configure(compatibility_date="2026-11-01", kv_namespaces=[{"binding": "SEEN"}], queues=bound)
        return self.wrangler.run("deploy")

    def get(self, tail):
        return fetch(self.kiln, url_of(self.kiln, self.name) + tail)[2]

    def send(self, n, **more):
        assert self.get(f"send?n={n}" + "".join(f"&{key}={value}" for key, value in more.items())) == "sent"

    def seen(self):
        """What it was called with: key → {batch, queue, on}."""
        spaces = f"//accounts/{self.kiln.account}/storage/kv/namespaces"
        (space,) = [one["id"] for one in self.kiln.get(spaces).result if one["title"] == f"{self.name}-seen"]
        found = {}
        keys, cursor = [], ""
        while True:
            page = self.kiln.get(f"{spaces}/{space}/keys?cursor={cursor}")
            keys += [key["name"] for key in page.result]
            cursor = page.json["result_info"]["cursor"]
            if not cursor:
                break
        for at in range(0, len(keys), 100):
            values = self.kiln.call("POST", f"{spaces}/{space}/bulk/get", {"keys": keys[at:at + 100]}).result["values"]
            found |= {key: json.loads(value) for key, value in values.items()}
        return found

    def wait_seen(self, *keys, seconds=60):
        return until(lambda: (lambda seen: seen if set(keys) <= set(seen) else None)(self.seen()), f"{keys} to be seen", seconds)


# --- deploys and wrangler --------------------------------------------------------------------------------------------

def test_a_deploy_makes_queue_and_consumer_and_the_next_finds_them_again(kiln, tmp_path, name):
    jobs = Jobs(kiln, tmp_path / "a", name, max_batch_size=3, max_retries=5, retry_delay=2, max_concurrency=1)
    made = queue_of(kiln, jobs.queue)
    assert made["producers"] == [{"type": "worker", "script": name}]
    (consumer,) = made["consumers"]
    assert (consumer["type"], consumer["script"]) == ("worker", name)
    assert consumer["settings"] == {"batch_size": 3, "max_retries": 5, "retry_delay": 2, "max_wait_time_ms": 0, "max_concurrency": 1}
    jobs.send("one")
    assert jobs.wait_seen('"one"#1')['"one"#1']["queue"] == jobs.queue
    before = [one["queue_id"] for one in kiln.get(queues(kiln)).result]
    assert jobs.queue in jobs.deploy(WORKER + "// again\n", max_batch_size=4).text
    assert [one["queue_id"] for one in kiln.get(queues(kiln)).result] == before
    (changed,) = queue_of(kiln, jobs.queue)["consumers"]
    assert changed["consumer_id"] == consumer["consumer_id"] and changed["settings"]["batch_size"] == 4
    assert jobs.wrangler.bindings()["JOBS"] == {"type": "queue", "name": "JOBS", "queue_name": jobs.queue}
    # One consumer a queue; neither it nor a queue that is bound goes unasked.
    other = Wrangler(kiln, tmp_path, f"{name}-other")
    other.write(**{"index.js": WORKER})
    other.configure(compatibility_date="2026-11-01", queues={"consumers": [{"queue": jobs.queue}]})
    refused = other.run("deploy", fails=True).text
    assert "11004" in refused and f"the Worker {name}" in refused, refused
    assert "Workers are bound to it" in other.run("queues", "delete", jobs.queue, fails=True).text
    assert backlog(kiln, made["queue_id"]) == 0


@pytest.mark.parametrize("release", WRANGLERS)
def test_a_queue_that_is_not_there_is_made_or_asked_for(kiln, tmp_path, name, release):
    wrangler = Wrangler(kiln, tmp_path, name, release)
    wrangler.write(**{"index.js": WORKER})
    queue = f"{name}-q"
    wrangler.configure(queues={"producers": [{"binding": "JOBS", "queue": queue}], "consumers": [{"queue": queue}]})
    first = wrangler.run("deploy", fails=wrangler.is_old)
    if wrangler.is_old:
        assert f"wrangler queues create {queue}" in first.text
        wrangler.run("queues", "create", queue)
        wrangler.run("deploy")
    made = queue_of(kiln, queue)
    assert made["producers_total_count"] == 1 and made["consumers"][0]["script"] == name


def test_a_push_deploys_producer_and_consumer_untouched(kiln, repo, name):
    repo.commit({"index.js": WORKER, "wrangler.jsonc": json.dumps(
        {"name": name, "main": "index.js", "compatibility_date": "2026-11-01", "kv_namespaces": [{"binding": "SEEN"}],
         "queues": {"producers": [{"binding": "JOBS"}], "consumers": [{"queue": f"{name}-jobs", "max_batch_timeout": 0}]}})})
    kiln.connect(repo.bare, name)
    build = kiln.wait(repo.push()[0])
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(build["build_uuid"]))
    assert fetch(kiln, url_of(kiln, name) + "send?n=1")[2] == "sent"
    until(lambda: backlog(kiln, queue_of(kiln, f"{name}-jobs")["queue_id"]) == 0, "it to be consumed")


def test_wrangler_queues_does_all_that_it_offers(kiln, tmp_path, name):
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.write(**{"index.js": WORKER})
    wrangler.configure(compatibility_date="2026-11-01")
    wrangler.run("deploy")
    queue, dead = f"{name}-q", f"{name}-dead"
    for made in (queue, dead):
        assert f"Created queue '{made}'" in wrangler.run("queues", "create", made, "--message-retention-period-secs", 120).text
    assert queue in wrangler.run("queues", "list", "--page", 1).text + wrangler.run("queues", "list", "--page", 2).text
    wrangler.run("queues", "consumer", "add", queue, name, "--batch-size", 7, "--batch-timeout", 9, "--message-retries", 2,
                 "--dead-letter-queue", dead, "--max-concurrency", 3, "--retry-delay-secs", 4)
    listed = json.loads(wrangler.run("queues", "consumer", "worker", "list", queue, "--json").text)
    assert listed[0]["dead_letter_queue"] == dead and listed[0]["settings"] == {
        "batch_size": 7, "max_retries": 2, "retry_delay": 4, "max_wait_time_ms": 9000, "max_concurrency": 3}
    assert f"worker:{name}" in wrangler.run("queues", "info", queue).text
    assert "11004" in wrangler.run("queues", "consumer", "http", "add", queue, fails=True).text
    assert "the Worker" in wrangler.run("queues", "delete", queue, fails=True).text
    wrangler.run("queues", "update", queue, "--delivery-delay-secs", 3)
    wrangler.run("queues", "pause-delivery", queue)
    assert queue_of(kiln, queue)["settings"] == {"delivery_delay": 3, "delivery_paused": True, "message_retention_period": 120}
    kiln.call("POST", f"{queues(kiln)}/{queue_of(kiln, queue)['queue_id']}/messages", {"body": 1}).result
    assert queue_of(kiln, queue)["backlog_count"] == 1
    wrangler.run("queues", "purge", queue, "--force")
    wrangler.run("queues", "resume-delivery", queue)
    assert queue_of(kiln, queue)["backlog_count"] == 0
    wrangler.run("queues", "consumer", "remove", queue, name)
    assert "Deleted queue" in wrangler.run("queues", "delete", queue).text
    assert "does not exist" in wrangler.run("queues", "info", queue, fails=True).text


# --- batches ---------------------------------------------------------------------------------------------------------

def test_batches_are_full_or_have_waited(kiln, tmp_path, name):
    jobs = Jobs(kiln, tmp_path / "a", name, max_batch_size=3, max_batch_timeout=3)
    began = time.time() * 1000
    assert jobs.get("many?n=" + urllib.parse.quote('["a","b","c","late"]')) == "sent"
    seen = jobs.wait_seen('"late"#1')
    assert [seen[f'"{n}"#1']["batch"] for n in "abc"] == [3, 3, 3] and seen['"late"#1']["batch"] == 1
    assert seen['"a"#1']["on"] - began < 2500, "a full batch waits for nothing"
    assert 2900 < seen['"late"#1']["on"] - began < 5000 + 2000


def test_what_throws_comes_again_and_goes_to_the_dead_letters(kiln, tmp_path, name):
    dead = make(kiln, f"{name}-dead")
    kiln.call("POST", f"{queues(kiln)}/{dead}/consumers", {"type": "http_pull"}).result
    jobs = Jobs(kiln, tmp_path / "a", name, max_batch_size=1, max_retries=1, dead_letter_queue=f"{name}-dead")
    jobs.send("throw")
    jobs.send("again")
    jobs.send("fine")
    seen = jobs.wait_seen('"throw"#2', '"again"#2', '"fine"#1')
    assert 900 < seen['"again"#2']["on"] - seen['"again"#1']["on"] < 4000, "after the delay that it asked for"
    until(lambda: backlog(kiln, dead) == 2, "two dead letters")
    assert backlog(kiln, jobs.id) == 0 and '"throw"#3' not in jobs.seen() and '"fine"#2' not in jobs.seen()
    pulled = kiln.call("POST", f"{queues(kiln)}/{dead}/messages/pull", {"batch_size": 10}).result["messages"]
    assert sorted(json.loads(base64.b64decode(one["body"])) for one in pulled) == ["again", "throw"]
    assert kiln.call("POST", f"{queues(kiln)}/{jobs.id}/messages/pull", {}).error[0] == 409, "a Worker's queue is not pulled"


def test_bodies_of_v8_and_of_the_api_arrive_as_they_were(kiln, tmp_path, name):
    jobs = Jobs(kiln, tmp_path / "a", name)
    assert jobs.get("map") == "sent"
    kiln.call("POST", f"{queues(kiln)}/{jobs.id}/messages/batch", {"messages": [{"body": {"a": 1}}, {"body": "t", "content_type": "text"}]}).result
    jobs.wait_seen("Map n,10#1", '{"a":1}#1', '"t"#1')


def test_a_queue_waits_while_it_is_paused_or_nobody_consumes_it(kiln, tmp_path, name):
    jobs = Jobs(kiln, tmp_path / "a", name)
    kiln.call("PATCH", f"{queues(kiln)}/{jobs.id}", {"settings": {"delivery_paused": True}}).result
    jobs.send("paused")
    assert json.loads(jobs.get(""))["backlogCount"] == 1
    resumed = time.time() * 1000
    kiln.call("PATCH", f"{queues(kiln)}/{jobs.id}", {"settings": {"delivery_paused": False}}).result
    assert jobs.wait_seen('"paused"#1')['"paused"#1']["on"] >= resumed
    (consumer,) = queue_of(kiln, jobs.queue)["consumers"]
    kiln.call("DELETE", f"{queues(kiln)}/{jobs.id}/consumers/{consumer['consumer_id']}").result
    jobs.send("waits")
    consumed = time.time() * 1000
    jobs.wrangler.run("queues", "consumer", "add", jobs.queue, name, "--batch-timeout", 0)
    assert jobs.wait_seen('"waits"#1')['"waits"#1']["on"] >= consumed
    jobs.wrangler.run("delete", "--force")
    left = queue_of(kiln, jobs.queue)
    assert (left["producers"], left["consumers"]) == ([], [])
    kiln.call("DELETE", f"{queues(kiln)}/{jobs.id}").result


def test_a_worker_that_has_stopped_is_woken_and_a_restart_forgets_no_time(fresh_kiln, tmp_path, name):
    kiln = fresh_kiln("[workers]\nidle_seconds = 1\n")
    jobs = Jobs(kiln, tmp_path / "a", name)
    jobs.send("soon", delay=4)
    sent = time.time() * 1000
    seen = jobs.wait_seen('"soon"#1')
    assert 3900 < seen['"soon"#1']["on"] - sent < 6500
    jobs.send("later", delay=5)
    sent = time.time() * 1000
    kiln.stop()
    kiln.start()
    seen = jobs.wait_seen('"later"#1')
    assert 4900 < seen['"later"#1']["on"] - sent < 7500


def test_kill_9_loses_nothing_that_was_acknowledged(fresh_kiln, tmp_path, name):
    kiln = fresh_kiln("")
    jobs = Jobs(kiln, tmp_path / "a", name, max_batch_size=10, max_retries=0)
    acknowledged = set()

    def kill_amid(writers, least):
        enough = threading.Event()

        def send(writer):
            front = url_of(kiln, name)
            for n in range(2000):
                try:
                    if fetch_at(front, f"send?n={writer}-{n}") != "sent":
                        return
                except (OSError, http.client.HTTPException):
                    return
                acknowledged.add(f"{writer}-{n}")
                if len(acknowledged) >= least:
                    enough.set()

        threads = [threading.Thread(target=send, args=(writer,)) for writer in writers]
        for thread in threads:
            thread.start()
        assert enough.wait(120)
        kiln.kill9()
        for thread in threads:
            thread.join()
        kiln.start()

    kill_amid("ab", 60)
    kill_amid("cd", 160)
    assert len(acknowledged) >= 160
    until(lambda: backlog(kiln, jobs.id) == 0, "all to be consumed", 120)
    seen = {json.loads(key.split("#")[0]) for key in jobs.seen()}
    assert acknowledged - seen == set()


def fetch_at(front, tail):
    """A request that asks nothing of the server beside it."""
    host, port = front.removeprefix("http://").rstrip("/").split(":")
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    try:
        connection.request("GET", "/" + tail, headers={"Host": f"{host}:{port}"})
        return connection.getresponse().read().decode()
    finally:
        connection.close()


# --- who may what ----------------------------------------------------------------------------------------------------

def over_the_socket(kiln, headers):
    connection = http.client.HTTPConnection("kiln")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(kiln.data / "queues.sock"))
    connection.request("POST", "/message", b"x", headers)
    return connection.getresponse().status


def test_forged_names_open_nothing(kiln, name):
    queue = make(kiln, f"{name}-q")
    full = f"{kiln.account}.{name}-q"
    for headers in [{}, {"x-kiln-queue": full}, {"x-kiln-queue": full, "x-kiln-secret": "0" * 64}, {"x-kiln-queue": "", "x-kiln-secret": ""}]:
        assert over_the_socket(kiln, headers) == 404
    assert backlog(kiln, queue) == 0


def test_another_account_reaches_nothing(kiln, tmp_path, name):
    queue = make(kiln, f"{name}-q")
    other = kiln.cli("account", "create", "--name", f"{name} other").stdout.strip()
    token = kiln.cli("token", "create", "--name", "other", "--account", other, "--permissions", "scripts:read,scripts:write").stdout.strip()
    assert kiln.get(queues(kiln), token=token).error[0] == 403
    assert kiln.get(f"//accounts/{other}/queues", token=token).result == []
    assert kiln.get(f"//accounts/{other}/queues/{queue}/metrics", token=token).error[0] == 404


def test_the_api_refuses_in_words(kiln, name):
    queue = make(kiln, f"{name}-q")
    at = f"{queues(kiln)}/{queue}/consumers"
    assert kiln.call("POST", queues(kiln), {"queue_name": f"{name}-q"}).error[:2] == (409, 11009)
    assert kiln.call("POST", at, {"type": "r2_bucket"}).error[0] == 400
    assert "script_name" in kiln.call("POST", at, {"type": "worker"}).error[2]
    assert "deploy it first" in kiln.call("POST", at, {"type": "worker", "script_name": "nobody"}).error[2]
    for setting in ({"batch_size": 101}, {"max_wait_time_ms": 60001}, {"max_concurrency": 251}, {"max_retries": 101}):
        assert kiln.call("POST", at, {"type": "worker", "script_name": "x", "settings": setting}).error[0] == 400, setting


def test_a_preview_branch_reaches_no_queue_in_its_build_or_in_its_worker(kiln, repo, name):
    config = json.dumps({"name": name, "main": "index.js", "compatibility_date": "2026-11-01",
                         "queues": {"producers": [{"binding": "JOBS", "queue": f"{name}-q"}]}})
    queue = make(kiln, f"{name}-q")
    repo.commit({"index.js": WORKER, "wrangler.jsonc": config, "ask.mjs": f"""
      const at = process.env.CLOUDFLARE_API_BASE_URL + "/accounts/" + process.env.CLOUDFLARE_ACCOUNT_ID + "/queues";
      const headers = {{ authorization: "Bearer " + process.env.CLOUDFLARE_API_TOKEN }};
      const status = async (path, method, body) => (await fetch(at + path, {{ headers, method, body: body && JSON.stringify(body) }})).status;
      console.log(`list ${{await status("", "GET")}} look ${{await status("/{queue}/metrics", "GET")}}`);
      console.log(`send ${{await status("/{queue}/messages", "POST", {{ body: 1 }})}} make ${{await status("", "POST", {{ queue_name: "x" }})}}`);
      console.log(`consume ${{await status("/{queue}/consumers", "POST", {{ type: "worker", script_name: "somebody-else" }})}}`);
    """})
    kiln.connect(repo.bare, name, build_command="node ask.mjs", deploy_command="npx wrangler deploy")
    log = "\n".join(kiln.build_log(kiln.wait(repo.push()[0])["build_uuid"]))
    assert "list 200 look 200" in log and "send 200 make 200" in log and "consume 403" in log, log
    assert fetch(kiln, url_of(kiln, name) + "send?n=live")[2] == "sent"
    assert backlog(kiln, queue) == 2
    repo.commit({"index.js": WORKER + "// preview\n"}, branch="feature/x")
    build = kiln.wait(repo.push()[0])
    log = "\n".join(kiln.build_log(build["build_uuid"]))
    assert build["build_outcome"] == "success", log
    assert "list 200 look 403" in log and "send 403 make 403" in log and "consume 403" in log, log
    said = fetch(kiln, build["preview_alias_url"].rstrip("/") + "/send?n=strange")
    assert said[0] == 500 and "This version may never be live" in said[2], said
    assert backlog(kiln, queue) == 2


def test_a_queue_has_a_limit(fresh_kiln, tmp_path, name):
    kiln = fresh_kiln('[workers]\nqueue_size = "1MiB"\n')
    jobs = Jobs(kiln, tmp_path / "a", name, consume=False)
    answers = [jobs.get("full") for _ in range(12)]
    assert answers[:10] == ["sent"] * 10 and "as many messages as it may" in answers[11], answers
    assert kiln.call("POST", f"{queues(kiln)}/{jobs.id}/messages", {"body": "x" * 100_000}).error[:2] == (507, 12507)
    kiln.call("POST", f"{queues(kiln)}/{jobs.id}/purge", {"delete_messages_permanently": True}).result
    assert jobs.get("full") == "sent"


# --- what is seen, what is kept --------------------------------------------------------------------------------------

def test_tails_and_metrics_tell_of_batches(fresh_kiln, tmp_path, name):
    kiln = fresh_kiln('[metrics]\nlisten = "127.0.0.1:0"\n')
    jobs = Jobs(kiln, tmp_path / "a", name, max_retries=0)
    tail = Watching([KILN, "tail", name, "--json", "--data-dir", kiln.data], tmp_path / "tail", "Watching")
    try:
        jobs.send("seen")
        jobs.send("throw")
        tail.wait("called with 1")
        tail.wait("as it was told")
    finally:
        tail.stop()
    events = [json.loads(line) for line in (tmp_path / "tail").read_text().splitlines() if line.startswith("{")]
    batches = [event for event in events if event["event"] and "queue" in event["event"]]
    assert {"queue": jobs.queue, "batchSize": 1} in [event["event"] for event in batches]
    assert {event["outcome"] for event in batches} == {"ok", "exception"}
    url = json.loads(kiln.cli("status", "--json").stdout)["metrics_url"]
    text = until(lambda: (lambda t: t if 'kiln_worker_queue_messages_total{result="dropped"} 1' in t else None)(
        urllib.request.urlopen(url, timeout=30).read().decode()), "it to be counted")
    assert 'kiln_worker_queue_batches_total{result="failed"} 1' in text and 'kiln_worker_queue_messages_total{result="acknowledged"} 1' in text


def test_a_backup_holds_messages_and_its_copy_calls_nobody(fresh_kiln, tmp_path, name):
    kiln = fresh_kiln("")
    jobs = Jobs(kiln, tmp_path / "a", name)
    jobs.send("kept", delay=3)
    kiln.cli("backup", tmp_path / "backup", "--with-key")
    jobs.wait_seen('"kept"#1')
    copy = restored(tmp_path / "backup", tmp_path / "copy")
    assert "1 queues with messages for Workers are paused" in copy.words
    copy.start()
    try:
        there = queue_of(copy, jobs.queue)
        assert there["settings"]["delivery_paused"] and there["backlog_count"] == 1
        copied = Jobs.__new__(Jobs)
        copied.kiln, copied.name = copy, name
        assert copied.seen() == {}
        copy.call("PATCH", f"{queues(copy)}/{there['queue_id']}", {"settings": {"delivery_paused": False}}).result
        copied.wait_seen('"kept"#1')
    finally:
        copy.stop()
