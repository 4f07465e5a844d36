"""Domains of the operator's own: routes and custom domains that wrangler deploys, what is refused before anything is live, the
addresses of a proxy in front, and compatibility dates."""
import datetime
import http.client
import json
import os
import re
import subprocess
from urllib.parse import urlsplit

import pytest

from harness.server import ROOT, TOOLS, Kiln
from harness.wrangler import MODULE, WRANGLERS, Wrangler

SETTINGS = '[workers]\nzones = ["zone.test", "team.test@team"]\npublic_url = "https://workers.example:8443"\n'


@pytest.fixture(scope="module")
def kiln(tmp_path_factory):
    server = Kiln(tmp_path_factory.mktemp("kiln"), "[builds]\nconcurrency = 2\n" + SETTINGS).start()
    yield server
    server.stop()


def get(kiln, host, path="/", **headers):
    """(status, body) of a request to where Workers answer."""
    front = urlsplit(kiln.cli_json("status")["workers_url"])
    connection = http.client.HTTPConnection(front.hostname, front.port, timeout=60)
    try:
        connection.request("GET", path, headers={"Host": host, **headers})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def config_of(name, **more):
    return json.dumps({"name": name, "main": "index.js", "compatibility_date": "2026-11-01"} | more)


def pushed(kiln, repo, name, text, deploy_command="npx wrangler deploy", **config):
    """The build of a push of a Worker that answers `text`, with its log."""
    repo.commit({"index.js": MODULE % text, "wrangler.json": config_of(name, **config)})
    if not getattr(repo, "connected", False):
        repo.connected = kiln.connect(repo.bare, name, deploy_command=deploy_command)
    (uuid,) = repo.push()
    return kiln.wait(uuid), "\n".join(kiln.build_log(uuid))


@pytest.mark.parametrize("release", WRANGLERS)
def test_routes_and_custom_domains_are_served_by_host_and_path(kiln, tmp_path, name, release):
    wrangler = Wrangler(kiln, tmp_path, name, release)
    site, app = f"{name}.zone.test", f"app-{name}.zone.test"
    wrangler.configure(routes=[f"{site}/*", {"pattern": f"*.{site}/api/*", "zone_name": "zone.test"},
                               {"pattern": app, "custom_domain": True}])
    for _ in range(2):  # wrangler asks other things where the Worker is there already
        text = wrangler.run("deploy").text
        assert f"{site}/*" in text and f"{app} (custom domain)" in text
    assert get(kiln, site, "/x?y=1") == (200, "one")
    assert get(kiln, site.upper() + ":1234") == (200, "one")
    assert get(kiln, f"a.b.{site}", "/api/x") == (200, "one")
    assert get(kiln, app, "/x") == (200, "one")
    for host, path in ((f"a.{site}", "/x"), (f"x.{app}", "/"), ("zone.test", "/"), (f"{name}.dev.localhost", "/")):
        assert get(kiln, host, path)[0] == 404, host  # the last: workers_dev is off where there are routes
    wrangler.configure(routes=[f"{site}/only*"], workers_dev=True)
    wrangler.run("triggers", "deploy")
    assert get(kiln, site, "/only/x")[0] == 200 and get(kiln, site, "/x")[0] == 404
    assert get(kiln, f"{name}.dev.localhost") == (200, "one")
    assert get(kiln, app, "/x")[0] == 200, "wrangler sets custom domains only where the configuration has some"
    which = kiln.cli_json("which", f"http://{site}/only/x")
    assert which["worker"] == name and f"{app}: {name}" in kiln.cli_json("status")["workers_routes"]
    assert kiln.cli("which", f"http://{site}/x", check=False).returncode == 1
    wrangler.run("delete", "--force")
    assert get(kiln, site, "/only/x")[0] == get(kiln, app)[0] == 404
    assert all(name not in words for words in kiln.cli_json("status").get("workers_routes", []))


def test_the_most_specific_pattern_wins(kiln, tmp_path, name):
    site = f"{name}.zone.test"
    for index, routes in enumerate([[f"*{site}/*"], [f"{site}/hello/*"], [f"www.{site}/*"], [f"https://{site}/hello/*"]]):
        folder = tmp_path / str(index)
        folder.mkdir()
        wrangler = Wrangler(kiln, folder, f"{name}-{index}")
        wrangler.put(str(index))
        kiln.call("PUT", wrangler.scripts + "/routes", [{"pattern": pattern} for pattern in routes]).result
    for host, path, index in ((site, "/", 0), (site, "/hello/x", 1), (f"www.{site}", "/hello/x", 2), (f"a.{site}", "/", 0)):
        assert get(kiln, host, path) == (200, str(index)), (host, path)
    secure = {"X-Forwarded-Proto": "https"}  # of this machine's own proxy
    assert get(kiln, site, "/hello/x", **secure) == (200, "3")


def test_a_build_says_where_its_worker_is_live(kiln, repo, name):
    build, log = pushed(kiln, repo, name, "hello", routes=[{"pattern": f"{name}.zone.test", "custom_domain": True},
                                                           f"*.{name}.zone.test/*"], workers_dev=True)
    assert build["build_outcome"] == "success", log
    assert f"Live at https://{name}.dev.workers.example:8443" in log
    assert f"Live at https://{name}.zone.test:8443" in log
    assert f"Preview of this version: {build['preview_url']}" in log
    assert build["preview_url"] == f"https://{build['version_ids'][0][:8]}-{name}.dev.workers.example:8443"
    for host in (urlsplit(build["preview_url"]).netloc, f"{name}.dev.workers.example", f"{name}.dev.localhost:99",
                 f"{name}.zone.test:8443"):
        assert get(kiln, host)[0] == 200, host
    assert kiln.cli_json("which", build["preview_url"])["versions"][0]["version_id"] == build["version_ids"][0]
    assert kiln.cli_json("status")["workers_public_url"] == "https://workers.example:8443"
    worker = kiln.get(f"//accounts/{kiln.account}/workers/workers/{name}").result
    assert worker["subdomain"]["url"] == f"https://{name}.dev.workers.example:8443"


@pytest.mark.parametrize("routes, words", [
    (["other.test/*"], "serves no Worker of this account at other.test: the domains that are given to it are zone.test"),
    ([{"pattern": "app.team.test", "custom_domain": True}], "serves no Worker of this account at app.team.test"),
    (["zone.test/*.jpg"], "may have a * at the beginning of its host"),
])
@pytest.mark.parametrize("command", ["npx wrangler deploy", "npm run send"])
def test_a_route_that_is_refused_fails_the_build_and_leaves_the_live_version(kiln, repo, name, routes, words, command):
    repo.write({"package.json": '{"private": true, "scripts": {"send": "wrangler deploy"}}'})
    first, log = pushed(kiln, repo, name, "first", command, workers_dev=True)
    assert first["build_outcome"] == "success", log
    assert get(kiln, f"{name}.dev.localhost") == (200, "first")
    second, log = pushed(kiln, repo, name, "second", command, routes=routes)
    assert second["build_outcome"] == "fail" and words in " ".join(log.split()), log
    assert get(kiln, f"{name}.dev.localhost") == (200, "first")
    if command.startswith("npx"):
        assert second["version_ids"] == [] and "nothing was deployed" in log
    else:
        assert "What was live before this build is live again." in " ".join(log.split())


def test_a_refusal_that_wrangler_meets_at_the_zones_is_taken_back_too(kiln, repo, name):
    """Once the Worker's own address is off, wrangler looks for the zone first, and goes no further without one."""
    repo.write({"package.json": '{"private": true, "scripts": {"send": "wrangler deploy"}}'})
    first, log = pushed(kiln, repo, name, "first", "npm run send", routes=[f"{name}.zone.test/*"])
    assert first["build_outcome"] == "success", log
    second, log = pushed(kiln, repo, name, "second", routes=["other.test/*"])
    text = " ".join(log.split())
    assert second["build_outcome"] == "fail" and "What was live before this build is live again. Its routes stay as they were." in text, log
    assert get(kiln, f"{name}.zone.test") == (200, "first")


def test_a_new_worker_whose_route_is_refused_stays_reachable(kiln, tmp_path, name):
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.configure(routes=["other.test/*"])
    text = " ".join(wrangler.run("deploy", fails=True).text.split())
    assert "answers at its own address," in text and f"https://{name}.dev.workers.example:8443" in text and "workers.zones" in text, text
    assert get(kiln, f"{name}.dev.localhost") == (200, "one")


def test_two_workers_cannot_have_one_pattern(kiln, tmp_path, repo, name):
    owner = Wrangler(kiln, tmp_path, name + "-owner")
    owner.configure(routes=[f"{name}.zone.test/*", {"pattern": f"app-{name}.zone.test", "custom_domain": True}])
    owner.run("deploy")
    build, log = pushed(kiln, repo, name, "second", routes=[f"{name}.zone.test/*"])
    assert build["build_outcome"] == "fail" and f"'{name}-owner'" in log and build["version_ids"] == []
    other = Wrangler(kiln, tmp_path, name + "-other")
    other.put("other")
    refused = kiln.call("PUT", other.scripts + "/routes", [{"pattern": f"{name}.zone.test/*"}])
    assert refused.error[:2] == (409, 10020) and owner.name in refused.error[2]
    domains = {"override_scope": True, "origins": [{"hostname": f"app-{name}.zone.test"}]}
    refused = kiln.call("PUT", other.scripts + "/domains/records", domains)
    assert refused.error[:2] == (409, 100116)
    assert get(kiln, f"app-{name}.zone.test") == (200, "one")
    kiln.call("PUT", other.scripts + "/domains/records", domains | {"override_existing_origin": True}).result
    assert get(kiln, f"app-{name}.zone.test") == (200, "other")


def test_a_zone_belongs_to_one_account(kiln, name):
    team = kiln.cli_json("account", "create", "--name", f"team {name}", "--subdomain", "team")["id"]
    token = kiln.cli("token", "create", "--name", "t", "--account", team, "--permissions", "scripts:read,scripts:write").stdout.strip()
    ours, theirs = kiln.get("//zones").result, kiln.get("//zones", token=token).result
    assert [zone["name"] for zone in ours] == ["zone.test"] and [zone["name"] for zone in theirs] == ["team.test"]
    assert kiln.get(f"//zones/{ours[0]['id']}", token=token).error[:2] == (404, 7003)
    assert kiln.get("//zones?name=zone.test", token=token).error[:2] == (404, 7003)
    assert kiln.get("//zones?name=app.zone.test").result == []


def test_a_date_up_to_today_is_deployed_and_a_later_one_is_refused(kiln, repo, tmp_path, name):
    today = utc_today()
    build, log = pushed(kiln, repo, name, "hello", compatibility_date=str(today), workers_dev=True)
    assert build["build_outcome"] == "success", log
    assert get(kiln, f"{name}.dev.localhost") == (200, "hello")
    known = kiln.cli_json("doctor")
    (row,) = [row for row in known["rows"] if row["name"] == "workerd"]
    assert "old" in row["found"] and "tools/setup.sh renew" in row["means"]
    if str(today - datetime.timedelta(days=7)) > row["found"].split()[1].rstrip(","):  # workerd knows a week beyond its own date
        newest = re.search(r"runs as of (\S+)\.", log).group(1)
        (note,) = kiln.call("PUT", f"//accounts/{kiln.account}/workers/scripts/{name}-by-hand", *upload(str(today))).json["messages"]
        assert newest in note["message"] and str(today) in note["message"]
    wrangler = Wrangler(kiln, tmp_path, name + "-late")
    wrangler.configure(compatibility_date=str(today + datetime.timedelta(days=3)))
    text = " ".join(wrangler.run("deploy", fails=True).text.split())
    assert "is in the future: today is" in text, text


def test_renewing_workerd_stops_nothing_and_counts_from_the_next_start(fresh_kiln, tmp_path, name):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "node").symlink_to(TOOLS / "node")
    kiln = fresh_kiln(f'[runner]\ntools_dir = "{tools}"\n')
    wrangler = Wrangler(kiln, tmp_path, name)
    wrangler.write(**{"index.js": "let id;\nexport default { fetch() { return new Response(id ??= crypto.randomUUID()); } };\n"})
    wrangler.run("deploy")
    born = get(kiln, f"{name}.dev.localhost")
    assert born[0] == 200

    def runs_as_of():
        answer = kiln.call("PUT", f"//accounts/{kiln.account}/workers/scripts/{name}-dated", *upload(str(utc_today())))
        return [note["message"] for note in answer.json["messages"]]

    before = runs_as_of()
    env = os.environ | {"KILN_TOOLS_DIR": str(tools)}
    older = "1.20261110.1"
    done = subprocess.run([ROOT / "tools/setup.sh", "renew", older], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "workerd 2026-11-10 is in place" in done.stderr, done.stderr
    assert get(kiln, f"{name}.dev.localhost") == born, "the same process"
    after = runs_as_of()
    assert after != before and "2026-11-17" in after[0], (before, after)
    bad = subprocess.run([ROOT / "tools/setup.sh", "renew", "0.0.1"], env=env, capture_output=True, text=True, timeout=300)
    assert bad.returncode != 0 and (tools / "workerd/default").readlink().name == older


def utc_today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def upload(date):
    body = ('--edge\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n'
            + json.dumps({"main_module": "index.js", "compatibility_date": date})
            + '\r\n--edge\r\nContent-Disposition: form-data; name="index.js"; filename="index.js"\r\n'
            + "Content-Type: application/javascript+module\r\n\r\n" + MODULE % "x" + "\r\n--edge--\r\n")
    return body.encode(), None, {"content-type": "multipart/form-data; boundary=edge"}


@pytest.mark.parametrize("line, words", [
    ('public_url = "workers.example"', "workers.public_url must be http:// or https:// with a lower-case domain name"),
    ('public_url = "https://workers.example/x"', "no path"), ('zones = ["*.example.com"]', "workers.zones must be a list"),
    ('zones = ["a.test", "a.test"]', 'a list without "a.test" twice'),
])
def test_wrong_settings_are_refused(tmp_path, line, words):
    server = Kiln(tmp_path, f"[workers]\n{line}\n")
    done = server.cli("doctor", "--config", server.config, check=False)
    assert done.returncode != 0 and words in done.stderr
