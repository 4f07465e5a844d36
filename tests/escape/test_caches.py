"""What one build leaves in a cache for the next: nothing of the host, and nothing from a less trusted branch."""
import pytest

from harness.githost import Repo

PACKAGE = '{"name": "x", "version": "1.0.0", "dependencies": {}}\n'
LOCK = '{"name": "x", "version": "1.0.0", "lockfileVersion": 3, "packages": {}}\n'
FILES = {"package.json": PACKAGE, "package-lock.json": LOCK}


@pytest.fixture
def cached(hostile_server, tmp_path):
    """Runs builds of one trigger, which keeps caches: cached(command, branch) → log."""
    server = hostile_server
    server.made += 1
    repo = Repo(tmp_path, "cached")
    made = server.connect(repo.bare, f"cached{server.made}", build_command="true", deploy_command="true")
    trigger, *others = [one["trigger_uuid"] for one in made["triggers"]]
    for other in others:
        server.call("DELETE", f"/triggers/{other}").result
    server.call("PATCH", f"/triggers/{trigger}", {"build_caching_enabled": True, "branch_includes": ["main", "*"]}).result
    repo.commit(FILES)

    def run(command, branch="main"):
        server.call("PATCH", f"/triggers/{trigger}", {"build_command": command}).result
        repo.commit(branch=branch)
        (number,) = repo.push()
        assert server.wait(number)["build_outcome"] == "success", server.build_log(number)
        return "\n".join(server.build_log(number))
    return run


def test_a_branch_does_not_poison_what_production_reads(cached):
    assert "uploaded to build cache" in cached("mkdir -p $HOME/.npm; echo poison > $HOME/.npm/mark", branch="feature")
    assert "poison" in cached("cat $HOME/.npm/mark", branch="feature"), "the control: its own level does read it"
    assert "poison" not in cached("cat $HOME/.npm/mark 2>&1; true").split("Executing user build command")[-1]


def test_links_that_change_while_they_are_saved_reach_nothing(hostile_server, cached):
    """A folder and a link to the data directory take each other's place as fast as they can, until the build has stopped."""
    swap = ("import ctypes, os\\nlibc = ctypes.CDLL(None)\\n"
            "while True:\\n    libc.syscall(316, -100, b'a', -100, b'b', 2)\\n")
    command = (f"mkdir -p $HOME/.npm/a && cd $HOME/.npm && ln -s {hostile_server.data} b && "
               "for i in $(seq 500); do echo x > a/$i; done; "
               f"printf \"{swap}\" > /tmp/swap.py; (setsid python3 /tmp/swap.py > /dev/null 2>&1 &) ; sleep 0.3; true")
    assert "uploaded to build cache" in cached(command)
    log = cached("ls -l $HOME/.npm; find $HOME/.npm/ -type f | xargs grep -l 'SQLite format'; ls $HOME/.npm/b/ $HOME/.npm/a/ | grep kiln.db; true")
    shown = log.split("Executing user build command")[-1].split("\n", 1)[1]
    assert "kiln.db" not in shown, shown
