"""What `kiln connect` makes and changes, by real git over HTTP and on disk."""
from urllib.parse import quote

from harness.githost import GitHost, Repo, git


def two_hosts(tmp_path):
    """Two git hosts that both have a repository acme/shop, each with a wrangler file of its own."""
    for label in ("one", "two"):
        folder = tmp_path / label / "acme"
        folder.mkdir(parents=True)
        repo = Repo(folder, "shop")
        repo.commit({"wrangler.json": '{"name": "shop-of-%s"}' % label}, branch="main")
        repo.push()
        yield GitHost(tmp_path / label)


def name_in_code(kiln, connection):
    ids = [quote(connection[key], safe="") for key in ("provider_type", "provider_account_id", "repo_id")]
    return kiln.get("/repos/" + "/".join(ids) + "/config_autofill?branch=main").result["default_worker_name"]


def test_one_name_at_two_hosts_is_two_repositories(kiln, tmp_path, name):
    hosts = list(two_hosts(tmp_path))
    made = [kiln.connect(f"{host.url}/acme/shop.git", f"{name}-{i}", no_previews=True) for i, host in enumerate(hosts)]
    one, two = (answer["connection"] for answer in made)
    assert one["repo_connection_uuid"] != two["repo_connection_uuid"]
    assert (one["repo_name"], one["provider_account_name"]) == (two["repo_name"], two["provider_account_name"]) == ("shop", "acme")
    assert [name_in_code(kiln, one), name_in_code(kiln, two)] == ["shop-of-one", "shop-of-two"], "each its own code"
    again = kiln.connect(f"{hosts[0].url}/acme/shop", f"{name}-0")
    assert again["connection"]["repo_connection_uuid"] == one["repo_connection_uuid"], "another spelling is the same"


def test_a_plain_repositorys_ids_say_nothing_of_the_machine(kiln, repo, name):
    connection = kiln.connect(repo.bare, name, build_command="true")["connection"]
    for key in ("repo_id", "provider_account_id"):
        assert "/" not in connection[key] and str(repo.bare) not in connection[key], connection


def test_a_worker_that_nobody_names_is_called_as_its_configuration_says(kiln, tmp_path, name):
    told = Repo(tmp_path, name)
    told.commit({"wrangler.json": '{"name": "%s-by-config"}' % name}, branch="main")
    told.push()
    for _ in range(2):
        assert kiln.cli_json("connect", told.bare)["worker"]["name"] == f"{name}-by-config"
    silent = kiln.cli_json("connect", Repo(tmp_path, f"{name}-Silent").bare)
    assert silent["worker"]["name"] == f"{name}-silent" and "--worker" in silent["notes"][0], silent


def test_the_production_branch_is_that_of_head(kiln, repo, name):
    repo.commit(branch="trunk")
    git(repo.work, "push", "-q", "origin", "trunk")
    git(repo.bare, "symbolic-ref", "HEAD", "refs/heads/trunk")
    production, previews = kiln.connect(repo.bare, name)["triggers"]
    assert (production["trigger_name"], production["branch_includes"]) == ("Deploy trunk", ["trunk"])
    assert previews["branch_excludes"] == ["trunk"]


def test_connecting_again_says_what_it_changed_and_what_stands(kiln, repo, name):
    connect = ("connect", repo.bare, "--worker", name)
    first = kiln.cli(*connect, "--build-command", "npm run build", "--root-directory", "apps/web").stdout
    assert "Deploy main: made" in first and "name another with --branch" in first, first
    again = kiln.cli(*connect).stdout
    for words in ("nothing; what stands is below", "npm run build", "npx wrangler deploy", "apps/web", "*, not main"):
        assert words in again, again
    moved = kiln.cli(*connect, "--branch", "release", "--no-previews").stdout
    assert 'trigger_name was "Deploy main", is "Deploy release"' in moved, moved
    assert "Preview other branches: deleted" in moved and "npm run build" in moved, moved
    back = kiln.connect(repo.bare, name, previews=True, build_command="")
    assert [one["trigger_name"] for one in back["triggers"]] == ["Deploy release", "Preview other branches"]
    assert {one["build_command"] for one in back["triggers"]} == {""}


def test_a_second_repository_of_a_worker_is_asked_for(kiln, repo, tmp_path, name):
    kiln.connect(repo.bare, name)
    other = Repo(tmp_path, f"{name}-other").bare
    refused = kiln.cli("connect", other, "--worker", name, check=False)
    assert refused.returncode == 1 and str(repo.bare) in refused.stderr and "--second-repository" in refused.stderr
    assert not (other / "hooks" / "post-receive").exists(), "nothing was installed"
    assert kiln.connect(other, name, second_repository=True)["connection"]["repo_name"] == f"{name}-other"
