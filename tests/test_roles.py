"""Every operation of the API's document, asked as each role and by tokens of each right: who may is what x-kiln-right says, and nobody else.

Roles are those that a provider of identities gives (view, operate, administer); the provider is npm oidc-provider."""
import http.client
import json

import pytest

from harness.oidc import Person, Provider
from harness.openapi import document, parameters_of

EITHER_READ, EITHER_WRITE = "ci:read or scripts:read", "ci:write or scripts:write"
READ = {"any", "ci:read", "scripts:read", EITHER_READ}
WRITE = READ | {"ci:write", "scripts:write", EITHER_WRITE}
ROLES = {"linus": READ, "grace": WRITE, "ada": WRITE | {"admin"}}
TOKENS = {"ci:read": {"any", "ci:read", EITHER_READ}, "ci:write": {"any", "ci:read", "ci:write", EITHER_READ, EITHER_WRITE},
          "scripts:read": {"any", "scripts:read", EITHER_READ}, "scripts:write": {"any", "scripts:read", "scripts:write", EITHER_READ, EITHER_WRITE}}
UUID = "00000000-0000-4000-8000-000000000000"


def takes_a_token(operation):
    return any("token" in way for way in operation.body.get("security", document().tree["security"]))


OPERATIONS = [operation for operation in document().operations if takes_a_token(operation)]


def status_of(kiln, operation, headers):
    """The status alone: streams do not end. Ids are nobody's and bodies say nothing, so that whoever may changes nothing."""
    path = operation.template.replace("{account_id}", kiln.account)
    for parameter in parameters_of(path):
        path = path.replace("{" + parameter + "}", UUID)
    body = None if operation.method == "GET" else "{}"
    connection = http.client.HTTPConnection(kiln.url.removeprefix("http://"), timeout=60)
    connection.request(operation.method, path, body, headers | ({"content-type": "application/json"} if body else {}))
    answer = connection.getresponse()
    said = json.loads(answer.read()) if answer.status == 403 else None
    connection.close()
    return answer.status, said and said["errors"][0]


def holds(kiln, headers, rights, who):
    """What was let through or refused otherwise than x-kiln-right says."""
    wrong = []
    for operation in OPERATIONS:
        needs = operation.body["x-kiln-right"]
        status, said = status_of(kiln, operation, headers)
        refused = status in (401, 403)
        if refused != (needs not in rights):
            wrong.append(f"{who} {'may not' if refused else 'may'} {operation.id} ({needs}): {status} {said}")
    return wrong


@pytest.fixture(scope="module")
def provider():
    running = Provider()
    yield running
    running.stop()


def test_every_operation_says_what_it_needs():
    known = WRITE | {"admin"}
    assert [operation.id for operation in OPERATIONS if operation.body.get("x-kiln-right") not in known] == []
    unmarked = [operation.id for operation in document().operations if not takes_a_token(operation) and "x-kiln-right" in operation.body]
    assert unmarked == [], "these take no token"


def test_reading_rights_change_nothing():
    changes = {operation.id for operation in OPERATIONS if operation.method != "GET" and operation.body["x-kiln-right"] in READ}
    assert changes <= {"matchTriggers", "openTail", "closeTail", "getKvValues", "exportD1Database"}, "a right to read opens what writes"


def test_roles_hold_on_every_operation(fresh_kiln, provider, tmp_path):
    kiln = fresh_kiln(provider.settings(tmp_path))
    wrong = []
    for name, rights in ROLES.items():
        person = Person()
        assert person.sign_in(kiln, name)[0] == 200
        wrong += holds(kiln, person.headers(kiln), rights, name)
    assert wrong == []


def test_rights_of_tokens_hold_on_every_operation(fresh_kiln):
    kiln = fresh_kiln()
    wrong = []
    for words, rights in TOKENS.items():
        token = kiln.cli("token", "create", "--name", words, "--permissions", words).stdout.strip()
        wrong += holds(kiln, {"authorization": f"Bearer {token}"}, rights, words)
    assert wrong == []


def test_nobody_is_let_in_without_signing_in(fresh_kiln):
    kiln = fresh_kiln("[api]\nfailed_auth_per_minute = 0\n")
    for headers in ({}, {"cookie": "kiln_session_80=x"}, {"authorization": "Bearer x"}):
        let_in = [operation.id for operation in OPERATIONS if status_of(kiln, operation, headers)[0] not in (401, 403, 421)]
        assert let_in == [], headers
