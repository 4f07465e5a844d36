"""`wrangler tail` and `kiln tail`: requests and what the Worker printed, without its visitors' secrets."""
import json

from harness.server import KILN
from harness.waiting import Watching
from harness.wrangler import NODE, WRANGLERS, Wrangler
from test_serving import fetch, url_of

SCRIPT = """export default { fetch(request) {
  console.log("seen", new URL(request.url).pathname); console.warn("careful");
  if (request.url.endsWith("/throw")) throw new TypeError("no way");
  return new Response("x", { status: 201 }); } };\n"""


def test_wrangler_and_kiln_show_requests_lines_and_exceptions(kiln, tmp_path, name):
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.write(**{"index.js": SCRIPT})
    wrangler.run("deploy")
    live = url_of(kiln, name)
    assert fetch(kiln, live)[0] == 201
    env = {"PATH": str(NODE.parent), "HOME": str(tmp_path), "CLOUDFLARE_API_BASE_URL": kiln.api, "CLOUDFLARE_API_TOKEN": kiln.token,
           "CLOUDFLARE_ACCOUNT_ID": kiln.account, "WRANGLER_SEND_METRICS": "false", "NO_COLOR": "1", "CI": "true"}
    theirs = Watching([NODE, "--no-warnings", WRANGLERS["4.164"], "tail", name, "--format", "pretty"], tmp_path / "wrangler.out",
                      "waiting for logs", cwd=tmp_path, env=env)
    ours = Watching([KILN, "tail", name, "--json", "--data-dir", kiln.data], tmp_path / "kiln.out", "Watching")
    kiln_text = Watching([KILN, "tail", name, "--data-dir", kiln.data], tmp_path / "text.out", "Watching")
    try:
        assert fetch(kiln, live + "a", Authorization="hush", Cookie="hush", Accept="*/*")[0] == 201
        assert fetch(kiln, live + "throw")[0] == 500
        for watching in (theirs, ours, kiln_text):
            watching.wait("no way")
        assert f"GET {live}a - Ok" in theirs.text() and "(log) seen /a" in theirs.text() and "(warn) careful" in theirs.text()
        assert "TypeError: no way" in theirs.text()
        assert f"GET {live}a - ok" in kiln_text.text() and "(exception) TypeError: no way" in kiln_text.text()
        first, second = [json.loads(line) for line in ours.text().splitlines() if line.startswith("{")]
        assert (first["outcome"], first["event"]["response"], first["scriptName"]) == ("ok", {"status": 201}, name)
        assert [(log["level"], log["message"]) for log in first["logs"]] == [("log", ["seen /a"]), ("warn", ["careful"])]
        assert first["event"]["request"]["headers"]["accept"] == "*/*" and "hush" not in ours.text()
        assert second["outcome"] == "exception" and second["exceptions"][0]["message"] == "no way"
    finally:
        for watching in (theirs, ours, kiln_text):
            watching.stop()


def test_a_tail_is_of_its_worker_and_its_address_works_once(kiln, tmp_path, name):
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.put()
    made = kiln.call("POST", wrangler.scripts + "/tails", {"filters": []}).result
    path = made["url"].partition("/client/v4")[2]
    assert kiln.call("DELETE", f"{wrangler.scripts}/tails/{made['id']}").result is None
    assert kiln.get("/" + path).error[:2] == (404, 10007)
    assert kiln.call("POST", wrangler.scripts + "-nobody/tails", {}).error[:2] == (404, 10007)
    for _ in range(10):
        kiln.call("POST", wrangler.scripts + "/tails", {}).result
    assert kiln.call("POST", wrangler.scripts + "/tails", {}).status == 429
