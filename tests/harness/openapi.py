"""api/openapi.yaml as the judge of the server's answers: which operation a request was, and whether its answer is described."""
import functools
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator, FormatChecker, RefResolver
from jsonschema.exceptions import best_match

FILE = Path(__file__).resolve().parents[2] / "api" / "openapi.yaml"
METHODS = ("get", "put", "post", "patch", "delete")


class Operation:
    def __init__(self, method, template, body):
        self.method, self.template, self.body = method.upper(), template, body
        self.id = body["operationId"]
        self.segments = template.split("/")

    def fits(self, segments):
        if self.segments[-1] == "{object_key}" and len(segments) > len(self.segments):  # takes the rest of the path
            segments = segments[:len(self.segments) - 1] + ["/".join(segments[len(self.segments) - 1:])]
        return len(segments) == len(self.segments) and all(
            mine == theirs or (mine.startswith("{") and theirs) for mine, theirs in zip(self.segments, segments))

    @property
    def literalness(self):
        """Orders templates that fit the same path as the router does: literal segments first, from the left."""
        return [segment.startswith("{") for segment in self.segments]


class Document:
    def __init__(self, tree):
        self.tree = tree
        self.resolver = RefResolver("", tree)
        self.operations = [Operation(method, template, item[method])
                           for template, item in tree["paths"].items() for method in METHODS if method in item]
        self.operations.sort(key=lambda operation: operation.literalness)
        self.answered = {}  # operationId → the statuses that were seen and found right
        self._seen = set()

    def at(self, node):
        """`node`, or what its $ref points at."""
        while "$ref" in node:
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def problem(self, schema, value):
        """What is wrong with `value`, beginning with its JSON path, or None."""
        validator = Draft202012Validator(schema, resolver=self.resolver, format_checker=FormatChecker())
        errors = list(validator.iter_errors(value))
        # A part that fails counts nothing as evaluated: then its own error says more than the "unevaluated" one.
        error = best_match([e for e in errors if e.validator != "unevaluatedProperties"] or errors)
        return error and f"{error.json_path}: {error.message[:500]}"

    def check(self, method, url, answer):
        """Fails unless the document describes this answer to this request."""
        path = urlsplit(url).path
        fitting = [operation for operation in self.operations if operation.fits(path.split("/"))]
        wanted = "GET" if method == "HEAD" else method
        operation = next((o for o in fitting if o.method == wanted), None)
        where = f"{operation.id if operation else 'no operation'} ({method} {path}), status {answer.status}"
        if operation is None:
            wrong = self._wrong_without_operation(method, bool(fitting), answer)
        else:
            wrong = self._wrong_answer(operation, method, answer)
        assert not wrong, f"{where}: {wrong} (api/openapi.yaml); body: {answer.raw[:1000]!r}"
        if operation:
            self.answered.setdefault(operation.id, set()).add(answer.status)

    def check_event(self, url, name, data):
        """Fails unless the document describes this event of the event stream at that URL."""
        path = urlsplit(url).path
        operation = next((o for o in self.operations if o.method == "GET" and o.fits(path.split("/"))), None)
        assert operation, f"no operation has the stream {path} (api/openapi.yaml)"
        known = operation.body["responses"]["200"]["content"]["text/event-stream"]["x-events"]
        assert name in known, f"{operation.id} has the events {', '.join(known)}, and no {name} (api/openapi.yaml)"
        problem = self.problem(known[name], data)
        assert not problem, f"{operation.id}, event {name}: {problem} (api/openapi.yaml); data: {str(data)[:1000]}"

    def _wrong_without_operation(self, method, is_path, answer):
        if is_path and method == "OPTIONS":
            return None if answer.status == 204 and "allow" in answer.headers else "expected a 204 with Allow"
        status, code = (405, 10405) if is_path else (404, 7003)
        if answer.status != status:
            return f"expected a {status}, since the document has no such {'method' if is_path else 'path'}"
        if is_path and "allow" not in answer.headers:
            return "the Allow header is missing"
        return self.problem({"$ref": "#/components/schemas/Failure", "properties": {
            "errors": {"items": {"properties": {"code": {"const": code}}}}}}, answer.json)

    def _wrong_answer(self, operation, method, answer):
        response = operation.body["responses"].get(str(answer.status))
        if response is None:
            return "the document has no such status"
        response = self.at(response)
        for name, header in response.get("headers", {}).items():
            value = answer.headers.get(name.lower())
            if value is None and self.at(header).get("required") is False:
                continue
            if value is None:
                return f"the {name} header is missing"
            if problem := self.problem(self.at(header)["schema"], value):
                return f"the {name} header: {problem}"
        content = response.get("content", {})
        if not content:
            return "the document has no body here" if answer.raw else None
        kind = answer.headers.get("content-type", "none")
        if kind.startswith("multipart/"):
            kind = kind.partition(";")[0]  # the boundary is every answer's own
        if kind not in content and "*/*" in content:
            kind = "*/*"
        if kind not in content:
            return f"content type {kind}, where the document has {', '.join(content)}"
        if method == "HEAD":
            return "an answer to HEAD has a body" if answer.raw else None
        return self._wrong_body(operation, answer, kind, content[kind]["schema"])

    def _wrong_body(self, operation, answer, kind, schema):
        # Waiting tests get the same answer over and over; it is right or wrong only once.
        seen = hashlib.sha256(f"{operation.id} {answer.status} {kind} ".encode() + answer.raw).digest()
        if seen in self._seen:
            return None
        value = answer.json if kind == "application/json" else answer.raw.decode(errors="replace")
        problem = self.problem(schema, value)
        if not problem:
            self._seen.add(seen)
        return problem

    def refs(self):
        """Every $ref with the place it stands at."""
        def walk(node, place):
            if isinstance(node, dict):
                for key, value in node.items():
                    if key == "$ref" and isinstance(value, str):
                        yield place, value
                    else:
                        yield from walk(value, f"{place}/{key}")
            elif isinstance(node, list):
                for index, value in enumerate(node):
                    yield from walk(value, f"{place}/{index}")
        yield from walk(self.tree, "#")


@functools.cache
def document():
    return Document(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def parameters_of(template):
    return re.findall(r"{(\w+)}", template)
