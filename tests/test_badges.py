"""Badges: off until somebody switches one on, seen by whoever knows the address, gone when it is replaced or switched off."""
import xml.etree.ElementTree as xml

import pytest

from harness.server import http

SVG = "{http://www.w3.org/2000/svg}"


def said(answer):
    """Label and message of a picture, which is nothing but a picture."""
    assert answer.status == 200 and answer.headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache" and answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    root = xml.fromstring(answer.raw.decode())
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "title", "rect", "path", "g", "text"}
    texts = [element.text for element in root.iter(SVG + "text")]
    assert root.find(SVG + "title").text == ": ".join(texts) == root.get("aria-label")
    return tuple(texts)


@pytest.fixture
def connected(kiln, worker_repo, name):
    kiln.connect(worker_repo.bare, name)
    return name


def test_a_badge_is_off_until_it_is_switched_on(kiln, connected, worker_repo):
    assert "has no badge" in kiln.cli("badge", connected).stdout
    assert kiln.cli_json("badge", connected) is None
    early = kiln.cli("badge", connected, "--branch", "main", check=False)
    assert early.returncode == 1 and "--on makes one" in early.stderr, early.stderr
    made = kiln.cli_json("badge", connected, "--on")
    assert made["branch"] == "main" and made["markdown"] == f"![build]({made['url']})"
    assert made["url"].startswith(kiln.url + "/badges/") and connected not in made["url"]
    assert said(http("GET", made["url"])) == ("build", "none yet")
    assert said(http("GET", made["url"] + "?of=live")) == ("live", "nothing")
    assert http("GET", made["url"] + "?of=secrets").status == 400

    [first] = worker_repo.push()
    assert kiln.wait(first)["build_outcome"] == "success"
    good = http("GET", made["url"])
    assert said(good) == ("build", "passing")
    commit = kiln.build(first)["build_trigger_metadata"]["commit_hash"]
    assert said(http("GET", made["url"] + "?of=live")) == ("live", commit[:8])
    for name in (connected, "main", "First", "Ada"):
        assert name not in good.raw.decode()
    assert http("GET", made["url"], headers={"if-none-match": good.headers["etag"]}).status == 304

    # Of another branch it says nothing, of its own whether it fails.
    worker_repo.commit({"wrangler.jsonc": "{"}, "Break it aside", branch="aside")
    [aside] = worker_repo.push()
    assert kiln.wait(aside)["build_outcome"] == "fail"
    assert said(http("GET", made["url"])) == ("build", "passing")
    assert kiln.cli_json("badge", connected, "--branch", "")["url"] == made["url"]
    assert said(http("GET", made["url"])) == ("build", "failing")
    assert kiln.cli_json("badge", connected, "--branch", "main")["branch"] == "main"
    assert said(http("GET", made["url"])) == ("build", "passing")


def test_an_address_that_was_taken_back_answers_no_more(kiln, connected):
    path = f"/workers/{connected}/badge"
    first = kiln.call("PUT", path, {}).result
    assert kiln.call("PUT", path, {}).result == first == kiln.get(path).result
    assert kiln.call("PUT", path, {"branch": "x y"}).status == 400
    second = kiln.cli_json("badge", connected, "--replace")
    assert second["url"] != first["url"] and second["branch"] == first["branch"]
    gone, unknown = http("GET", first["url"]), http("GET", f"{kiln.url}/badges/5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90/badge.svg")
    assert gone.status == unknown.status == http("GET", f"{kiln.url}/badges/{connected}/badge.svg").status == 404
    assert said(http("GET", second["url"])) == ("build", "none yet")
    assert "answers no more" in kiln.cli("badge", connected, "--off").stdout
    assert http("GET", second["url"]).status == 404
    assert kiln.get(path).result is None and kiln.call("DELETE", path).status == 404
    third = kiln.cli_json("badge", connected, "--on")
    assert third["url"] not in (first["url"], second["url"])
    assert second["url"].rsplit("/", 2)[1] not in kiln.cli("audit", "--json").stdout


def test_who_may_switch_it(kiln, connected):
    reader = kiln.cli("token", "create", "--name", "r", "--permissions", "ci:read").stdout.strip()
    path = f"/workers/{connected}/badge"
    assert kiln.call("PUT", path, {}, token=reader).status == 403 == kiln.call("DELETE", path, token=reader).status
    assert kiln.call("GET", path, token=reader).status == 200
    assert kiln.get("/workers/nobody-has-it/badge").status == 404
