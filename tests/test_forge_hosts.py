"""Hosts that are told by a token, each behind its own contract: a push by the host's own webhook, the commit's status, the comment at a pull request."""
import pytest

from harness.githost import Repo
from harness.waiting import until
from harness.watching import wait_build

# kind → (provider, its path of the repository, that of the clone URL, what Kiln tells: queued or running, success, failure)
HOSTS = {
    "gitlab": ("gitlab", "acme/web/{}", "acme/web/{}", ("pending", "running"), "success", "failed"),
    "gitea": ("gitea", "acme/{}", "acme/{}", ("pending",), "success", "failure"),
    "forgejo": ("gitea", "acme/{}", "acme/{}", ("pending",), "success", "failure"),
    "bitbucket": ("bitbucket", "acme/{}", "acme/{}", ("INPROGRESS",), "SUCCESSFUL", "FAILED"),
    "bitbucket_server": ("bitbucket_server", "SHOP/{}", "scm/shop/{}", ("INPROGRESS",), "SUCCESSFUL", "FAILED"),
}


class Place:
    """A repository whose host has a webhook of Kiln's, and of whose API Kiln has a token."""

    def __init__(self, kiln, forge, host, root, name):
        self.kiln, self.forge, self.name = kiln, forge, name
        provider, path, cloned, self.waiting, self.success, self.failure = HOSTS[forge.kind]
        self.path = path.format(name)
        folder = root / cloned.format(name)
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.repo = Repo(folder.parent, name)
        self.url = f"{host.url}/{cloned.format(name)}.git"
        forge.seed(repos=[{"path": self.path, "git_dir": str(self.repo.bare), "clone_url": self.url}])
        self.kept = kiln.call("POST", "/forges", {"provider": provider, "web_url": host.url, "api_url": forge.api_url, "token": forge.token()["token"]}).result
        kiln.connect(self.url, name, build_command="cat a; test ! -e broken", deploy_command="true", preview_deploy_command="true")

    def push(self, files, branch=None):
        """Pushed, and told by the host; → the build."""
        self.head = self.repo.commit(files, branch=branch)
        self.repo.push()
        (delivery,) = self.forge.push(self.path, branch=branch or "main")["deliveries"]
        assert delivery["ok"], delivery["answer"]
        return wait_build(self.kiln, self.name, self.head)["build_uuid"]

    def statuses(self):
        """Of the newest commit."""
        return [one for one in self.forge.state()["statuses"] if one["sha"] == self.head]

    def states(self):
        """Every state that the host was told of the newest commit, in order."""
        return [step["state"] for one in self.statuses() for step in (one.get("history") or [one])]

    def until_told(self, state):
        until(lambda: self.states()[-1:] == [state], f"{self.forge.kind} to be told {state} of {self.head}")


@pytest.fixture(params=HOSTS)
def place(kiln, checked_forge, host, tmp_path, name, request):
    made = Place(kiln, checked_forge(request.param), host, tmp_path / "host", name)
    yield made
    kiln.call("DELETE", f"/forges/{made.kept['forge_uuid']}")


def test_a_push_is_built_and_its_commit_and_pull_request_are_told(kiln, place):
    build = place.push({"a": "1"})
    place.until_told(place.success)
    states = place.states()
    while states[-2:-1] == [place.success]:  # told again by a move that came while it was told
        states.pop()
    assert set(states[:-1]) <= set(place.waiting), "in order, and nothing else"
    assert {one["name"] for one in place.statuses()} == {f"Workers Builds: {place.name}"}
    assert {one["target_url"].rpartition("/builds/")[2] for one in place.statuses()} == {build}
    place.push({"broken": "yes"}, branch="topic")
    place.until_told(place.failure)
    sent = place.forge.pull_request(place.path, branch="topic")
    assert sent["deliveries"][0]["ok"], sent["deliveries"]
    comment = until(lambda: next(iter(place.forge.state()["comments"]), None), "the comment of the pull request")
    assert place.head[:8] in comment["body"] and "❌" in comment["body"]
    place.repo.work.joinpath("broken").unlink()
    place.push({"b": "2"}, branch="topic")
    until(lambda: "✅" in place.forge.state()["comments"][0]["body"], "the comment to be edited")
    (comment,) = place.forge.state()["comments"]
    assert place.head[:8] in comment["body"] and len(comment["history"]) > 1
    assert [one for one in kiln.get("/forge_reports").result if one["api_url"] == place.forge.api_url] == [], "nothing is left untold"


@pytest.mark.parametrize("kind", HOSTS)
def test_a_token_that_is_none_is_not_taken(kiln, checked_forge, kind):
    forge = checked_forge(kind)
    answer = kiln.call("POST", "/forges", {"provider": HOSTS[kind][0], "web_url": "https://other.example", "api_url": forge.api_url, "token": "nonsense"})
    assert answer.error[:2] == (400, 12002) and "token" in answer.error[2]
    forge.may_violate = True


@pytest.mark.parametrize(("scopes", "lacks"), [(["read_api"], ["hooks"]), (["api"], [])])
def test_what_a_tokens_scopes_are_not_good_for_is_said_at_once(kiln, checked_forge, tmp_path, scopes, lacks):
    forge = checked_forge("gitlab")
    token = tmp_path / "token"
    token.write_text(forge.token(scopes=scopes)["token"])
    made = kiln.cli("forge", "add", "gitlab", "--url", "https://lacks.example", "--api-url", forge.api_url, "--token-file", token)
    notes = [line for line in made.stdout.splitlines() if line.startswith("Note: ")]
    assert len(notes) == len(lacks) and all(word in note for word, note in zip(lacks, notes)), made.stdout
    (kept,) = [one for one in kiln.get("/forges").result if one["web_url"] == "https://lacks.example"]
    kiln.call("DELETE", f"/forges/{kept['forge_uuid']}")
