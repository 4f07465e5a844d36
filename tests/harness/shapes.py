"""A strict schema of the API's records, written here from the published contract and never read from the server.

Keys beyond the published ones are the project's own: a build's version_ids, preview_url and preview_alias_url, and a
trigger's require_version. A shape is a function (value, where) that fails naming the place. Records allow no unknown key
and no missing one.
"""
import re
import uuid as uuids
from datetime import datetime

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SECRET_SHOWN = "[secret]"


def refuse(where, value, wanted):
    raise AssertionError(f"{where}: {value!r} is not {wanted}")


def text(value, where):
    if not isinstance(value, str):
        refuse(where, value, "text")


def filled(value, where):
    if not isinstance(value, str) or not value:
        refuse(where, value, "text with something in it")


def boolean(value, where):
    if not isinstance(value, bool):
        refuse(where, value, "true or false")


def time(value, where):
    """RFC 3339 in UTC with milliseconds and Z, and a moment that exists."""
    if not isinstance(value, str) or not TIME.fullmatch(value):
        refuse(where, value, "a time such as 2019-12-27T18:11:19.117Z")
    datetime.fromisoformat(value)


def uuid(value, where):
    if not isinstance(value, str) or value != str(uuids.UUID(value)):
        refuse(where, value, "a UUID in lower case")


def matching(pattern, wanted):
    def check(value, where):
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            refuse(where, value, wanted)
    return check


def one_of(*words):
    def check(value, where):
        if value not in words or not isinstance(value, str):
            refuse(where, value, f"one of {words}")
    return check


def maybe(shape):
    def check(value, where):
        if value is not None:
            shape(value, where)
    return check


def null(value, where):
    if value is not None:
        refuse(where, value, "null")


def list_of(shape):
    def check(value, where):
        if not isinstance(value, list):
            refuse(where, value, "a list")
        for place, item in enumerate(value):
            shape(item, f"{where}[{place}]")
    return check


def map_of(shape):
    def check(value, where):
        if not isinstance(value, dict):
            refuse(where, value, "an object")
        for name, item in value.items():
            shape(item, f"{where}.{name}")
    return check


def record(**fields):
    def check(value, where):
        if not isinstance(value, dict):
            refuse(where, value, "an object")
        missing, unknown = fields.keys() - value.keys(), value.keys() - fields.keys()
        assert not missing and not unknown, f"{where}: missing {sorted(missing)}, unknown {sorted(unknown)}"
        for name, shape in fields.items():
            shape(value[name], f"{where}.{name}")
    return check


def variable_object(value, where):
    """{is_secret, value, created_on}: the value is text, or null exactly when it is secret."""
    record(is_secret=boolean, value=maybe(text), created_on=time)(value, where)
    if value["is_secret"] != (value["value"] is None):
        refuse(where, value, "a variable that hides its value exactly when it is secret")


VARIABLES = {"strings": map_of(text), "objects": map_of(variable_object)}

url = matching(r"https?://\S+", "a URL")
commit_hash = matching(r"[0-9a-f]{40}|[0-9a-f]{64}", "a whole commit hash")
worker_tag = matching(r"[0-9a-f]{32}", "32 hex digits")

connection = record(
    repo_connection_uuid=uuid, provider_type=one_of("github", "gitlab", "gitlab_internal", "gitea", "bitbucket", "bitbucket_server", "git"),
    provider_account_id=filled, provider_account_name=filled, repo_id=filled, repo_name=filled, created_on=time,
    modified_on=time, deleted_on=maybe(time))

_trigger = {
    "trigger_uuid": uuid, "trigger_name": filled, "external_script_id": worker_tag, "build_command": text,
    "deploy_command": filled, "root_directory": filled, "branch_includes": list_of(text), "branch_excludes": list_of(text),
    "path_includes": list_of(text), "path_excludes": list_of(text), "build_caching_enabled": boolean,
    "repo_connection": connection, "created_on": time, "modified_on": time, "deleted_on": maybe(time)}
trigger_in_build = record(**_trigger)
trigger = record(**_trigger, build_token_uuid=uuid, build_token_name=filled, require_version=boolean,
                 paused=boolean,
                 fork_pull_requests=one_of("never", "approve", "without_secrets", "with_secrets"), report_path_skips=boolean)

pull_request = record(created_on=time, pull_request_url=url)


def metadata(form):
    return record(
        build_trigger_source=one_of("push", "pull_request", "manual", "api"), branch=filled, commit_hash=commit_hash,
        commit_message=text, author=text, build_command=text, deploy_command=filled, root_directory=filled,
        build_token_uuid=uuid, build_token_name=filled, environment_variables=VARIABLES[form], repo_name=filled,
        provider_account_name=filled, provider_type=filled)


OUTCOMES = ("success", "fail", "skipped", "cancelled", "terminated")
STEPS = ("created_on", "initializing_on", "running_on", "stopped_on")
LAST_STEP = {"queued": "created_on", "initializing": "initializing_on", "running": "running_on", "stopped": "stopped_on"}


def build(form):
    shape = record(
        build_uuid=uuid, status=one_of(*LAST_STEP), build_outcome=maybe(one_of(*OUTCOMES)), created_on=time,
        modified_on=time, initializing_on=maybe(time), running_on=maybe(time), stopped_on=maybe(time),
        trigger=trigger_in_build, build_trigger_metadata=metadata(form), pull_request=maybe(pull_request),
        version_ids=list_of(uuid), preview_url=maybe(url), preview_alias_url=maybe(url))

    def check(value, where="build"):
        shape(value, where)
        check_story(value, where)
    return check


def check_story(value, where):
    """What the keys say together: how far it got, how it ended, when, and for what."""
    status, outcome = value["status"], value["build_outcome"]
    reached = [step for step in STEPS if value[step]]
    times = [value[step] for step in reached] + [value["modified_on"]]
    assert times == sorted(times), f"{where}: times go backwards: {times}"
    assert reached[-1] == LAST_STEP[status], f"{where}: {status}, but it has {reached}"
    if status != "stopped":
        assert outcome is None and reached == list(STEPS[:len(reached)]), f"{where}: {status}, {outcome}, {reached}"
    else:
        assert outcome, f"{where}: stopped without an outcome"
    if outcome in ("success", "terminated"):
        assert reached == list(STEPS), f"{where}: {outcome}, but it has only {reached}"
    if outcome == "skipped":
        assert reached == ["created_on", "stopped_on"] and value["version_ids"] == [], f"{where}: skipped, but {reached}"
    pulled = value["build_trigger_metadata"]["build_trigger_source"] == "pull_request"
    assert pulled == (value["pull_request"] is not None), f"{where}: a pull request exactly where one was the source"
