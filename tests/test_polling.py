"""What readers that poll rely on: entity tags, 304 and gzip; never a stale answer."""
import pytest

from conftest import WORKER_JS, wrangler_config
from harness.githost import Repo


@pytest.fixture(scope="module")
def built(kiln, tmp_path_factory):
    """A build that uploaded a version: its uuid, the Worker's tag, its triggers, the version."""
    repo = Repo(tmp_path_factory.mktemp("polled"), "polled")
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config("polled")})
    connected = kiln.connect(repo.bare, "polled", build_command="true")
    (uuid,) = repo.push()
    (version,) = kiln.wait(uuid)["version_ids"]
    return uuid, connected["worker"]["tag"], connected["triggers"], version


@pytest.fixture(params=["one", "latest", "list", "by version"])
def path(request, built):
    uuid, tag, _, version = built
    return {"one": f"/builds/{uuid}", "latest": f"/builds/latest?external_script_ids={tag}",
            "list": f"/workers/{tag}/builds", "by version": f"/builds?version_ids={version}"}[request.param]


def test_a_reader_that_has_the_answer_gets_304(kiln, path):
    first = kiln.get(path)
    tag = first.headers["etag"]
    assert first.status == 200 and tag.startswith('W/"')
    again = kiln.get(path, headers={"if-none-match": tag})
    assert again.status == 304 and again.raw == b"" and again.headers["etag"] == tag
    assert kiln.get(path, headers={"if-none-match": '"other"'}).raw == first.raw
    assert kiln.get(path, headers={"if-none-match": tag}, token="wrong").status == 401, "a tag is no key"


def test_the_tag_changes_with_the_trigger(kiln, path, built, name):
    before = kiln.get(path)
    for trigger in built[2]:
        kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}", {"trigger_name": f"Renamed by {name}"}).result
    after = kiln.get(path, headers={"if-none-match": before.headers["etag"]})
    assert after.status == 200 and f'"trigger_name":"Renamed by {name}"' in after.raw.decode()
    assert after.headers["etag"] != before.headers["etag"]


def test_gzip_when_asked_for(kiln, path):
    plain = kiln.get(path)
    assert "content-encoding" not in plain.headers and plain.headers["vary"] == "accept-encoding"
    squeezed = kiln.get(path, headers={"accept-encoding": "gzip"})
    assert squeezed.raw == plain.raw and squeezed.headers["etag"] == plain.headers["etag"]
    if len(plain.raw) < 1024:
        assert "content-encoding" not in squeezed.headers, "too small to be worth it"
        return
    assert squeezed.headers["content-encoding"] == "gzip"
    assert int(squeezed.headers["content-length"]) < len(plain.raw) * 0.8
