"""The page in Chromium: its first load, first line of a log of a million lines, jumps, search, what stays in memory, how long keys and
clicks take, how old a line is when it is seen, and Lighthouse's marks of Home and of a build."""
import sys
import tempfile
from pathlib import Path

from harness.githost import Repo
from harness.server import ROOT, Kiln, http
from harness.waiting import until

sys.path.insert(0, str(ROOT / "tests" / "page"))
sys.path.insert(0, str(ROOT / "bench" / "lighthouse"))
from browser import Browser  # noqa: E402  the paths are above
from marks import PROGRAM, best_of  # noqa: E402

WORKER = {"index.js": "export default { fetch() { return new Response('hello'); } };\n",
          "wrangler.jsonc": '{ "name": "big", "main": "index.js", "compatibility_date": "2026-11-01" }\n'}
MILLION = ("awk 'BEGIN { for (i = 1; i <= 1000000; i++) print \"the quick brown fox jumps over the lazy dog, number \" i \" of them\" }'; "
           "echo 'error: and then it fell'; exit 1")
CLOCK = "for i in $(seq 1 900); do echo \"printed at $(date +%s%3N)\"; sleep 0.05; done"


def row(what, value, unit, most, digits=0):
    print(f"{what:44} {value:8.{digits}f} {unit:3} {value / most:5.2f}x of {most} {unit} (goal: at most 1x)")


def mark(what, value, least):
    print(f"{what:44} {value:8.0f}     {value / least:5.2f}x of {least} (goal: at least 1x)")


def lighthouse(kiln, pages):
    if not PROGRAM.exists():
        print("Lighthouse is not in build/lighthouse: left out; tools/setup.sh bench installs it")
        return
    signed = http("POST", kiln.url + "/kiln/v1/session", {"token": kiln.token}, {"origin": kiln.url, "sec-fetch-site": "same-origin"})
    cookie = signed.headers["set-cookie"].split(";")[0]
    for name, path in pages.items():
        report = best_of(kiln.url + path, cookie, 3)
        if isinstance(report, str):
            print(f"Lighthouse of {name}: {report}")
            continue
        for category, least in (("performance", 98), ("accessibility", 100), ("best-practices", 100)):
            mark(f"{name}: {category} (Lighthouse)", report["categories"][category]["score"] * 100, least)
        audits = report["audits"]
        row(f"{name}: largest contentful paint", audits["largest-contentful-paint"]["numericValue"], "ms", 800)
        row(f"{name}: layout shift", audits["cumulative-layout-shift"]["numericValue"], "", 0.02, 3)
        for audit, found in audits.items():
            if found.get("score") is not None and found["score"] < 0.9 and found.get("scoreDisplayMode") in ("binary", "metricSavings"):
                print(f"    {audit}: {found['title']} {found.get('displayValue', '')}")


def main():
    browser = Browser()
    with tempfile.TemporaryDirectory() as temporary:
        kiln = Kiln(temporary, "[builds]\nconcurrency = 2\n").start()
        try:
            repo = Repo(Path(temporary), "big")
            kiln.connect(repo.bare, "big", build_command=MILLION)
            repo.commit(WORKER)
            build = repo.push()[0]
            until(lambda: kiln.build(build)["status"] == "stopped", "the million lines", 300)
            page = kiln.url.replace("127.0.0.1", "localhost")
            row("first load, compressed", browser.run("first_load_is_light", url=page) / 1000, "kB", 70, 1)
            place = {"url": kiln.url, "token": kiln.token, "account": kiln.account}
            found = browser.run("measure_long_log", limit=300, build=build, **place)
            row("first line of 1,000,000, after navigation", found["first"], "ms", 300)
            row("jump anywhere in them, median", found["jump"], "ms", 150)
            row("jump anywhere in them, longest of ten", found["jumpMost"], "ms", 150)
            row("search in them (about 64 MB), median", found["search"], "ms", 500)
            row("heap after reading through", found["heap"] / 1e6, "MB", 60)
            row("elements", found["nodes"], "", 1400)
            acted = browser.run("measure_interactions", build=build, **place)
            row("slowest key or click to its paint, Home", acted["home"], "ms", 100)
            row("slowest key or click to its paint, Build", acted["build"], "ms", 100)
            trigger = kiln.build(build)["trigger"]["trigger_uuid"]
            kiln.call("PATCH", f"/triggers/{trigger}", {"build_command": CLOCK})
            repo.commit({"a": "1"})
            live = repo.push()[0]
            kiln.wait_log(live, "printed at")
            ages = browser.run("measure_live", limit=120, build=live, **place)
            row("line printed to line seen, p95", ages["p95"], "ms", 250)
            kiln.call("PUT", f"/builds/{live}/cancel")
            lighthouse(kiln, {"Home": "/", "Build": f"/builds/{build}"})
        finally:
            kiln.stop()
            browser.stop()


if __name__ == "__main__":
    main()
