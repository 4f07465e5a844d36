"""The official TypeScript SDK lists Workers, versions and deployments, and its own pagers reach every item exactly once."""
import pytest

from conftest import WORKER_JS, wrangler_config
from harness.clients import sdk
from harness.githost import Repo
from harness.stored import Stored, as_text


NAME = "sdk-shop"


@pytest.fixture(scope="module")
def deployed(kiln, tmp_path_factory):
    """A Worker with three builds, newest first in `builds`, each of which deployed a version."""
    repo = Repo(tmp_path_factory.mktemp("sdk"), NAME)
    repo.tag = kiln.connect(repo.bare, NAME)["worker"]["tag"]
    repo.builds = []
    for text in ("one", "two", "three"):
        repo.commit({"index.js": WORKER_JS.replace("hello", text), "wrangler.jsonc": wrangler_config(NAME)}, text)
        (uuid,) = repo.push()
        repo.builds.insert(0, kiln.wait(uuid))
        assert repo.builds[0]["build_outcome"] == "success", "\n".join(kiln.build_log(uuid))
    return repo


def check_pages(pages, expected, per_page):
    """The pages hold `expected` in order, each item once, and say truly whether another one follows."""
    assert [item for page in pages for item in page["items"]] == expected
    full = -(-len(expected) // per_page)
    assert len(pages) == full + 1, "the SDK's pager stops at the first empty page"
    full = max(full, 1)
    for number, page in enumerate(pages, 1):
        assert page["result_info"] == {
            "page": number, "per_page": per_page, "count": len(page["items"]), "total_count": len(expected),
            "total_pages": full, "next_page": number < full}


def test_workers_are_listed_with_their_tags(kiln, deployed):
    listed = sdk(kiln, "scripts")
    rows = Stored(kiln).rows("SELECT name, tag FROM workers WHERE deleted_on IS NULL")
    assert {script["id"]: script["tag"] for script in listed} == {row["name"]: row["tag"] for row in rows}
    assert len(listed) == len(rows)
    (mine,) = [script for script in listed if script["id"] == NAME]
    assert mine["tag"] == deployed.tag


def test_versions_are_paged_newest_first(kiln, deployed):
    versions = [version for build in deployed.builds for version in build["version_ids"]]
    assert len(versions) == 3
    for per_page in (1, 2, 3):
        pages = sdk(kiln, "versions", NAME, per_page)
        for page in pages:
            page["items"] = [version["id"] for version in page["items"]]
        check_pages(pages, versions, per_page)
    one = sdk(kiln, "version", NAME, versions[1])
    assert one["id"] == versions[1] and one["number"] == 2 and one["resources"]["script"]["etag"]


def test_deployments_are_paged_and_the_first_is_live(kiln, deployed):
    rows = Stored(kiln).rows("SELECT id FROM deployments WHERE worker_tag = ? ORDER BY number DESC", deployed.tag)
    expected = [as_text(row["id"]) for row in rows]
    assert len(expected) == 3
    for per_page in (1, 2):
        pages = sdk(kiln, "deployments", NAME, per_page)
        live = pages[0]["items"][0]["versions"]
        for page in pages:
            page["items"] = [deployment["id"] for deployment in page["items"]]
        check_pages(pages, expected, per_page)
    assert live == [{"version_id": deployed.builds[0]["version_ids"][0], "percentage": 100}]


def test_the_builds_of_a_worker_are_paged(kiln, deployed):
    expected = [kiln.build(build["build_uuid"]) for build in deployed.builds]
    for per_page in (1, 2, 3):
        check_pages(sdk(kiln, "pages", f"/workers/{deployed.tag}/builds", per_page), expected, per_page)


def test_a_build_that_comes_while_one_pages_hides_none(kiln, deployed):
    """Newer builds push the others to later pages: seen twice, but never not at all."""
    path = f"/workers/{deployed.tag}/builds?per_page=2"
    first = kiln.get(path).result
    trigger = deployed.builds[0]["trigger"]["trigger_uuid"]
    uuid = kiln.call("POST", f"/triggers/{trigger}/builds", {"branch": "main"}).result["build_uuid"]
    second = kiln.get(path + "&page=2").result
    assert {b["build_uuid"] for b in first + second} == {b["build_uuid"] for b in deployed.builds}
    deployed.builds.insert(0, kiln.wait(uuid))


def test_build_tokens_are_paged(fresh_kiln):
    kiln = fresh_kiln()
    for number in range(5):
        kiln.call("POST", "/tokens", {"build_token_name": f"t{number}", "build_token_secret": "s",
                                      "cloudflare_token_id": "x"}).result
    expected = Stored(kiln).build_tokens()
    assert len(expected) >= 5
    for per_page in (1, 2, 5, 200):
        check_pages(sdk(kiln, "pages", "/tokens", per_page), expected, per_page)
    for token in expected:
        kiln.call("DELETE", f"/tokens/{token['build_token_uuid']}").result
    check_pages(sdk(kiln, "pages", "/tokens", 2), [], 2)


def test_the_generic_get_reaches_the_headline_call_and_refusals_become_the_sdks_errors(kiln, deployed):
    version = deployed.builds[0]["version_ids"][0]
    found = sdk(kiln, "get", f"/builds?version_ids={version}")
    assert found == {"ok": True, "result": {"builds": {version: deployed.builds[0]}}}
    unknown = sdk(kiln, "get", "/builds/00000000-0000-4000-8000-000000000000")
    assert unknown == {"ok": False, "kind": "NotFoundError", "status": 404, "codes": [12000]}
    bad = sdk(kiln, "get", "/builds?version_ids=nonsense")
    assert bad == {"ok": False, "kind": "BadRequestError", "status": 400, "codes": [12002]}
