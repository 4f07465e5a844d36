"""What a preview branch's build can do to production: nothing, whatever its commands ask for."""
from conftest import WORKER_JS
from test_serving import fetch, url_of
from test_wrangler import active_version, connect

ATTACK = ("npx wrangler versions upload; echo stolen | npx wrangler secret put KEY; "
          "npx wrangler delete --force; npx wrangler deploy")


def test_a_preview_branchs_build_uploads_a_version_and_changes_nothing_that_is_live(kiln, worker_repo, name):
    connected = connect(kiln, worker_repo, name)
    kiln.wait(worker_repo.push()[0])
    live = active_version(kiln, name)
    (previews,) = [t["trigger_uuid"] for t in connected["triggers"] if t["branch_includes"] != ["main"]]
    kiln.call("PATCH", f"/triggers/{previews}", {"deploy_command": ATTACK}).result
    worker_repo.commit({"index.js": WORKER_JS.replace("hello", "evil")}, branch="feature")
    build = kiln.wait(worker_repo.push()[0])
    log = "\n".join(kiln.build_log(build["build_uuid"]))
    assert build["build_outcome"] == "fail" and build["version_ids"], log
    flat = " ".join(log.split())
    for words in (f"PUT workers/scripts/{name}/secrets", f"POST workers/scripts/{name}/deployments", "'feature'",
                  'builds.preview_token = "full"'):
        assert words in flat, log
    assert active_version(kiln, name) == live and "hello" in fetch(kiln, url_of(kiln, name))[2]
    scripts = f"//accounts/{kiln.account}/workers/scripts/{name}"
    assert kiln.get(scripts + "/secrets").result == []
    # What a person does next starts from production, not from what the branch left.
    kiln.call("PUT", scripts + "/secrets", {"name": "KEY", "text": "real", "type": "secret_text"}).result
    assert "hello" in fetch(kiln, url_of(kiln, name))[2]


def test_a_branch_that_the_trigger_names_deploys(kiln, worker_repo, name):
    connected = connect(kiln, worker_repo, name)
    kiln.wait(worker_repo.push()[0])
    (previews,) = [t["trigger_uuid"] for t in connected["triggers"] if t["branch_includes"] != ["main"]]
    kiln.call("PATCH", f"/triggers/{previews}",
              {"deploy_command": "npx wrangler deploy", "branch_includes": ["staging", "*"]}).result
    worker_repo.commit({"index.js": WORKER_JS.replace("hello", "staged")}, branch="staging")
    build = kiln.wait(worker_repo.push()[0])
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(build["build_uuid"]))
    assert "staged" in fetch(kiln, url_of(kiln, name))[2]
