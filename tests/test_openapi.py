"""The API's document itself: well-formed, its examples true to its schemas, served as it stands, and a strict judge."""
import collections
import json
import re

import pytest
from jsonschema import Draft202012Validator

from harness.openapi import METHODS, document, parameters_of
from harness.server import ROOT, Answer, http

OPERATIONS = {operation.id: operation for operation in document().operations}


def each_operation(function):
    return pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)(function)


def contents_of(operation):
    """(place, media type, its object) of the request's and of every answer's body."""
    request = operation.body.get("requestBody")
    bodies = [("request", request)] if request else []
    bodies += [(status, document().at(response)) for status, response in operation.body["responses"].items()]
    for place, body in bodies:
        for kind, content in body.get("content", {}).items():
            yield place, kind, content


def parameters(operation):
    return [document().at(parameter) for parameter in operation.body.get("parameters", [])]


# --- structure -------------------------------------------------------------------------------------------------------
def test_it_is_openapi_3_1_with_unique_operations():
    tree = document().tree
    assert tree["openapi"].startswith("3.1.") and tree["info"]["title"] == "Kiln" and tree["info"]["version"]
    counts = collections.Counter(operation.id for operation in document().operations)
    assert [name for name, count in counts.items() if count > 1] == []
    for template, item in tree["paths"].items():
        assert set(item) <= set(METHODS), f"{template} has something besides operations"


def test_every_ref_resolves_and_every_component_is_used():
    used = set()
    for place, ref in document().refs():
        assert ref.startswith("#/"), f"{place}: {ref} leads out of the document"
        document().resolver.resolve(ref)
        used.add(ref)
    components = document().tree["components"]
    for kind in ("schemas", "parameters", "headers", "responses"):
        unused = [name for name in components[kind] if f"#/components/{kind}/{name}" not in used]
        assert unused == [], f"components/{kind}"


def test_every_schema_is_a_schema():
    for name, schema in document().tree["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
    for operation in document().operations:
        for _, _, content in contents_of(operation):
            Draft202012Validator.check_schema(content["schema"])


READS = {"query": (r'query_value\("(\w+)"\)', r'joined_query\([^,]+, "(\w+)"', r'number_of\(request, "(\w+)"'),
         "header": (r'request\.header\("([\w-]+)"\)',)}
# What HTTP and browsers say by themselves, and what a security scheme has.
OF_HTTP = {"accept", "accept-encoding", "authorization", "content-length", "content-type", "host", "origin", "sec-fetch-site", "upgrade",
           "x-forwarded-proto", "x-hub-signature-256", "x-hub-signature", "x-gitlab-token", "webhook-signature"}


@pytest.mark.parametrize("place", READS)
def test_every_parameter_that_a_handler_reads_is_described_and_no_other(place):
    folders = (ROOT / "src" / "api", ROOT / "src" / "scm" / "forge" / "hooks")
    sources = [path for folder in folders for path in sorted(folder.rglob("*.cc"))
               if path.name != "by_name.cc" and not path.name.endswith("_test.cc")]
    read = {name.lower() for path in sources for pattern in READS[place] for name in re.findall(pattern, path.read_text())}
    described = {parameter["name"].lower() for operation in OPERATIONS.values() for parameter in parameters(operation)
                 if parameter["in"] == place}
    assert read - OF_HTTP == described - OF_HTTP


@each_operation
def test_an_operation_is_complete(operation):
    tree, body = document().tree, operation.body
    assert body["summary"] and set(body["tags"]) <= {tag["name"] for tag in tree["tags"]}
    for requirement in body.get("security", tree["security"]):
        assert set(requirement) <= set(tree["components"]["securitySchemes"])
    in_path = [parameter["name"] for parameter in parameters(operation) if parameter["in"] == "path"]
    assert sorted(in_path) == sorted(parameters_of(operation.template))
    assert all(parameter["required"] for parameter in parameters(operation) if parameter["in"] == "path")
    assert any(status < "400" for status in body["responses"]), "no success"


# Where the owner of a Worker decides what stands there, or the keys are names, as those of a table's columns.
OPEN = {"builds", "environment_variables", "env_worker_names", "scripts", "annotations", "observability", "limits", "bindings",
        "env", "tail_consumers", "metadata", "values", "results"}


def grown_by_a_field(example):
    """Copies of an example, each with one object in it larger by a field."""
    yield example | {"a_new_field": 1}
    for key, value in example.items():
        if isinstance(value, dict) and value and key not in OPEN:
            yield from (example | {key: grown} for grown in grown_by_a_field(value))
        if isinstance(value, list) and value and isinstance(value[0], dict) and key not in OPEN:
            yield from (example | {key: [grown]} for grown in grown_by_a_field(value[0]))


@each_operation
def test_answers_are_closed(operation):
    """No JSON answer may grow a field that the document does not know."""
    if operation.id == "getOpenapi":
        return  # its answer is described by OpenAPI itself
    for place, kind, content in contents_of(operation):
        if place != "request" and kind == "application/json":
            for grown in grown_by_a_field(content["example"]):
                assert document().problem(content["schema"], grown), (place, grown)


@each_operation
def test_examples_are_true(operation):
    for place, kind, content in contents_of(operation):
        problem = document().problem(content["schema"], content["example"])
        assert not problem, f"{place}, {kind}: {problem}"
    for parameter in parameters(operation):
        problem = document().problem(parameter["schema"], parameter["example"])
        assert not problem, f"{parameter['name']}: {problem}"
    for response in operation.body["responses"].values():
        for name, header in document().at(response).get("headers", {}).items():
            header = document().at(header)
            assert not document().problem(header["schema"], header["example"]), name


STREAMS = [(operation, content) for operation in OPERATIONS.values() for _, kind, content in contents_of(operation)
           if kind == "text/event-stream" and "x-events" in content]


def test_examples_of_streams_are_true():
    assert {operation.id for operation, _ in STREAMS} == {"followBuildLog", "followEvents"}
    for operation, content in STREAMS:
        for schema in content["x-events"].values():
            Draft202012Validator.check_schema(schema)
        for event in content["example"].strip().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in event.splitlines())
            document().check_event(operation.template, fields["event"], json.loads(fields["data"]))


def test_an_event_that_is_not_described_is_named():
    for name, data, words in (("lines", {"first": 0}, "event lines: "), ("odd", None, "no odd")):
        with pytest.raises(AssertionError, match=words):
            document().check_event(OPERATIONS["followBuildLog"].template, name, data)


# --- served ----------------------------------------------------------------------------------------------------------
def test_the_server_serves_it_to_anybody(kiln):
    answer = http("GET", kiln.url + "/openapi.json")
    version = kiln.cli_json("status")["version"]
    assert answer.json == {**document().tree, "info": {**document().tree["info"], "version": version}}
    again = http("GET", kiln.url + "/openapi.json", headers={"if-none-match": answer.headers["etag"]})
    assert again.status == 304 and again.raw == b""
    assert http("GET", kiln.url + "/openapi.json", headers={"if-none-match": '"another"'}).status == 200


# --- the judge -------------------------------------------------------------------------------------------------------
PATH = "http://x/client/v4/accounts/" + "0" * 32 + "/builds/account/limits"
GOOD = OPERATIONS["getAccountLimits"].body["responses"]["200"]["content"]["application/json"]["example"]


def answer(body, status=200, kind="application/json", headers=()):
    return Answer(status, [("Content-Type", kind), *headers], json.dumps(body).encode())


def test_a_described_answer_passes():
    document().check("GET", PATH, answer(GOOD))


@pytest.mark.parametrize("wrong, words", [
    (answer(GOOD | {"extra": 1}), ["status 200", "$: ", "extra"]),
    (answer({key: value for key, value in GOOD.items() if key != "messages"}), ["$: ", "messages"]),
    (answer(GOOD | {"result": GOOD["result"] | {"has_reached_build_minutes_limit": "no"}}),
     ["$.result.has_reached_build_minutes_limit"]),
    (answer(GOOD | {"result": GOOD["result"] | {"build_minutes_refresh_on": "2026-12-01"}}),
     ["$.result.build_minutes_refresh_on"]),
    (answer(GOOD, status=418), ["status 418", "no such status"]),
    (answer(GOOD, kind="text/plain"), ["text/plain"]),
])
def test_an_answer_that_is_not_described_is_named(wrong, words):
    with pytest.raises(AssertionError) as caught:
        document().check("GET", PATH, wrong)
    assert all(word in str(caught.value) for word in ["getAccountLimits", *words]), str(caught.value)


def test_what_no_operation_has_must_be_refused():
    refusal = {"success": False, "errors": [{"code": 7003, "message": "m"}], "messages": [], "result": None}
    document().check("GET", "http://x/nowhere", answer(refusal, status=404))
    wrong_method = refusal | {"errors": [{"code": 10405, "message": "m"}]}
    document().check("POST", PATH, answer(wrong_method, status=405, headers=[("Allow", "GET")]))
    for method, url, bad in (("GET", "http://x/nowhere", answer(GOOD)), ("POST", PATH, answer(GOOD)),
                             ("GET", "http://x/nowhere", answer(wrong_method, status=404)),
                             ("POST", PATH, answer(wrong_method, status=405))):
        with pytest.raises(AssertionError, match="no operation"):
            document().check(method, url, bad)
