"""A GitHub App from nothing: made by one click, seen by the command line, its tokens of one repository, its missed deliveries asked for again."""
import base64
import hashlib
import hmac
import html
import json
import re
import subprocess

import pytest

from harness.githost import Repo
from harness.server import KILN, http


def form_of(page):
    """(action, manifest) of the page's one form."""
    action = re.search(r'<form method="post" action="([^"]+)"', page).group(1)
    manifest = re.search(r'name="manifest" value="([^"]+)"', page).group(1)
    return html.unescape(action), json.loads(html.unescape(manifest))


@pytest.fixture
def github(checked_forge):
    return checked_forge("github")


def begin(kiln, github, **more):
    return kiln.call("POST", "/forge_apps", {"provider": "github", "web_url": github.url, "api_url": github.api_url} | more).result


def forget_all(kiln):
    for forge in kiln.get("/forges").result:
        kiln.call("DELETE", f"/forges/{forge['forge_uuid']}")


def test_a_link_and_a_click_make_an_app_whose_key_nobody_sees_again(kiln, github):
    begun = begin(kiln, github, name="kiln-tests")
    page = http("GET", begun["url"])
    assert page.status == 200 and "script" not in page.raw.decode()
    assert f"form-action {github.url}" in page.headers["content-security-policy"]
    action, manifest = form_of(page.raw.decode())
    assert manifest["hook_attributes"]["url"] == kiln.url + "/webhooks/github" and manifest["redirect_url"] == kiln.url + "/forges/made"
    status, location, _ = github.browse(action, {"manifest": json.dumps(manifest)})
    assert status == 302 and location.startswith(kiln.url + "/forges/made?code=")
    assert kiln.get(f"/forge_apps/{begun['state']}").result == {"forge_uuid": None, "error": None}
    done = http("GET", location)
    assert done.status == 200 and b"The App is set up" in done.raw
    made = kiln.get(f"/forge_apps/{begun['state']}").result["forge_uuid"]
    forge = next(one for one in kiln.get("/forges").result if one["forge_uuid"] == made)
    key = github.state()["app"]["private_key"]
    assert forge["app_id"] == str(github.state()["app"]["id"]) and key not in json.dumps(forge)
    assert key.split("\n")[1].encode() not in (kiln.data / "kiln.db").read_bytes(), "sealed"
    assert http("GET", location).status == 404, "once"
    assert http("GET", begun["url"]).status == 404
    forget_all(kiln)


def test_a_code_that_the_host_does_not_know_sets_nothing_up(kiln, github):
    begun = begin(kiln, github)
    answer = http("GET", f"{kiln.url}/forges/made?code=nonsense&state={begun['state']}")
    assert answer.status == 502 and b"kiln forge add" in answer.raw
    assert "404" in kiln.get(f"/forge_apps/{begun['state']}").result["error"], "whoever waits for the App hears of it"
    assert http("GET", f"{kiln.url}/forges/made?code=x&state=nobodys").status == 404
    github.may_violate = True


def test_the_command_line_walks_and_lists(kiln, github):
    walking = subprocess.Popen([KILN, "forge", "add", "github", "--url", github.url, "--api-url", github.api_url, "--data-dir", kiln.data],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    said, link = "", None
    for line in walking.stderr:  # ends with the program
        said += line
        if link := re.search(r"http\S+/forges/new/\S+", line):
            break
    assert link, f"no link was printed: {said}"
    action, manifest = form_of(http("GET", link.group()).raw.decode())
    _, location, _ = github.browse(action, {"manifest": json.dumps(manifest)})
    assert http("GET", location).status == 200
    out, _ = walking.communicate(timeout=30)
    assert walking.returncode == 0 and "Let it see repositories" in out and all(len(line) <= 100 for line in out.splitlines())
    assert github.url in kiln.cli("forge", "list").stdout
    github.seed(repos=[{"path": "acme/seen"}, {"path": "acme/unseen"}], installations=[{"repositories": ["acme/seen"]}])
    seen = kiln.cli("forge", "repositories").stdout
    assert "acme/seen" in seen and "unseen" not in seen
    assert "removed" in kiln.cli("forge", "remove", github.url).stdout
    assert "No forge is set up" in kiln.cli("forge", "list").stdout


def test_what_the_host_refuses_is_not_set_up_and_says_why(kiln, github, forge):
    github.seed(app={})
    app = github.state()["app"]
    wrong = kiln.call("POST", "/forges", {"provider": "github", "web_url": github.url, "api_url": github.api_url, "app_id": "999999", "private_key": app["private_key"]})
    assert wrong.error[:2] == (400, 12002) and "private_key" in wrong.error[2]
    for body, field in [({"provider": "github", "token": "nonsense"}, "token"), ({"provider": "github"}, "token"), ({"provider": "gitlab_of_mine", "token": "x"}, "provider"),
                        ({"provider": "gitea", "token": "x"}, "web_url"), ({"provider": "github", "app_id": "1", "private_key": "no key"}, "private_key")]:
        answer = kiln.call("POST", "/forges", {"api_url": github.api_url} | body)
        assert answer.status == 400 and field in answer.error[2], answer.raw
    assert kiln.get("/forges").result == []
    github.may_violate = True


def test_a_delivery_that_names_an_app_is_proved_by_that_apps_secret_alone(kiln, github):
    apps = []
    for number in (1, 2):
        github.seed(app={})
        app = github.state()["app"]
        apps.append(str(app["id"]))
        kiln.call("POST", "/forges", {"provider": "github", "web_url": f"https://of{number}.example", "api_url": github.api_url, "app_id": apps[-1],
                                      "private_key": app["private_key"], "webhook_secret": f"the secret of {number}"}).result
    body = json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40, "commits": [], "head_commit": None,
                       "repository": {"id": 99, "full_name": "acme/nobodys", "clone_url": "https://of1.example/acme/nobodys.git"}}).encode()

    def told(named, signed_by):
        signature = hmac.new(signed_by.encode(), body, hashlib.sha256).hexdigest()
        of_app = {"x-github-hook-installation-target-type": "integration", "x-github-hook-installation-target-id": named} if named else {}
        return http("POST", f"{kiln.url}/webhooks/github", body, {"content-type": "application/json", "x-github-event": "push", "x-github-delivery": f"{named}/{signed_by}",
                                                                "x-hub-signature-256": f"sha256={signature}"} | of_app).status

    assert told(apps[0], "the secret of 1") == 200 and told(apps[1], "the secret of 2") == 200
    assert told(apps[0], "the secret of 2") == 401 and told("999999", "the secret of 1") == 401
    assert told(None, "the secret of 2") == 200, "older hosts do not say whose hook it is"
    forget_all(kiln)


def test_a_private_repository_is_cloned_with_a_token_of_it_alone(kiln, github, host, name):
    repo = Repo(host.folder, name)
    path = f"acme/{name}"
    github.seed(app={}, repos=[{"path": path, "git_dir": str(repo.bare), "private": True}], installations=[{"repositories": [path]}])
    app = github.state()["app"]
    kiln.call("POST", "/forges", {"provider": "github", "web_url": host.url, "api_url": github.api_url, "app_id": str(app["id"]), "private_key": app["private_key"]}).result
    head = repo.commit({"a": "private words"})
    repo.push()
    url = f"{host.url}/{path}.git"
    kiln.connect(url, name, build_command="cat a", deploy_command="true")
    host.authorizations.clear()
    build = kiln.cli_json("build", name)["build_uuid"]
    stopped = kiln.wait(build)
    assert stopped["build_outcome"] == "success", "\n".join(kiln.build_log(build))
    assert "private words" in kiln.build_log(build) and stopped["build_trigger_metadata"]["commit_hash"] == head
    minted = [one for one in github.state()["tokens"] if one["kind"] == "installation"]
    assert minted and all(one["repository_ids"] == [github.state()["repos"][0]["id"]] for one in minted), "of this repository alone"
    shown = {"Basic " + base64.b64encode(f"x-access-token:{one['token']}".encode()).decode() for one in minted}
    assert shown & set(host.authorizations), "git showed a token of the App"
    assert not set(host.authorizations) - shown - {None}
    said = "\n".join(kiln.build_log(build)) + kiln.log()
    assert not any(one["token"] in said for one in minted)
    forget_all(kiln)
