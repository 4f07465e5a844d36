"""GET /metrics on its own listener: what it counts when a real build runs, in both forms, and its companions in deploy/."""
import json
import re
import subprocess
import urllib.error
import urllib.request

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_metrics

from harness.server import ROOT, http
from harness.waiting import until

LISTEN = '[metrics]\nlisten = "127.0.0.1:0"\n'


def scrape(kiln, accept=""):
    url = kiln.cli_json("status")["metrics_url"]
    request = urllib.request.Request(url, headers={"accept": accept} if accept else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers["content-type"], answer.read().decode()


def samples(text):
    """{(name, labels as sorted pairs): value}"""
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in plain_metrics(text) for sample in family.samples}


def value(text, name, **labels):
    return samples(text).get((name, tuple(sorted(labels.items()))))


def promtool(*words, text=None):
    done = subprocess.run(["promtool", *map(str, words)], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def watched(fresh_kiln, worker_repo, name):
    kiln = fresh_kiln(LISTEN + '[builds]\nconcurrency = 1\n')
    kiln.connect(worker_repo.bare, name)
    (uuid,) = worker_repo.push()
    assert kiln.wait(uuid)["build_outcome"] == "success", kiln.build_log(uuid)
    until(lambda: value(scrape(kiln)[1], "kiln_builds_total", outcome="success") == 1, "the build to be counted")
    return kiln


def test_a_build_is_counted_with_all_that_belongs_to_it(watched, name):
    workers = watched.cli_json("status")["workers_url"]
    host = f"{name}.dev.localhost"
    visit = urllib.request.Request(workers + "/", headers={"host": host})
    assert urllib.request.urlopen(visit, timeout=60).read() == b"hello"
    http("GET", watched.url + "/no/such/route")
    http("POST", watched.url + "/webhooks/github", b"{}", {"x-github-event": "push", "x-github-delivery": "1"})
    kind, text = scrape(watched)
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    assert promtool("check", "metrics", text=text) == ""
    assert value(text, "kiln_builds_total", outcome="fail") == 0
    assert value(text, "kiln_build_queue_seconds_count") == 1
    for step in ("initialize", "clone", "deploy"):
        assert value(text, "kiln_build_step_seconds_count", step=step, end="done") == 1, step
    assert value(text, "kiln_queue_builds") == 0 and value(text, "kiln_running_builds") == 0
    assert value(text, "kiln_queue_oldest_wait_seconds") == 0
    assert value(text, "kiln_alive_runners") == 1 and value(text, "kiln_accepting_runners") == 1
    assert value(text, "kiln_leases_lost_total") == 0
    assert value(text, "kiln_hook_deliveries_total", provider="git", result="taken") == 1
    assert sum(v for (n, labels), v in samples(text).items()
               if n == "kiln_hook_deliveries_total" and ("provider", "github") in labels and ("result", "taken") not in labels) == 1
    assert value(text, "kiln_http_requests_total", method="GET", route="/readyz", code="200") >= 1
    assert value(text, "kiln_http_requests_total", method="none", route="none", code="404") == 1
    assert value(text, "kiln_http_request_duration_seconds_count", method="GET", route="/readyz") >= 1
    assert value(text, "kiln_worker_requests_total", code="2xx") >= 1
    assert value(text, "kiln_worker_cold_start_seconds_count") >= 1 and value(text, "kiln_worker_processes") >= 1
    assert value(text, "kiln_disk_free_bytes") > 0 and value(text, "kiln_sqlite_write_seconds_count") > 0
    assert value(text, "kiln_sqlite_busy_total") == 0
    assert value(text, "kiln_outbox_rows") == 0 and value(text, "kiln_outbox_oldest_age_seconds") == 0
    assert value(text, "process_resident_memory_bytes") > 1_000_000 and value(text, "process_open_fds") > 5
    assert name not in text and watched.account not in text, "labels of Workers and accounts are there only by setting"


def test_open_metrics_says_the_same_in_its_form(watched):
    kind, text = scrape(watched, "application/openmetrics-text; version=1.0.0")
    assert kind == "application/openmetrics-text; version=1.0.0; charset=utf-8" and text.endswith("# EOF\n")
    families = {family.name: family for family in open_metrics(text)}
    assert families["kiln_build_queue_seconds"].unit == "seconds" and families["kiln_builds"].type == "counter"
    assert all(family.documentation for family in families.values())
    plain = {family.name for family in plain_metrics(scrape(watched)[1])}
    assert {name.removesuffix("_total") for name in plain} == set(families)


def test_a_worker_is_a_label_where_the_settings_say_so(fresh_kiln, worker_repo, name):
    kiln = fresh_kiln(LISTEN + "per_worker = true\n")
    kiln.connect(worker_repo.bare, name, build_command="exit 1")
    (uuid,) = worker_repo.push()
    kiln.wait(uuid)
    until(lambda: value(scrape(kiln)[1], "kiln_builds_total", outcome="fail", worker=name, account=kiln.account) == 1, "the label")


def test_the_listener_knows_nothing_else_and_the_api_no_metrics(watched):
    url = watched.cli_json("status")["metrics_url"].removesuffix("/metrics")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{url}/client/v4/user", timeout=30)
    assert refused.value.code == 404
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(watched.url + "/metrics", timeout=30)
    assert refused.value.code == 404


def test_alert_rules_and_the_dashboard_name_metrics_that_are_there(watched):
    rules = ROOT / "deploy" / "prometheus" / "kiln-alerts.yml"
    assert "SUCCESS" in promtool("check", "rules", rules)
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "kiln.json").read_text())
    text = scrape(watched)[1]
    there = {family.name for family in plain_metrics(text)} | {sample for sample, _ in samples(text)}
    described = set(re.findall(r'"(kiln_[a-z_]+)"', "".join(
        file.read_text() for file in (ROOT / "src" / "metrics").glob("*.cc")) + (ROOT / "src/app/metrics_parts.cc").read_text()))
    wanted = set(re.findall(r"\b((?:kiln|process)_[a-z_]+)\b", rules.read_text() + json.dumps(dashboard)))
    wanted = {name.removesuffix("_bucket") for name in wanted}
    assert wanted - there - described == set()
    assert all(target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", []))
    documented = (ROOT / "docs" / "operations.md").read_text()
    assert [name for name in described if name not in documented] == []
