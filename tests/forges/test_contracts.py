"""Every answer of the fakes is as the host's contract says, and what the contract does not allow is refused. Prism judges both."""
import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

HEAD, OTHER = "1" * 40, "2" * 40
URL = "http://127.0.0.1:1/hook"

REPO = "/repos/acme/shop"
GITEA_HOOK = {"type": "gitea", "active": True, "events": ["push"], "config": {"url": URL, "content_type": "json", "secret": "s"}}
# (the status that is right, method, path, body, and which key of the answer later paths call by which name)
GITEA = [
    (200, "GET", "/version"), (200, "GET", "/user"), (200, "GET", "/user/repos"), (200, "GET", REPO), (200, "GET", f"{REPO}/branches"), (200, "GET", f"{REPO}/branches/topic/a"), (200, "GET", f"{REPO}/branches/topic%2Fa"),
    (200, "GET", f"{REPO}/git/commits/{OTHER}"), (200, "GET", f"{REPO}/commits/{OTHER}/pull"), (200, "GET", f"{REPO}/pulls?state=open"), (200, "GET", f"{REPO}/pulls/1"), (201, "POST", f"{REPO}/hooks", GITEA_HOOK, ("hook", "id")),
    (200, "GET", f"{REPO}/hooks"), (200, "GET", f"{REPO}/hooks/{{hook}}"), (200, "PATCH", f"{REPO}/hooks/{{hook}}", {"active": True, "events": ["push"]}), (422, "POST", f"{REPO}/hooks", GITEA_HOOK | {"secret": "s"}),
    (204, "POST", f"{REPO}/hooks/{{hook}}/tests"), (204, "DELETE", f"{REPO}/hooks/{{hook}}"), (201, "POST", f"{REPO}/statuses/{OTHER}", {"state": "success", "context": "c"}),
    (422, "POST", f"{REPO}/statuses/{OTHER}", {"state": "skipped", "context": "c"}), (422, "POST", f"{REPO}/statuses/{OTHER}", {"state": "success", "name": "c"}), (200, "GET", f"{REPO}/statuses/{OTHER}"),
    (200, "GET", f"{REPO}/commits/{OTHER}/statuses"), (200, "GET", f"{REPO}/commits/{OTHER}/status"), (201, "POST", f"{REPO}/issues/1/comments", {"body": "x"}, ("comment", "id")), (200, "GET", f"{REPO}/issues/1/comments"),
    (200, "PATCH", f"{REPO}/issues/comments/{{comment}}", {"body": "y"}), (204, "DELETE", f"{REPO}/issues/comments/{{comment}}"), (201, "POST", f"{REPO}/keys", {"title": "k", "key": "ssh-ed25519 A", "read_only": True}, ("key", "id")),
    (200, "GET", f"{REPO}/keys"), (204, "DELETE", f"{REPO}/keys/{{key}}"),
]

PROJECT = "/projects/acme%2Fweb%2Fshop"
NOTES = f"{PROJECT}/merge_requests/1/notes"
GITLAB = [
    (200, "GET", "/version"), (200, "GET", "/user"), (200, "GET", "/personal_access_tokens/self"), (200, "GET", "/projects"), (200, "GET", PROJECT), (200, "GET", f"{PROJECT}/repository/branches"), (200, "GET", f"{PROJECT}/repository/branches/topic%2Fa"),
    (200, "GET", f"{PROJECT}/repository/commits/{OTHER}"), (200, "GET", f"{PROJECT}/repository/commits/{OTHER}/merge_requests"), (200, "GET", f"{PROJECT}/merge_requests"), (200, "GET", f"{PROJECT}/merge_requests/1"),
    (201, "POST", f"{PROJECT}/hooks", {"url": URL, "token": "t", "push_events": True}, ("hook", "id")), (200, "GET", f"{PROJECT}/hooks"), (200, "PUT", f"{PROJECT}/hooks/{{hook}}", {"url": URL, "token": "another"}),
    (422, "POST", f"{PROJECT}/hooks", {"url": URL, "secret": "t"}), (200, "GET", f"{PROJECT}/hooks/{{hook}}/events"), (204, "DELETE", f"{PROJECT}/hooks/{{hook}}"), (201, "POST", f"{PROJECT}/statuses/{OTHER}", {"state": "running", "name": "c"}),
    (422, "POST", f"{PROJECT}/statuses/{OTHER}", {"state": "cancelled", "name": "c"}), (422, "POST", f"{PROJECT}/statuses/{OTHER}", {"state": "failed", "description": "d" * 256}), (200, "GET", f"{PROJECT}/repository/commits/{OTHER}/statuses"),
    (201, "POST", NOTES, {"body": "x"}, ("note", "id")), (200, "GET", NOTES), (200, "PUT", f"{NOTES}/{{note}}", {"body": "y"}), (204, "DELETE", f"{NOTES}/{{note}}"), (201, "POST", f"{PROJECT}/deploy_keys", {"title": "t", "key": "k"}),
    (200, "GET", f"{PROJECT}/deploy_keys"),
]

CLOUD = "/repositories/acme/shop"
CLOUD_HOOK = {"description": "Kiln", "url": URL, "active": True, "secret": "s", "events": ["repo:push"]}
STATUS = {"key": "k", "state": "INPROGRESS", "name": "n", "url": "http://kiln.test/x", "description": "d"}
BUILDS = f"{CLOUD}/commit/{OTHER}/statuses"
SAID = f"{CLOUD}/pullrequests/1/comments"
BITBUCKET = [
    (200, "GET", "/user"), (200, "GET", "/repositories/acme"), (200, "GET", CLOUD), (200, "GET", f"{CLOUD}/refs/branches"), (200, "GET", f"{CLOUD}/refs/branches/topic%2Fa"), (200, "GET", f"{CLOUD}/commit/{OTHER}"),
    (200, "GET", f"{CLOUD}/commit/{OTHER}/pullrequests"), (200, "GET", f"{CLOUD}/pullrequests"), (200, "GET", f"{CLOUD}/pullrequests/1"), (201, "POST", f"{CLOUD}/hooks", CLOUD_HOOK, ("hook", "uuid")), (200, "GET", f"{CLOUD}/hooks"),
    (200, "GET", f"{CLOUD}/hooks/{{hook}}"), (200, "PUT", f"{CLOUD}/hooks/{{hook}}", CLOUD_HOOK), (422, "POST", f"{CLOUD}/hooks", CLOUD_HOOK | {"events": ["push"]}), (204, "DELETE", f"{CLOUD}/hooks/{{hook}}"), (201, "POST", f"{BUILDS}/build", STATUS),
    (422, "POST", f"{BUILDS}/build", STATUS | {"key": "k" * 41}), (422, "POST", f"{BUILDS}/build", STATUS | {"state": "RUNNING"}), (200, "GET", f"{BUILDS}/build/k"), (200, "PUT", f"{BUILDS}/build/k", STATUS | {"state": "SUCCESSFUL"}), (200, "GET", BUILDS),
    (201, "POST", SAID, {"content": {"raw": "x"}}, ("comment", "id")), (200, "GET", f"{SAID}?pagelen=100"), (200, "PUT", f"{SAID}/{{comment}}", {"content": {"raw": "y"}}), (200, "GET", f"{SAID}/{{comment}}"), (204, "DELETE", f"{SAID}/{{comment}}"),
]

WEB = "/api/latest/projects/SHOP/repos/web"
WEB_HOOK = {"name": "Kiln", "url": URL, "active": True, "events": ["repo:refs_changed"], "configuration": {"secret": "s"}}
WEB_SAID = f"{WEB}/pull-requests/1/comments"
BITBUCKET_SERVER = [
    (200, "GET", "/api/latest/application-properties"), (200, "GET", "/api/latest/repos?limit=1"), (200, "GET", "/api/latest/projects/SHOP/repos"), (200, "GET", WEB), (200, "GET", f"{WEB}/branches"), (200, "GET", f"{WEB}/commits/{OTHER}"),
    (200, "GET", f"{WEB}/commits/{OTHER}/pull-requests"), (200, "GET", f"{WEB}/pull-requests"), (200, "GET", f"{WEB}/pull-requests/1"), (201, "POST", WEB_SAID, {"text": "x"}, ("comment", "id")), (200, "GET", f"{WEB_SAID}/{{comment}}"),
    (200, "PUT", f"{WEB_SAID}/{{comment}}", {"text": "y", "version": 0}), (409, "PUT", f"{WEB_SAID}/{{comment}}", {"text": "z", "version": 0}), (200, "GET", f"{WEB}/pull-requests/1/activities?limit=100&start=0"),
    (204, "DELETE", f"{WEB_SAID}/{{comment}}?version=1"), (201, "POST", f"{WEB}/webhooks", WEB_HOOK, ("hook", "id")), (200, "GET", f"{WEB}/webhooks?limit=1000"), (200, "GET", f"{WEB}/webhooks/{{hook}}"),
    (200, "PUT", f"{WEB}/webhooks/{{hook}}", WEB_HOOK), (422, "POST", f"{WEB}/webhooks", WEB_HOOK | {"secret": "s"}), (204, "DELETE", f"{WEB}/webhooks/{{hook}}"), (204, "POST", f"{WEB}/commits/{OTHER}/builds", STATUS),
    (422, "POST", f"{WEB}/commits/{OTHER}/builds", STATUS | {"state": "STOPPED"}), (200, "GET", f"{WEB}/commits/{OTHER}/builds?key=k"), (204, "POST", f"/build-status/latest/commits/{OTHER}", STATUS), (200, "GET", f"/build-status/latest/commits/{OTHER}"),
]

HOSTS = {"gitea": ("acme/shop", "token", GITEA), "gitlab": ("acme/web/shop", "Bearer", GITLAB), "bitbucket": ("acme/shop", "Bearer", BITBUCKET), "bitbucket_server": ("SHOP/web", "Bearer", BITBUCKET_SERVER)}


def ask(forge, method, path, body, authorization):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(forge.api_url + path, data=data, method=method, headers={"content-type": "application/json", "authorization": authorization})
    try:
        answer = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.read(), answer.headers.get("sl-violations") or ""


@pytest.mark.parametrize("kind", HOSTS)
def test_requests_and_answers_are_as_the_contract_says(checked_forge, kind):
    path, scheme, calls = HOSTS[kind]
    forge = checked_forge(kind)
    forge.may_violate = True  # each answer is looked at here
    forge.seed(repos=[{"path": path, "branches": {"main": HEAD, "topic/a": OTHER}}], pulls=[{"repo": path, "branch": "topic/a"}])
    authorization = f"{scheme} {forge.token()['token']}"
    names = {}
    for right, method, where, *rest in calls:
        status, text, wrong = ask(forge, method, where.format(**names), rest[0] if rest else None, authorization)
        assert (status, wrong) == (right, ""), f"{method} {where}: {text[:2000]!r}"
        if len(rest) > 1:
            name, key = rest[1]
            names[name] = urllib.parse.quote(str(json.loads(text)[key]), safe="")
    assert ask(forge, "GET", "/no/such/route", None, authorization)[0] == 404
