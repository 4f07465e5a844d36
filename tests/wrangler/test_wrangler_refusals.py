"""What Kiln refuses, in the words that wrangler prints."""
import pytest

from harness.wrangler import Wrangler


@pytest.fixture
def wrangler(kiln, tmp_path, name):
    return Wrangler(kiln, tmp_path, name)


@pytest.mark.parametrize("config, words", [
    ({"routes": [{"pattern": "example.com/*", "zone_name": "example.com"}]}, "Kiln serves no Worker of this account at example.com"),
    ({"analytics_engine_datasets": [{"binding": "EVENTS", "dataset": "e"}]}, "'EVENTS' is of type analytics_engine"),
    ({"ai": {"binding": "AI"}}, "'AI' is of type ai"),
    ({"images": {"binding": "IMAGES"}}, "or switch off what asks for it in the framework's own"),
    ({"services": [{"binding": "API", "service": "nobody"}]}, "names the Worker 'nobody'"),
], ids=lambda value: "-".join(value) if isinstance(value, dict) else "")
def test_what_kiln_does_not_have_is_named(wrangler, config, words):
    wrangler.configure(**config)
    done = wrangler.run("deploy", fails=True)
    assert words in done.text.replace("\n", " "), done.text
    assert "command-failed" in done.types


def test_a_bad_alias_and_a_missing_secret_and_a_missing_worker_are_explained(wrangler):
    assert "does not yet exist" in wrangler.run("versions", "upload", fails=True).text
    wrangler.put()
    bad = wrangler.run("versions", "upload", "--preview-alias", "Bad Alias!", fails=True)
    assert "lower-case letters, digits and hyphens" in bad.text
    wrangler.configure(secrets={"required": ["NEEDED"]})
    assert "NEEDED" in wrangler.run("deploy", fails=True).text
    assert len(wrangler.versions()) == 1


@pytest.mark.parametrize("assets", [None, {"directory": "public"}], ids=["plain", "assets"])
def test_experimental_flags_are_refused_by_name_before_anything_is_live(wrangler, assets):
    live = wrangler.put()
    wrangler.write(**{"public/a.txt": "a"})
    wrangler.configure(compatibility_flags=["nodejs_compat", "unsafe_module"], assets=assets)
    text = " ".join(wrangler.run("deploy", fails=True).text.split())
    assert "'unsafe_module' is experimental" in text and "10021" in text, text
    assert wrangler.versions() == [live]


def test_a_stranger_gets_one_sentence(wrangler):
    wrangler.put()
    assert "Invalid access token" in wrangler.run("deploy", fails=True, CLOUDFLARE_API_TOKEN="wrong").text


def test_paths_of_other_products_are_named_and_unknown_ones_are_not(kiln):
    account = f"//accounts/{kiln.account}"
    for path, words in ((f"{account}/r2/buckets/x/lifecycle", "R2"), (f"{account}/r2-catalog/x", "R2"), (f"{account}/d1/insights", "D1"), ("//zones?name=a", "zones"),
                        (f"{account}/workers/dispatch/namespaces", "dispatch"), (f"{account}/pages/projects", "Pages"),
                        (f"{account}/workers/routes", "zones"), (f"{account}/r2x", "Could not route")):
        status, code, message = kiln.get(path).error
        assert (status, code) == (404, 7003) and words in message, (path, message)
    refused = kiln.call("POST", f"{account}/r2/temp-access-credentials", {"bucket": "x"})
    assert refused.status == 404 and "no S3 endpoint" in " ".join(refused.error[2].split())
