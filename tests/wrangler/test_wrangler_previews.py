"""Named previews: `wrangler preview`, which only the newest wrangler has."""
import json

import pytest

from harness.wrangler import MODULE, Wrangler
from test_serving import fetch


@pytest.fixture
def wrangler(kiln, tmp_path, name):
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.configure(previews={"vars": {"NAME": "preview"}, "observability": {"enabled": True}}, vars={"NAME": "live"})
    return wrangler


def preview_of(wrangler, tail=""):
    return wrangler.kiln.get(f"{wrangler.worker}/previews/feat%2Fone{tail}")


def test_a_preview_has_its_own_settings_deployments_secrets_and_end(wrangler, kiln):
    first = wrangler.entry("preview", "preview", "--name", "feat/one", "--message", "look", CI_COMMIT_SHA="", COMMIT_SHA="c0ffee")
    stored = preview_of(wrangler).result
    assert (first.preview_name, first.preview_slug, first.preview_id) == ("feat/one", "feat-one", stored["id"])
    assert first.preview_urls == stored["urls"] and f"//feat-one-{wrangler.name}." in stored["urls"][0]
    assert f"//{first.deployment_id[:8]}-{wrangler.name}." in first.deployment_urls[0]
    assert stored["observability"]["enabled"] is True
    latest = preview_of(wrangler, "/deployments/latest").result
    assert latest["id"] == first.deployment_id and latest["env"] == {"NAME": {"type": "plain_text", "text": "preview"}}
    assert latest["annotations"]["workers/message"] == "look"
    assert fetch(kiln, stored["urls"][0])[1]["x-kiln-version"] == first.deployment_id
    assert fetch(kiln, first.deployment_urls[0])[1]["x-kiln-version"] == first.deployment_id
    assert wrangler.versions() == [] and wrangler.aliases() == {"feat-one": first.deployment_id}

    wrangler.run("preview", "secret", "put", "S", "--name", "feat/one", stdin="hush")
    wrangler.write(**{"index.js": MODULE % "two"})
    second = wrangler.entry("preview", "preview", "--name", "feat/one")
    assert fetch(kiln, stored["urls"][0])[2] == "two"
    assert second.preview_id == first.preview_id and second.deployment_id != first.deployment_id
    env = preview_of(wrangler, "/deployments/latest").result["env"]
    assert env == {"NAME": {"type": "plain_text", "text": "preview"}, "S": {"type": "secret_text"}}
    assert wrangler.aliases() == {"feat-one": second.deployment_id}
    assert json.loads(wrangler.run("preview", "secret", "list", "--name", "feat/one", "--json").text) == [
        {"name": "S", "type": "secret_text"}]

    wrangler.run("preview", "delete", "--name", "feat/one", "-y")
    assert preview_of(wrangler).error[:2] == (404, 10025) and wrangler.aliases() == {}
    assert fetch(kiln, stored["urls"][0])[0] == 404


def test_a_preview_with_assets_keeps_their_headers(wrangler):
    wrangler.put()
    wrangler.configure(previews={}, assets={"directory": "public", "binding": "ASSETS"})
    wrangler.write(**{"public/index.html": wrangler.name, "public/_headers": "/*\n  X-A: 1\n"})
    made = wrangler.entry("preview", "preview", "--name", "assets")
    assert "Uploaded 1 of 1 asset" in made.text
    assert len(wrangler.versions()) == 1 and list(wrangler.aliases()) == ["assets"]
