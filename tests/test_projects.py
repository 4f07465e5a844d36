"""Real projects against the real npm registry: from an empty cache to a deployed version, then again from a warm one.
Their sources are in tests/projects/."""
import shutil
from pathlib import Path

import pytest

from harness.githost import git

PROJECTS = Path(__file__).parent / "projects"


def site(name, assets="./dist"):
    return (f'{{ "name": "{name}", "compatibility_date": "2026-11-01", "assets": {{ "directory": "{assets}" }} }}\n')


def worker(name):
    return f'{{ "name": "{name}", "main": "dist/index.js", "compatibility_date": "2026-11-01" }}\n'


def connect(kiln, repo, name, **options):
    answer = kiln.connect(repo.bare, name, build_command="npm run build", deploy_command="wrangler deploy", **options)
    trigger = answer["triggers"][0]["trigger_uuid"]
    kiln.call("PATCH", f"/triggers/{trigger}", {"build_caching_enabled": True}).result


def take(repo, project):
    shutil.copytree(PROJECTS / project, repo.work, dirs_exist_ok=True)


def finished(kiln, uuid):
    """The log of a build that has deployed one version."""
    build = kiln.wait(uuid, 300)
    log = kiln.build_log(uuid)
    assert build["build_outcome"] == "success", "\n".join(log)
    assert len(build["version_ids"]) == 1
    return log


def by_worker(kiln, uuids):
    return {kiln.build(uuid)["trigger"]["external_script_id"]: finished(kiln, uuid) for uuid in uuids}


def check_cold_then_warm(cold, warm, tool, install):
    assert any(line.startswith("Detected the following tools from environment:") and tool in line for line in cold)
    assert f"Installing project dependencies: {install}" in cold
    assert "Success: Dependencies uploaded to build cache." in cold
    assert "Restoring from dependencies cache" in warm
    assert "Dependencies cache is up to date: the lock file has not changed since it was saved" in warm


@pytest.mark.parametrize("project", ["vite-react", "astro"])
def test_a_site_from_an_empty_cache_and_from_a_warm_one(kiln, repo, name, project):
    take(repo, project)
    repo.commit({"wrangler.jsonc": site(name), ".gitignore": "node_modules\ndist\n"})
    connect(kiln, repo, name)
    cold = finished(kiln, repo.push()[0])
    repo.commit()
    warm = finished(kiln, repo.push()[0])
    check_cold_then_warm(cold, warm, "npm@", "npm clean-install --progress=false")
    if project == "astro":
        assert "Success: Build output uploaded to build cache." in cold
        assert "Restoring from build output cache" in warm


def test_a_pnpm_workspace(kiln, repo, name):
    take(repo, "pnpm-workspace")
    repo.commit({"packages/site/wrangler.jsonc": site(name), ".gitignore": "node_modules\ndist\n"})
    connect(kiln, repo, name, root_directory="packages/site")
    cold = finished(kiln, repo.push()[0])
    repo.commit()
    warm = finished(kiln, repo.push()[0])
    check_cold_then_warm(cold, warm, "pnpm@10.11.1", "pnpm install --frozen-lockfile")
    assert not any("downloaded 1" in line for line in warm)


def test_an_npm_monorepo_of_two_workers(kiln, repo, name):
    take(repo, "npm-monorepo")
    repo.commit({"apps/api/wrangler.jsonc": worker(f"{name}-api"), "apps/site/wrangler.jsonc": site(f"{name}-site"),
                 ".gitignore": "node_modules\ndist\n"})
    for app in ("api", "site"):
        connect(kiln, repo, f"{name}-{app}", root_directory=f"apps/{app}")
    uuids = repo.push()
    assert len(uuids) == 2
    cold = by_worker(kiln, uuids)
    repo.commit()
    warm = by_worker(kiln, repo.push())
    assert cold.keys() == warm.keys() and len(cold) == 2
    for tag, log in cold.items():
        check_cold_then_warm(log, warm[tag], "npm@", "npm clean-install --progress=false")
    # One mirror for both.
    mirrors = [m for m in (kiln.data / "runner" / "mirrors").iterdir()
               if git(m, "cat-file", "-e", repo.head(), check=False).returncode == 0]
    assert len(mirrors) == 1
