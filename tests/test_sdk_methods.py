"""Every Workers method of the official TypeScript SDK works or is refused by name; docs/compatibility.md says which."""
import functools
import json

import pytest

from harness import compatibility
from harness.clients import sdk_methods
from harness.server import CLIENTS, Kiln
from harness.wrangler import Wrangler

RELEASES = ("6.5", "7.3")
# What 7.3.0 sends in another shape than its own documentation says: in pieces (metadata[main_module]).
NOT_SENT = {"7.3": {"workers.scripts.update", "workers.scripts.versions.create", "workers.scripts.content.update",
                    "workers.scripts.scriptAndVersionSettings.edit"}}
# What Kiln has not; all else must work.
REFUSED = {"workers.scripts.deployments.delete", "workers.scripts.tail.get", "workers.beta.workers.versions.delete",
           "workers.subdomains.delete"}
REFUSED_RESOURCES = ("workers.observability.",)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What became of each method: release → {method: (outcome, words)}."""
    kiln = Kiln(tmp_path_factory.mktemp("kiln"), '[workers]\nzones = ["zone.test"]\n').start()

    @functools.cache
    def of(release):
        wrangler = Wrangler(kiln, tmp_path_factory.mktemp("sdk"), f"sdk-methods-{release.replace('.', '-')}")
        wrangler.put()
        wrangler.secret("KEPT")
        return {method: (outcome, words) for method, outcome, words in sdk_methods(kiln, release, wrangler.name)}
    yield of
    kiln.stop()


def is_refused(method):
    return method in REFUSED or method.startswith(REFUSED_RESOURCES)


def cell(release, method, result):
    if result is None:
        return "–"
    if method in NOT_SENT.get(release, ()):
        return "not sent as documented"
    return result[0]


@pytest.mark.parametrize("release", RELEASES)
def test_each_method_works_or_is_refused_by_name(results, release):
    found = results(release)
    assert len(found) > 60
    not_sent = NOT_SENT.get(release, set())
    wrong = {method: result for method, result in found.items() if method not in not_sent and not (
        result[0] == "refused" and "Kiln" in result[1] if is_refused(method) else result[0] == "works")}
    assert not wrong, json.dumps(wrong, indent=1)
    for method in not_sent:
        assert found[method][0] != "works", f"{method} is sent now: take it off the list"


def test_the_table_in_the_docs_says_so(results):
    version = {release: json.loads((CLIENTS / f"cloudflare-{release.replace('.', '-')}" / "package.json").read_text())["version"]
               for release in RELEASES}
    methods = list(dict.fromkeys(method for release in RELEASES for method in results(release)))
    rows = []
    for method in methods:
        both = {release: results(release).get(method) for release in RELEASES}
        rows.append([f"`{method}`", *(cell(release, method, result) for release, result in both.items())])
    head = ["method", *(f"cloudflare {version[release]}" for release in RELEASES)]
    compatibility.hold("sdk", compatibility.table(head, rows), "make compatibility")
