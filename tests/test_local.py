"""What needs no server: `kiln run` on a working copy, and `kiln doctor`."""
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from conftest import WORKER_JS, wrangler_config
from harness.githost import git
from harness.server import KILN
from harness.waiting import until

SECRET = "a-secret-of-this-test"


def kiln(*words, under=(), **env):
    return subprocess.run([*under, KILN, *map(str, words)], capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, env=os.environ | env)


def state_of(repo):
    """Everything below .git, byte for byte, and every file of the work tree with its time."""
    inside = {str(p): p.read_bytes() for p in (repo.work / ".git").rglob("*") if p.is_file()}
    outside = {str(p): p.stat().st_mtime_ns for p in repo.work.rglob("*") if ".git" not in p.parts}
    return inside, outside


@pytest.fixture(autouse=True)
def place(tmp_path_factory, monkeypatch):
    """The temporary folder of every command of a test, its own: nothing stays in it."""
    folder = tmp_path_factory.mktemp("tmp")
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert not list(folder.iterdir())


def left_overs(folder):
    return list(folder.iterdir())


def test_a_working_copy_is_built_as_it_stands_and_left_alone(repo, place):
    repo.commit({"package.json": '{"scripts": {"build": "cat changed fresh staged; test ! -e gone"}}',
                 "changed": "committed\n", "gone": "", ".gitignore": "ignored\n"})
    repo.write({"changed": "uncommitted\n", "fresh": "untracked\n", "staged": "indexed\n", "ignored": "x"})
    (repo.work / "gone").unlink()
    git(repo.work, "add", "staged")
    before = state_of(repo)
    done = kiln("run", repo.work)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Executing user build command: npm run build" in done.stdout
    for text in ("uncommitted", "untracked", "indexed", "Success! Build completed."):
        assert text in done.stdout
    assert state_of(repo) == before
    assert not left_overs(place)


def test_what_git_ignores_is_not_there_and_a_clean_copy_is_its_head(repo):
    head = repo.commit({".gitignore": "ignored\n"})
    repo.write({"ignored": "x"})
    done = kiln("run", repo.work, "--build-command", "ls -A; echo at $WORKERS_CI_COMMIT_SHA on $WORKERS_CI_BRANCH")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"at {head} on main" in done.stdout and "ignored" not in done.stdout.split("Executing")[1].split()


def test_a_failing_build_exits_with_1(repo):
    repo.commit({"a": "1"})
    done = kiln("run", repo.work, "--build-command", "echo so far; exit 4", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert all(isinstance(ms, int) for ms, _ in lines)
    assert "so far" in [text for _, text in lines] and any("exit code 4" in text for _, text in lines)


def test_secrets_are_masked_and_variables_are_not(repo):
    repo.commit({"a": "1"})
    done = kiln("run", repo.work, "--secret", "HIDDEN", "--env", "SHOWN=b=c", "--build-command",
                "echo $HIDDEN; echo length ${#HIDDEN}; echo $SHOWN", HIDDEN=SECRET)
    assert done.returncode == 0, done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert f"length {len(SECRET)}" in done.stdout and "b=c" in done.stdout


def test_a_folder_of_the_work_tree_is_the_root_directory(repo):
    repo.commit({"apps/web/here": "1", "b": "2"})
    done = kiln("run", repo.work / "apps" / "web", "--build-command", "ls", "--branch", "feature")
    assert done.returncode == 0 and "here" in done.stdout, done.stdout + done.stderr


def test_a_repository_without_a_commit_is_built_too(repo):
    repo.write({"only": "1"})
    done = kiln("run", repo.work, "--build-command", "ls")
    assert done.returncode == 0 and "only" in done.stdout, done.stdout + done.stderr
    assert git(repo.work, "rev-parse", "HEAD", check=False).returncode != 0


def test_a_time_limit_ends_it(repo, place):
    repo.commit({"a": "1"})
    done = kiln("run", repo.work, "--timeout", "1", "--build-command", "echo begins; sleep 600")
    assert done.returncode == 1 and "Build was timed out" in done.stdout and "time limit of 1 s" in done.stdout, done.stdout
    assert not left_overs(place)
    for wrong in ("0", "-1", "x", "86401"):
        assert kiln("run", repo.work, "--timeout", wrong).returncode == 2, wrong


def test_a_cache_is_kept_between_runs_when_asked(repo, tmp_path, place):
    repo.commit({"package.json": '{"name": "x", "version": "1.0.0"}',
                 "package-lock.json": '{"name": "x", "version": "1.0.0", "lockfileVersion": 3, "packages": '
                                      '{"": {"name": "x", "version": "1.0.0"}}}'})
    words = ("run", repo.work, "--cache", tmp_path / "kept", "--build-command",
             "cat ~/.npm/mark; mkdir -p ~/.npm; echo of-the-first-run > ~/.npm/mark")
    first = kiln(*words)
    assert first.returncode == 0 and "of-the-first-run" not in first.stdout.split("Executing")[-1].split("\n", 1)[1], first.stdout
    second = kiln(*words)
    assert second.returncode == 0 and "Restoring from dependencies cache" in second.stdout, second.stdout + second.stderr
    assert "\nof-the-first-run" in second.stdout or "of-the-first-run\n" in second.stdout.split("Executing")[-1].split("\n", 1)[1]
    assert not left_overs(place)
    plain = kiln("run", repo.work, "--build-command", "cat ~/.npm/mark || echo nothing")
    assert "nothing" in plain.stdout


def test_wrong_usage_and_what_is_no_repository(repo, tmp_path, place):
    repo.commit({"a": "1"})
    for words in (["--secret", "NOT_THERE_AT_ALL"], ["--env", "nonsense"], ["--deploy-command", "x"]):
        assert kiln("run", repo.work, *words).returncode == 2, words
    env = {"CLOUDFLARE_API_TOKEN": "", "CLOUDFLARE_ACCOUNT_ID": ""}
    assert kiln("run", repo.work, "--deploy", **env).returncode == 2
    done = kiln("run", tmp_path)
    assert done.returncode == 1 and "git" in done.stderr and "init" in done.stderr
    assert not left_overs(place)


def test_an_interrupt_ends_the_build_and_leaves_nothing(repo, place):
    repo.commit({"a": "1"})
    running = subprocess.Popen([KILN, "run", repo.work, "--build-command", "echo it runs; sleep 600"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: "it runs" == running.stdout.readline().split("  ")[-1].strip(), "the build to run", 60)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 1 and "stopped" in said
    assert not left_overs(place)


def test_what_a_killed_run_left_is_removed_by_the_next(repo, place):
    repo.commit({"a": "1"})
    running = subprocess.Popen([KILN, "run", repo.work, "--build-command", "echo it runs; sleep 600"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    until(lambda: "it runs" == running.stdout.readline().split("  ")[-1].strip(), "the build to run", 60)
    (left,) = place.iterdir()
    beside = kiln("run", repo.work, "--build-command", "true")
    assert beside.returncode == 0 and left_overs(place) == [left], "the folder of a run that lives is left alone"
    running.kill()
    running.communicate(timeout=30)
    held = os.open(left, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)  # comes when kiln-runner is gone too
    os.close(held)
    assert left_overs(place) == [left]
    assert kiln("run", repo.work, "--build-command", "true").returncode == 0
    assert not left_overs(place)


def test_without_a_temporary_folder_the_words_say_so(repo, tmp_path):
    repo.commit({"a": "1"})
    for words in (["run", repo.work], ["doctor", "--data-dir", tmp_path / "none"]):
        done = kiln(*words, TMPDIR=str(tmp_path / "nowhere"))
        assert done.returncode == 1 and str(tmp_path / "nowhere") in done.stdout + done.stderr, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_another_users_data_directory_is_examined_in_words(tmp_path):
    """A folder that may not even be looked into."""
    (tmp_path / "data" / "runner").mkdir(parents=True)
    (tmp_path / "data").chmod(0o700)
    with tempfile.TemporaryDirectory(prefix="kiln-test-") as reachable:  # tmp_path is root's alone
        open_place = Path(reachable) / "tmp"
        open_place.mkdir()
        open_place.chmod(0o777)
        Path(reachable).chmod(0o711)
        shutil.move(tmp_path / "data", reachable)
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        done = kiln("doctor", "--data-dir", Path(reachable) / "data", "--json", under=as_nobody, TMPDIR=str(open_place))
        assert done.returncode in (0, 1) and "terminate called" not in done.stderr, done.stderr
        _, rows = rows_of(done)
        assert rows["free disk"] and rows["server"]["state"] == "missing"
        assert not list(open_place.iterdir())


@pytest.mark.parametrize("cached", [False, True], ids=["plain", "cached"])
def test_deploying_takes_the_callers_token(kiln_server, repo, name, tmp_path, cached):
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": wrangler_config(name)})
    cache = ["--cache", tmp_path / "cache"] if cached else []
    done = kiln("run", repo.work, "--deploy", *cache, CLOUDFLARE_API_TOKEN=kiln_server.token,
                CLOUDFLARE_ACCOUNT_ID=kiln_server.account, CLOUDFLARE_API_BASE_URL=kiln_server.api)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no version was uploaded" not in done.stdout and kiln_server.token not in done.stdout
    assert name in json.dumps(kiln_server.call("GET", f"//accounts/{kiln_server.account}/workers/scripts").result)


@pytest.fixture
def kiln_server(request):
    """The session's server, by a name that leaves `kiln` to the command."""
    return request.getfixturevalue("kiln")


def rows_of(done):
    found = json.loads(done.stdout)
    return found["builds_can_run"], {row["name"]: row for row in found["rows"]}


def test_git_shows_the_branches_and_tags_of_the_working_copy(repo):
    base = repo.commit({"a": "1"})
    git(repo.work, "tag", "v1.0.0")
    git(repo.work, "push", "-q", "origin", "main", "HEAD:pr/x")
    git(repo.work, "remote", "set-head", "origin", "main")
    repo.commit({"b": "1"}, branch="pr")
    done = kiln("run", repo.work, "--build-command",
                "echo base $(git merge-base HEAD origin/main) $(git rev-parse main); git describe --tags; git fetch origin main --tags")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"base {base} {base}" in done.stdout and "v1.0.0-1-g" in done.stdout
    assert "Warning: the branches and tags" not in done.stdout


def test_the_doctor_says_what_there_is(kiln_server, tmp_path, place):
    can, rows = rows_of(done := kiln("doctor", "--json", "--data-dir", kiln_server.data, "--config", kiln_server.config))
    assert can and done.returncode == 0
    assert {"sandbox", "user namespaces", "bubblewrap", "seccomp", "network wall", "slirp4netns", "/dev/net/tun", "cgroups",
            "limit of memory", "limit of processes", "limit of CPU", "limit of disk", "free disk", "git", "tar", "zstd",
            "curl", "node", "python", "workerd", "server", "readiness", "outbox", "reports to hosts", "sinks", "builds",
            "metrics"} == set(rows)
    assert all(row["state"] in ("ok", "limited", "missing") and row["found"] and row["means"] for row in rows.values())
    assert all(row["todo"] for row in rows.values() if row["state"] != "ok")
    assert "running, version" in rows["server"]["found"]
    can, rows = rows_of(done := kiln("doctor", "--json", "--data-dir", tmp_path / "none"))
    assert can and done.returncode == 0 and rows["server"]["state"] == "missing" and "kiln serve" in rows["server"]["todo"]
    assert not (tmp_path / "none").exists() and not left_overs(place)


def test_a_server_examines_its_own_machine_by_its_settings(kiln_server):
    can, rows = rows_of(done := kiln("doctor", "--server", "--json", "--data-dir", kiln_server.data))
    assert can and done.returncode == 0
    assert {"sandbox", "bubblewrap", "free disk", "node", "workerd", "readiness", "outbox", "builds"} <= set(rows)
    assert "server" not in rows  # whoever answers runs
    done = kiln("doctor", "--server", "--data-dir", kiln_server.data)
    assert done.returncode == 0 and done.stdout.endswith("Builds can run on the server's machine.\n")


def test_the_doctor_shows_one_line_a_row(tmp_path):
    done = kiln("doctor", "--data-dir", tmp_path)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 22 and not done.stderr


def test_without_tools_the_doctor_says_what_to_do(tmp_path):
    config = tmp_path / "kiln.toml"
    config.write_text(f'[runner]\ntools_dir = "{tmp_path}/nothing"\nnetwork = "host"\n')
    can, rows = rows_of(done := kiln("doctor", "--json", "--data-dir", tmp_path, "--config", config))
    assert not can and done.returncode == 1
    assert rows["node"]["state"] == "missing" and rows["node"]["todo"]
    assert rows["network wall"]["state"] == "limited"


def test_without_bubblewrap_the_doctor_says_what_to_do(tmp_path):
    """Where this machine lets a test cover the program in a mount namespace of its own."""
    bwrap = shutil.which("bwrap")
    hidden = ["unshare", "--mount", "sh", "-c", f'mount --bind /dev/null {bwrap} && exec "$@"', "sh"]
    if not bwrap or subprocess.run([*hidden, "true"], capture_output=True).returncode != 0:
        pytest.skip("mount namespaces are not allowed here")
    can, rows = rows_of(done := kiln("doctor", "--json", "--data-dir", tmp_path, under=hidden))
    assert not can and done.returncode == 1
    assert rows["bubblewrap"]["state"] == "missing" and "install" in rows["bubblewrap"]["todo"]
    assert rows["sandbox"]["state"] == "missing" and "bubblewrap" in rows["sandbox"]["found"]
    repository = tmp_path / "r"
    repository.mkdir()
    git(repository, "init", "-q")
    done = kiln("run", repository, "--build-command", "true", under=hidden)
    assert done.returncode == 1 and "bubblewrap" in done.stderr
