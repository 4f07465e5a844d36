"""Hosts that cannot reach Kiln are asked for pushes, and what a hook left out is caught up: real git over HTTP."""
from admission.silent_hosts import SilentHost
from harness.githost import Repo, git
from harness.waiting import until
from harness.watching import BUILD, repository, wait_build, wait_looks, wait_seen


def commits_of(kiln, worker):
    return [build["build_trigger_metadata"]["commit_hash"] for build in kiln.builds_of(worker)]


def deliveries_of(kiln, event):
    return [one for one in kiln.get("/deliveries").result if one["event"] == event]


def push_of(repo, message):
    """The builds that the hook tells of."""
    repo.commit({"a": message}, message)
    return repo.push()


def hosted(host, name, message="First"):
    repo = Repo(host.folder, name)
    repo.commit({"a": "1"}, message)
    repo.push()
    return repo, f"{host.url}/acme/{name}.git"


def test_what_is_pushed_to_a_polled_host_is_built(fresh_kiln, host, name):
    kiln = fresh_kiln()
    repo, url = hosted(host, name)
    made = kiln.connect(url, name, provider="git", poll="1s", **BUILD)
    assert made["watch"]["poll_seconds"] == 1 and made["connection"]["provider_type"] == "git"
    wait_seen(kiln, url)
    assert commits_of(kiln, name) == [], "what stood there at the connecting is built by nobody"
    second = repo.commit({"a": "2"}, "Second")
    repo.push()
    build = wait_build(kiln, name, second)
    assert kiln.wait(build["build_uuid"])["build_outcome"] == "success"
    assert build["build_trigger_metadata"]["author"] == "Ada Author"
    assert build["build_trigger_metadata"]["commit_message"] == "Second"
    third = repo.commit({"b": "1"}, "Third", branch="feature/x")
    repo.push()
    assert wait_build(kiln, name, third)["build_trigger_metadata"]["branch"] == "feature/x"
    (feature, main) = deliveries_of(kiln, "poll")
    assert (main["provider_type"], main["signature"]) == ("poll", "asked")
    assert main["refs"][0]["after"] == second and main["refs"][0]["branch"] == "main"
    git(repo.work, "push", "origin", ":feature/x")
    until(lambda: deliveries_of(kiln, "poll")[0]["refs"][0]["after"] is None, "the deleted branch to be told of", 30)
    wait_looks(kiln, url)
    assert sorted(commits_of(kiln, name)) == sorted([second, third]), "each once"
    shown = kiln.cli("repository", "list").stdout
    assert "every 1 s" in shown and name in shown, shown
    assert "found by asking its host" in kiln.cli("why", second).stdout
    kiln.connect(url, name, poll="off")
    assert repository(kiln, url)["watch"]["poll_seconds"] == 0


def test_the_production_branch_is_built_at_once_when_asked(fresh_kiln, host, name):
    kiln = fresh_kiln()
    repo, url = hosted(host, name)
    repo.commit({"b": "1"}, "Elsewhere", branch="feature")
    repo.push()
    kiln.connect(url, name, provider="git", poll="1s", build_first=True, **BUILD)
    build = wait_build(kiln, name, git(repo.work, "rev-parse", "main").stdout.strip())
    kiln.wait(build["build_uuid"])
    wait_looks(kiln, url)
    assert len(commits_of(kiln, name)) == 1


def test_a_host_that_says_nothing_delays_no_other(fresh_kiln, host, name):
    kiln = fresh_kiln()
    silent = [SilentHost(number, drips=False) for number in range(3)]
    try:
        for number, one in enumerate(silent):
            kiln.connect(f"{one.url}/acme/shop.git", f"{name}-silent{number}", provider="git", poll="1s", branch="main", **BUILD)
        until(lambda: all(one.asked for one in silent), "the silent hosts to be asked", 60)
        repo, url = hosted(host, name)
        kiln.connect(url, name, provider="git", poll="1s", **BUILD)
        wait_seen(kiln, url)
        second = repo.commit({"a": "2"}, "Second")
        repo.push()
        wait_build(kiln, name, second, 15)
    finally:
        for one in silent:
            one.over.set()
            one.listening.close()
    # They are asked again, less and less often, and why is said.
    until(lambda: repository(kiln, f"{silent[0].url}/acme/shop.git")["watch"]["failures"] > 0, "a failure to be noted", 60)
    assert "kiln repository list shows which" in kiln.cli("status").stdout


def test_no_push_is_missed_or_built_twice_by_a_server_that_is_killed(fresh_kiln, host, name):
    kiln = fresh_kiln()
    repo, url = hosted(host, name)
    kiln.connect(url, name, provider="git", poll="1s", **BUILD)
    wait_seen(kiln, url)
    commits = []
    for number in range(3):
        commits.append(repo.commit({"a": f"killed {number}"}, f"Commit {number}"))
        repo.push()
        if number == 1:
            wait_build(kiln, name, commits[-1])
        kiln.kill9()
        kiln.start()
    wait_build(kiln, name, commits[-1])
    wait_looks(kiln, url)
    built = commits_of(kiln, name)
    assert len(built) == len(set(built)), "a commit was built twice"
    assert commits[-1] in built and commits[1] in built


def test_a_push_that_no_hook_reported_is_caught_up_once(fresh_kiln, worker_repo, name):
    kiln = fresh_kiln("[scm]\ncatch_up_seconds = 1\n")
    repo = worker_repo
    repo.push()
    kiln.connect(repo.bare, name, **BUILD)
    wait_seen(kiln, repo.bare)
    kiln.stop()
    missed = repo.commit({"a": "2"}, "While nobody listened")
    assert repo.push() == []
    kiln.start()
    build = wait_build(kiln, name, missed)
    log = kiln.build_log(build["build_uuid"])
    assert log[0] == "Caught up: no delivery of this push arrived."
    assert kiln.wait(build["build_uuid"])["build_outcome"] == "success"
    (told,) = push_of(repo, "Told")
    wait_looks(kiln, repo.bare)
    assert len(commits_of(kiln, name)) == 2, "what the hook told of is built by nobody else"
    assert kiln.build(told)["build_trigger_metadata"]["commit_hash"] == repo.head()
    (caught,) = deliveries_of(kiln, "catch_up")
    assert caught["refs"][0]["after"] == missed


def test_a_branch_that_went_back_is_not_deployed_again(fresh_kiln, worker_repo, name):
    kiln = fresh_kiln("[scm]\ncatch_up_seconds = 1\n")
    repo = worker_repo
    first = repo.head()
    repo.push()
    kiln.connect(repo.bare, name, **BUILD)
    wait_seen(kiln, repo.bare)
    (number,) = push_of(repo, "Second")
    kiln.wait(number)
    git(repo.bare, "update-ref", "refs/heads/main", first)  # behind the hook's back
    until(lambda: deliveries_of(kiln, "catch_up"), "the older commit to be noticed", 90)
    (kept,) = deliveries_of(kiln, "catch_up")
    assert "which is older than" in kept["notes"][0], kept
    wait_looks(kiln, repo.bare)
    assert len(commits_of(kiln, name)) == 1


def test_nothing_is_asked_where_catching_up_is_off(fresh_kiln, worker_repo, name):
    kiln = fresh_kiln("[scm]\ncatch_up_seconds = 0\n")
    worker_repo.push()
    kiln.connect(worker_repo.bare, name, **BUILD)
    assert repository(kiln, worker_repo.bare)["watch"]["next_on"] is None
    (number,) = push_of(worker_repo, "Second")
    kiln.wait(number)
    assert repository(kiln, worker_repo.bare)["watch"]["looked_on"] is None


def test_what_is_wrong_with_an_interval_is_said(kiln, repo, name):
    repo.commit({"a": "1"})
    for wrong in ("often", "0s", "60", "9d"):
        done = kiln.cli("connect", repo.bare, "--worker", name, "--poll", wrong, check=False)
        assert done.returncode == 1 and f"--poll {wrong}: give a number of" in done.stderr, done.stderr
    done = kiln.cli("connect", "https://git.example/a/b", "--worker", name, "--provider", "gitlub", check=False)
    assert done.returncode == 1 and "must be one of gitea, github" in done.stderr


def test_the_kind_of_host_is_what_its_name_says(fresh_kiln, host, name):
    kiln = fresh_kiln()
    repo, url = hosted(host, name)
    assert kiln.connect(url, name, branch="main", **BUILD)["connection"]["provider_type"] == "github"
    made = kiln.connect(url, name, provider="gitea", branch="main")
    assert made["connection"]["provider_type"] == "gitea" and made["hook"]["url"].endswith("/webhooks/gitea")
    assert made["changes"] == []
