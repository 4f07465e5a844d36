"""Deploying by hand, with each wrangler: exit code, output file, and what Kiln then holds."""
import pytest

from harness.wrangler import MODULE, WRANGLERS, Wrangler

pytestmark = pytest.mark.parametrize("release", WRANGLERS)


@pytest.fixture
def wrangler(kiln, tmp_path, name, release):
    return Wrangler(kiln, tmp_path, name, release)


def tag_of(wrangler):
    return wrangler.kiln.get(wrangler.worker).result["id"]


def test_deploy_makes_a_worker_and_deploys_to_it_again(wrangler):
    first = wrangler.entry("deploy", "deploy", "--message", "first") if not wrangler.is_old else wrangler.entry("deploy", "deploy")
    assert first.worker_name == wrangler.name and first.worker_tag is None
    assert wrangler.deployments() == [{first.version_id: 100}]
    wrangler.secret("KEPT")
    wrangler.write(**{"index.js": MODULE % "two"})
    wrangler.configure(vars={"NAME": "bob", "CFG": {"a": [1]}})
    second = wrangler.entry("deploy", "deploy")
    assert second.worker_tag == tag_of(wrangler) and second.version_id != first.version_id
    assert wrangler.deployments()[0] == {second.version_id: 100}
    assert wrangler.bindings(second.version_id) == {
        "NAME": {"name": "NAME", "type": "plain_text", "text": "bob"},
        "CFG": {"name": "CFG", "type": "json", "json": {"a": [1]}}, "KEPT": {"name": "KEPT", "type": "secret_text"}}
    assert wrangler.get("/deployments")["deployments"][0]["source"] == "wrangler"


def test_an_environment_is_a_worker_of_its_own(wrangler, kiln):
    wrangler.configure(env={"staging": {"vars": {"NAME": "staging"}}})
    made = wrangler.entry("deploy", "deploy", "--env", "staging")
    assert made.worker_name == wrangler.name + "-staging" and made.wrangler_environment == "staging"
    assert kiln.get(wrangler.worker).status == 404
    tags = kiln.get(wrangler.worker + "-staging").result["tags"]
    assert tags == ([] if wrangler.is_old else [f"cf:service={wrangler.name}", "cf:environment=staging"])


def test_static_assets_are_sent_once_and_a_worker_may_have_nothing_else(wrangler):
    wrangler.configure(main=None, assets={"directory": "public"})
    wrangler.write(**{"public/index.html": "<h1>hi</h1>", "public/a b.txt": wrangler.name, "public/_headers": "/*\n  X-A: 1\n"})
    first = wrangler.run("deploy")
    assert "Uploaded 2 of 2 asset" in first.text
    again = wrangler.run("deploy")
    assert "No updated asset files to upload" in again.text or "No files to upload" in again.text
    record = next(script for script in wrangler.kiln.get(f"//accounts/{wrangler.kiln.account}/workers/scripts").result
                  if script["id"] == wrangler.name)
    assert record["has_assets"] and not record["has_modules"]


def test_crons_and_addresses_are_set_by_deploying_triggers(wrangler):
    wrangler.put()
    wrangler.configure(triggers={"crons": ["*/5 * * * *"]}, workers_dev=False)
    wrangler.run("triggers", "deploy")
    assert [schedule["cron"] for schedule in wrangler.get("/schedules")["schedules"]] == ["*/5 * * * *"]
    assert wrangler.get("/subdomain")["enabled"] is False


def test_delete_removes_the_worker_and_asks_who_is_bound_to_it(wrangler, kiln):
    wrangler.put()
    user = Wrangler(kiln, wrangler.folder, wrangler.name + "-user", wrangler.release)
    user.put(bindings=[{"name": "API", "type": "service", "service": wrangler.name}])
    incoming = wrangler.get("/references")["services"]["incoming"]
    assert incoming == [{"service": user.name, "environment": "production"}]
    refused = kiln.call("DELETE", wrangler.scripts)
    assert refused.error[:2] == (409, 10008) and user.name in refused.error[2]
    user.configure()
    user.run("delete")
    assert kiln.get(user.scripts + "/deployments").error[:2] == (404, 10007)
    wrangler.configure()
    wrangler.run("delete", "--force")
    assert kiln.get(wrangler.worker).status == 404


def test_whoami_names_the_account(wrangler):
    assert wrangler.kiln.account in wrangler.run("whoami").text
