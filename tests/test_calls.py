"""Workers that call each other with more than fetch(), that cache, and that others listen to, with the real wrangler."""
import pytest

from harness.waiting import until
from harness.wrangler import Wrangler
from test_serving import fetch, url_of

CALLEE = """\
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  add(a, b) { return a + b + OFFSET; }
  refuse() { throw new RangeError("not today"); }
  fetch() { return new Response("callee"); }
}
export class Admin extends WorkerEntrypoint {
  who(caller) { return `admin for ${caller}`; }
  async each(items, call) { for (const item of items) await call(item); return items.length; }
}
"""
CALLER = """\
export default { async fetch(request, env) {
  const seen = [];
  let error;
  try { await env.API.refuse(); } catch (e) { error = `${e.name}: ${e.message}`; }
  const counted = await env.ADMIN.each(["a", "b"], (item) => { seen.push(item); });
  return Response.json({ sum: await env.API.add(2, 3), who: await env.ADMIN.who("me"), error, counted, seen,
                         fetched: await (await env.API.fetch("http://api/")).text() });
} };
"""


@pytest.fixture
def worker(kiln, tmp_path, name):
    return lambda end="": Wrangler(kiln, tmp_path / f"project{end}", name + end)


def test_rpc_reaches_default_and_named_entrypoints_of_what_is_live(kiln, worker, name):
    callee, caller = worker("-callee"), worker()
    callee.write(**{"index.js": CALLEE.replace("OFFSET", "0")})
    callee.run("deploy")
    caller.write(**{"index.js": CALLER})
    caller.configure(services=[{"binding": "API", "service": callee.name},
                               {"binding": "ADMIN", "service": callee.name, "entrypoint": "Admin"}])
    caller.run("deploy")
    wanted = ('{"sum":5,"who":"admin for me","error":"RangeError: not today","counted":2,"seen":["a","b"],'
              '"fetched":"callee"}')
    assert fetch(kiln, url_of(kiln, name))[2] == wanted
    callee.write(**{"index.js": CALLEE.replace("OFFSET", "100")})
    callee.run("deploy")
    assert fetch(kiln, url_of(kiln, name))[2] == wanted.replace('"sum":5', '"sum":105')


def test_a_cached_response_answers_until_it_is_deleted_and_is_the_workers_own(kiln, worker, name):
    code = """\
export default { async fetch(request) {
  const key = new Request("https://cache.test/a");
  if (request.method === "DELETE") return new Response(String(await caches.default.delete(key)));
  const found = await caches.default.match(key);
  if (found) return new Response(`hit ${await found.text()} ${found.headers.get("cf-cache-status")}`);
  await caches.default.put(key, new Response("v", { headers: { "cache-control": "max-age=60" } }));
  return new Response("miss");
} };
"""
    for one in (worker(), worker("-other")):
        one.write(**{"index.js": code})
        one.run("deploy")
        assert fetch(kiln, url_of(kiln, one.name))[::2] == (200, "miss")
        assert fetch(kiln, url_of(kiln, one.name))[2] == "hit v HIT"


def test_a_tail_consumer_hears_of_each_request(kiln, worker, name):
    watcher, watched = worker("-watcher"), worker()
    watcher.write(**{"index.js": "let n = 0; export default { fetch() { return new Response('n=' + n); }, tail(e) { n += e.length; } };\n"})
    watcher.run("deploy")
    watched.write(**{"index.js": "export default { fetch() { return new Response('x'); } };\n"})
    watched.run("deploy")
    assert fetch(kiln, url_of(kiln, name))[2] == "x"
    watched.configure(tail_consumers=[{"service": watcher.name}])
    watched.run("deploy")
    for _ in range(3):
        assert fetch(kiln, url_of(kiln, name))[2] == "x"
    until(lambda: fetch(kiln, url_of(kiln, watcher.name))[2] == "n=3", "the consumer to hear of three requests", 20)


def test_a_cron_trigger_runs_at_its_minute_and_a_bad_one_is_refused(kiln, worker, name):
    one = worker()
    one.write(**{"index.js": "let n = 0, last; export default { fetch() { return Response.json({ n, last }); },\n"
                             "  scheduled(event) { n++; last = [event.cron, event.scheduledTime % 60000]; } };\n"})
    one.configure(triggers={"crons": ["* * * * *", "0 0 LW * SUN"]})
    assert "schedule: * * * * *" in one.run("deploy").text
    schedules = one.get("/schedules")["schedules"]
    assert [each["cron"] for each in schedules] == ["* * * * *", "0 0 LW * SUN"]
    assert all(each["next_on"] > each["modified_on"] for each in schedules)
    one.configure(triggers={"crons": ["0 22 * * 0"]})
    assert "[code: 10100]" in one.run("deploy", fails=True).text
    assert one.get("/schedules")["schedules"][0]["cron"] == "* * * * *", "the refused one changes nothing"
    until(lambda: '"last":["* * * * *",0]' in fetch(kiln, url_of(kiln, name))[2], "the trigger to run", 90)
