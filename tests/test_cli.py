"""The command line as scripts use it: exit codes, JSON, what stands on which stream; and the demo of `make run`."""
import json
import os
import subprocess

from harness.server import KILN, ROOT


def run(*words, **env):
    return subprocess.run([KILN, *map(str, words)], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, env=os.environ | env)


def test_help_and_wrong_usage():
    assert run("--help").returncode == 0
    for words in ([], ["frobnicate"], ["logs"], ["serve", "--listen", "nonsense"]):
        done = run(*words)
        assert done.returncode == 2, words
        assert done.stderr and not done.stdout, words


def test_without_a_server_the_message_says_how_to_start_one(tmp_path):
    done = run("status", "--data-dir", tmp_path)
    assert done.returncode == 1 and "kiln serve" in done.stderr


def test_the_data_directory_may_come_from_the_environment(kiln):
    done = run("status", "--json", KILN_DATA_DIR=str(kiln.data))
    status = json.loads(done.stdout)
    assert done.returncode == 0
    assert status["account_id"] == kiln.account and status["api_base_url"] == kiln.api and status["version"]


def test_token_create_prints_the_token_alone(kiln):
    done = kiln.cli("token", "create", "--name", "n", "--permissions", "ci:read")
    assert len(done.stdout.split()) == 1 and done.stdout.endswith("\n")
    assert kiln.get("/account/limits", token=done.stdout.strip()).status == 200
    assert kiln.cli("token", "create", "--name", "n", "--permissions", "everything", check=False).returncode != 0


def test_a_second_server_on_the_same_data_is_refused(kiln):
    done = run("serve", "--data-dir", kiln.data, "--listen", "127.0.0.1:0")
    assert done.returncode == 1 and "already" in done.stderr


def test_build_follow_retry_and_which(kiln, worker_repo, name):
    kiln.connect(worker_repo.bare, name)
    worker_repo.push("HEAD")
    built = kiln.cli("build", name, "--follow")
    assert "Success! Build completed." in built.stdout
    builds = kiln.builds_of(name)
    assert [b["build_trigger_metadata"]["build_trigger_source"] for b in builds] == ["manual", "push"]
    (version,) = builds[0]["version_ids"]
    which = json.loads(kiln.cli("which", version, "--json").stdout)
    assert builds[0]["build_uuid"] in json.dumps(which)
    again = kiln.cli_json("retry", builds[0]["build_uuid"])["build_uuid"]
    assert kiln.wait(again)["build_trigger_metadata"]["commit_hash"] == worker_repo.head()
    unknown = kiln.cli("which", "00000000-0000-4000-8000-000000000000", check=False)
    assert unknown.returncode == 1 and unknown.stderr


def test_following_a_failing_build_exits_with_1(kiln, repo, name):
    repo.commit({"a": "1"})
    kiln.connect(repo.bare, name, build_command="echo so far; exit 4", deploy_command="true")
    (uuid,) = repo.push()
    done = kiln.cli("logs", uuid, "--follow", check=False)
    assert done.returncode == 1 and "so far" in done.stdout and "exit code 4" in done.stdout


def test_demo(tmp_path):
    """tools/demo.sh in a copy of the tree, so that a developer's own .run/ is left alone."""
    tree = tmp_path / "k"
    tree.mkdir()
    for part in ("tools", "examples"):
        (tree / part).symlink_to(ROOT / part)
    (tree / "tools").unlink()
    (tree / "tools").mkdir()
    (tree / "tools" / "demo.sh").write_text((ROOT / "tools" / "demo.sh").read_text())
    (tree / "build").symlink_to(ROOT / "build")
    env = os.environ | {"KILN_DEMO_ONCE": "1", "KILN_LISTEN": "127.0.0.1:18787", "NO_COLOR": "1"}
    for _ in range(2):  # the second run reuses everything
        done = subprocess.run(["bash", tree / "tools" / "demo.sh"], env=env, capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stdout + done.stderr
        assert '"build_outcome": "success"' in done.stdout and "Kiln listens on http://127.0.0.1:18787" in done.stdout
