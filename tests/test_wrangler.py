"""The main job: a push becomes a Worker version, and the published API says which build made it."""
import json

from conftest import WORKER_JS
from harness.clients import cf, run_wrangler


def connect(kiln, repo, name, **options):
    return kiln.connect(repo.bare, name, **options)


def active_version(kiln, name):
    """The published guide's first step: the active deployment's version."""
    listed = kiln.get(f"//accounts/{kiln.account}/workers/scripts/{name}/deployments").result
    return listed["deployments"][0]["versions"][0]["version_id"]


def test_a_push_deploys_and_the_version_leads_back_to_its_build(kiln, worker_repo, name):
    connect(kiln, worker_repo, name)
    (uuid,) = worker_repo.push()
    build = kiln.wait(uuid)
    log = kiln.build_log(uuid)
    assert build["build_outcome"] == "success", "\n".join(log)
    version = active_version(kiln, name)
    assert build["version_ids"] == [version]
    answer = kiln.get(f"/builds?version_ids={version}")
    assert list(answer.result["builds"]) == [version]
    found = answer.result["builds"][version]
    assert found["build_uuid"] == uuid
    assert found["build_trigger_metadata"]["commit_hash"] == worker_repo.head()
    assert answer.json["result_info"] == {"page": 1, "per_page": 20, "count": 1, "total_count": 1, "total_pages": 1,
                                          "next_page": False}
    which = kiln.cli("which", version).stdout
    assert uuid in which and worker_repo.head()[:7] in which and "Ada Author" in which and "main" in which


def test_a_preview_branch_uploads_a_version_without_deploying_it(kiln, worker_repo, name):
    connect(kiln, worker_repo, name)
    kiln.wait(worker_repo.push()[0])
    live = active_version(kiln, name)
    worker_repo.commit({"index.js": WORKER_JS.replace("hello", "preview")}, branch="feature/new")
    (uuid,) = worker_repo.push()
    build = kiln.wait(uuid)
    assert build["build_outcome"] == "success", "\n".join(kiln.build_log(uuid))
    (version,) = build["version_ids"]
    assert version != live and active_version(kiln, name) == live
    versions = kiln.get(f"//accounts/{kiln.account}/workers/scripts/{name}/versions").result["items"]
    assert [v["id"] for v in versions][:2] == [version, live]
    assert versions[0]["annotations"].get("workers/alias") == "feature-new"
    assert build["preview_url"] and version[:8] in build["preview_url"]
    aliases = f"//accounts/{kiln.account}/workers/scripts/{name}/aliases"
    assert [alias["version_id"] for alias in kiln.get(aliases).result] == [version]
    worker_repo.push("--delete", "feature/new")
    assert f"of the Worker {name}, the alias feature-new ended" in worker_repo.answer
    assert kiln.get(aliases).result == []
    assert kiln.build(uuid)["version_ids"] == [version]


def test_static_assets_are_uploaded_by_the_real_wrangler(kiln, repo, name):
    repo.commit({"public/index.html": "<h1>hi</h1>", "public/a b.txt": "spaced", "index.js": WORKER_JS,
                 "wrangler.jsonc": json.dumps({"name": name, "main": "index.js", "compatibility_date": "2026-11-01",
                                               "assets": {"directory": "public", "binding": "ASSETS"}})})
    connect(kiln, repo, name)
    (uuid,) = repo.push()
    build = kiln.wait(uuid)
    log = kiln.build_log(uuid)
    assert build["build_outcome"] == "success", "\n".join(log)
    assert any("Uploaded 2" in line for line in log)
    scripts = kiln.get(f"//accounts/{kiln.account}/workers/scripts").result
    assert next(s for s in scripts if s["id"] == name)["has_assets"] is True


def test_wrangler_by_hand_deploys_and_rolls_back_and_such_versions_have_no_build(kiln, worker_repo, name):
    done = run_wrangler(kiln, worker_repo.work, "deploy")
    assert done.returncode == 0, done.stderr
    first = active_version(kiln, name)
    assert kiln.get(f"/builds?version_ids={first}").result["builds"] == {}
    worker_repo.commit({"index.js": WORKER_JS.replace("hello", "again")})
    assert run_wrangler(kiln, worker_repo.work, "deploy").returncode == 0
    assert active_version(kiln, name) != first
    back = run_wrangler(kiln, worker_repo.work, "rollback", first, "-y")
    assert back.returncode == 0, back.stderr
    assert active_version(kiln, name) == first
    for words in (["versions", "list"], ["deployments", "status"], ["whoami"]):
        done = run_wrangler(kiln, worker_repo.work, *words)
        assert done.returncode == 0, f"{words}: {done.stderr}"


def test_the_official_cf_cli_gets_the_build_of_a_version(kiln, worker_repo, name):
    connect(kiln, worker_repo, name)
    (uuid,) = worker_repo.push()
    (version,) = kiln.wait(uuid)["version_ids"]
    answer = cf(kiln, "builds", "jobs", "get-version-ids", "--version-ids", version)
    assert answer["builds"][version] == kiln.build(uuid)
