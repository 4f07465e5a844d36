"""deploy.target = "cloudflare": builds deploy to another server with the user's own token, and their versions come from what
wrangler's output file claims. The hosted API is played by a second Kiln, which knows nothing of these builds."""
from urllib.parse import urlsplit

import pytest

from conftest import WORKER_JS, wrangler_config
from harness.wrangler import Wrangler


@pytest.fixture
def hosted(kiln):
    return kiln


@pytest.fixture
def ours(fresh_kiln, hosted):
    port = urlsplit(hosted.api).port
    kiln = fresh_kiln(f'[deploy]\ntarget = "cloudflare"\naccount_id = "{hosted.account}"\n'
                      f'[runner]\nforward_ports = [{port}]\n[runner.environment]\nCLOUDFLARE_API_BASE_URL = "{hosted.api}"\n')
    kiln.build_token = kiln.call("POST", "/tokens", {"build_token_name": "hosted", "build_token_secret": hosted.token,
                                                     "cloudflare_token_id": "1"}).result["build_token_uuid"]
    return kiln


def connect(kiln, repo, name, **options):
    """A Worker whose triggers deploy with the hosted account's token."""
    made = kiln.connect(repo.bare, name, **options)
    for trigger in made["triggers"]:
        kiln.call("PATCH", f"/triggers/{trigger['trigger_uuid']}", {"build_token_uuid": kiln.build_token}).result


def versions_of(kiln, name):
    return [version["id"] for version in kiln.get(f"//accounts/{kiln.account}/workers/scripts/{name}/versions").result["items"]]


def test_a_push_deploys_there_and_its_version_leads_to_the_build_here(ours, hosted, repo, name):
    connect(ours, repo, name, deploy_command="npx wrangler deploy", preview_deploy_command="npx wrangler versions upload")
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)})
    (uuid,) = repo.push()
    build, log = ours.wait(uuid), ours.build_log(uuid)
    assert build["build_outcome"] == "success", "\n".join(log)
    assert build["version_ids"] == versions_of(hosted, name)
    (version,) = build["version_ids"]
    assert ours.get(f"/builds?version_ids={version}").result["builds"][version]["build_uuid"] == uuid
    assert uuid in ours.cli("which", version).stdout
    # Nothing is said of addresses that this server does not serve.
    assert build["preview_url"] is None and not any(line.startswith(("Live at", "Preview of")) for line in log)
    assert hosted.token not in "\n".join(log)
    # A branch uploads, and leaves what is deployed alone.
    repo.commit({"index.js": WORKER_JS.replace("hello", "preview")}, branch="feature")
    (preview,) = ours.wait(repo.push()[0])["version_ids"]
    assert set(versions_of(hosted, name)) == {version, preview}
    deployed = hosted.get(f"//accounts/{hosted.account}/workers/scripts/{name}/deployments").result["deployments"]
    assert [target["version_id"] for target in deployed[0]["versions"]] == [version]


CLAIM = """echo '{"type": "deploy", "version": 1, "version_id": "%s"}' >> "$WRANGLER_OUTPUT_FILE_PATH" """


def test_a_version_of_another_build_cannot_be_claimed(ours, hosted, repo, name, tmp_path):
    connect(ours, repo, name, deploy_command="npx wrangler deploy")
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)})
    first = repo.push()[0]
    (version,) = ours.wait(first)["version_ids"]
    other = Wrangler(ours, tmp_path, name)  # uploaded to this server itself by hand: no build made it
    own = other.put("by hand")
    # What the build has a right to claim is believed; what is another's is refused, and the server's log says so.
    unknown = "0a0a0a0a-1111-4111-8111-111111111111"
    repo.commit({"deploy.sh": "\n".join(CLAIM % id for id in (version, own, unknown, "no-version"))})
    for trigger in ours.get(f"/workers/{ours.build(first)['trigger']['external_script_id']}/triggers").result:
        ours.call("PATCH", f"/triggers/{trigger['trigger_uuid']}", {"deploy_command": "sh deploy.sh"}).result
    second = repo.push()[0]
    build = ours.wait(second)
    assert build["build_outcome"] == "success" and build["version_ids"] == [unknown]
    assert ours.build(first)["version_ids"] == [version]
    assert ours.get(f"/builds?version_ids={version}").result["builds"][version]["build_uuid"] == first
    assert own not in ours.get(f"/builds?version_ids={own}").result["builds"]
    for refused in (version, own):
        assert any("version claim refused" in line and refused in line for line in ours.log().splitlines())


def test_a_token_that_is_refused_there_fails_the_build(ours, repo, name):
    ours.build_token = ours.call("POST", "/tokens", {"build_token_name": "bad", "build_token_secret": "of-nobody-at-all",
                                                     "cloudflare_token_id": "2"}).result["build_token_uuid"]
    connect(ours, repo, name, deploy_command="npx wrangler deploy")
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)})
    (uuid,) = repo.push()
    build, log = ours.wait(uuid), ours.build_log(uuid)
    assert build["build_outcome"] == "fail" and build["version_ids"] == []
    assert any("error occurred while running deploy command" in line for line in log)
    assert "of-nobody-at-all" not in "\n".join(log)
