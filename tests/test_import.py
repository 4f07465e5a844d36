"""`kiln import cloudflare` against a fake of the hosted API, and what `kiln export` prints set up on another server."""
import json
import os
import subprocess

import pytest

from harness.githost import Repo
from harness.hosted import Hosted
from harness.server import KILN
from harness.wrangler import Wrangler

SECRET = "v3ry-s3cret-value"
IDLE = "[runner]\nembedded = false\n"


@pytest.fixture
def hosted():
    service = Hosted()
    yield service
    service.stop()
    assert not service.problems, "the fake answers otherwise than published:\n" + "\n".join(service.problems)


@pytest.fixture
def shop(hosted):
    """An account with a Worker that two triggers build, one that nothing builds, and what cannot be brought over."""
    worker = hosted.add("shop")
    worker.add_trigger("Deploy main", variables={"STAGE": "production", "NPM_TOKEN": None}, root_directory="/apps/web/",
                       path_includes=["/apps/web/**"], path_excludes=["docs/*"])
    worker.add_trigger("Other branches", branch_includes=["*"], branch_excludes=["main"], variables={"NPM_TOKEN": None},
                       deploy_command="npx wrangler versions upload")
    worker.add_hook("CMS")
    worker.secrets = ["API_KEY"]
    worker.bindings = [{"name": "DB", "type": "d1", "database_id": "f" * 32},
                       {"name": "FILES", "type": "r2_bucket", "bucket_name": "files"}, {"name": "NAME", "type": "plain_text", "text": "x"}]
    hosted.add("blog")
    hosted.add_token("Workers Builds")
    hosted.add_token("Other")
    hosted.domains = [{"id": "1" * 32, "cert_id": "", "environment": "production", "hostname": "shop.example.com", "service": "shop",
                       "zone_id": "2" * 32, "zone_name": "example.com"}]
    return worker


@pytest.fixture
def server(fresh_kiln):
    return fresh_kiln(IDLE)


class Importer:
    def __init__(self, server, hosted):
        self.server, self.hosted = server, hosted

    def environment(self, columns=80):
        return os.environ | {"CLOUDFLARE_API_TOKEN": self.hosted.token, "COLUMNS": str(columns)}

    def words(self, *more):
        return ["import", "cloudflare", "--account", self.hosted.account, "--url", self.hosted.url, *map(str, more)]

    def run(self, *more, check=True, env=None, stdin=""):
        done = subprocess.run([KILN, *self.words(*more), "--data-dir", self.server.data], capture_output=True, text=True, timeout=120,
                              env=env or self.environment(), input=stdin)
        assert self.hosted.token not in done.stdout + done.stderr and SECRET not in done.stdout + done.stderr
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def steps(self, *more, **options):
        """(type, name) → the state of that step; and what is left to do."""
        plan = json.loads(self.run(*more, "--json", **options).stdout)
        return {(step["type"], step["name"]): step["state"] for step in plan["steps"]}, plan["left_to_do"]


@pytest.fixture
def importer(server, hosted, shop):
    return Importer(server, hosted)


def exported(server):
    return json.loads(server.cli("export").stdout)


def by_name(set_up):
    return {(one["type"], one["name"]): one["attributes"] for one in set_up["resources"]}


def test_a_dry_run_prints_the_plan_and_writes_nothing(importer, server, hosted, tmp_path):
    before = exported(server)
    lines = importer.run("--dry-run").stdout.splitlines()
    assert all(len(line) <= 80 for line in lines), [line for line in lines if len(line) > 80]
    assert lines[0].split() == ["STATE", "TYPE", "NAME", "WHAT"]
    states, left = importer.steps("--dry-run")
    assert states["worker", "shop"] == states["trigger", "shop/Deploy main"] == states["deploy_hook", "shop/CMS"] == "make"
    assert states["variable", "shop/Other branches/NPM_TOKEN"] == "ask for" and states["secret", "shop/API_KEY"] == "later"
    assert states["subdomain", "acme"] == "cannot"
    commands = {(one["type"], one["name"]): " ".join(one["command"]) for one in left}
    assert commands["forge", "https://github.com"] == "kiln forge add github"
    assert commands["worker", "blog"] == "kiln connect REPOSITORY --worker blog"
    assert commands["variable", "shop/Deploy main/NPM_TOKEN"] == "kiln variable set NPM_TOKEN --secret --worker shop"
    assert commands["binding", "shop/DB"] == "npx wrangler d1 execute DB --remote --file FILE"
    assert {("binding", "shop/FILES"), ("domain", "shop.example.com"), ("build_token", "Workers Builds")} <= commands.keys()
    assert exported(server) == before
    assert hosted.types_problem(tmp_path) == ""


def test_what_is_brought_over_is_there_and_a_second_run_makes_nothing(importer, server, tmp_path):
    secrets = tmp_path / "secrets.env"
    secrets.write_text(f"# mine\nshop/NPM_TOKEN={SECRET}\n")
    states, _ = importer.steps("--secrets", secrets)
    assert states["trigger", "shop/Deploy main"] == states["variable", "shop/Deploy main/NPM_TOKEN"] == "made"
    here = by_name(exported(server))
    trigger = here["trigger", "shop/Deploy main"]
    assert trigger["root_directory"] == "apps/web" and trigger["path_includes"] == ["apps/web/*"] and trigger["build_caching_enabled"]
    assert here["variable", "shop/Deploy main/STAGE"]["value"] == "production"
    assert here["variable", "shop/Deploy main/NPM_TOKEN"]["is_secret"] and SECRET not in server.cli("export").stdout
    assert here["worker", "shop"] == {"workers_dev": True, "preview_urls": False}
    assert here["repository", "acme/shop"]["clone_url"] == "https://github.com/acme/shop.git"
    again, _ = importer.steps("--secrets", secrets)
    assert {state for (kind, _), state in again.items() if kind not in ("subdomain", "secret")} == {"there"}
    assert by_name(exported(server)) == here


def test_a_deploy_hooks_new_address_is_told_once(importer, server):
    told = importer.run().stdout
    (address,) = [line.strip() for line in told.splitlines() if "/deploy_hooks/" in line]
    assert address.startswith(server.api + "/workers/builds/deploy_hooks/")
    assert "/deploy_hooks/" not in importer.run().stdout


def test_what_is_otherwise_here_stays_unless_update_is_said(importer, server, shop):
    importer.run()
    shop.triggers[0]["build_command"] = "make"
    shop.hooks[0]["branch"] = "release"
    states, _ = importer.steps()
    assert states["trigger", "shop/Deploy main"] == states["deploy_hook", "shop/CMS"] == "differs"
    assert by_name(exported(server))["trigger", "shop/Deploy main"]["build_command"] == "npm run build"
    states, _ = importer.steps("--update")
    assert states["trigger", "shop/Deploy main"] == states["deploy_hook", "shop/CMS"] == "changed"
    here = by_name(exported(server))
    assert here["trigger", "shop/Deploy main"]["build_command"] == "make" and here["deploy_hook", "shop/CMS"]["branch"] == "release"
    assert importer.steps()[0]["trigger", "shop/Deploy main"] == "there"


def test_one_worker_alone(importer, server):
    states, _ = importer.steps("--worker", "shop")
    assert ("worker", "shop") in states and ("worker", "blog") not in states
    assert "no Worker nobody" in importer.run("--worker", "nobody", check=False).stderr


def test_limits_and_faults_are_waited_for(importer, hosted):
    hosted.faults = {"/workers/scripts": [(429, {"retry-after": "0"}), (503, {"retry-after": "0"})],
                     "/builds/tokens": [(500, {"retry-after": "0"})]}
    done = importer.run()
    assert done.stderr.count("asking again in 0 s") == 3


def test_a_fault_that_stays_changes_nothing(importer, server, hosted):
    before = exported(server)
    hosted.faults = {"/builds/workers/shop/deploy_hooks": [(502, {"retry-after": "0"})] * 9}
    done = importer.run(check=False)
    assert done.returncode == 1 and "a fault of 502" in done.stderr and not done.stdout
    assert exported(server) == before


def test_a_part_that_may_not_be_read_is_named_and_the_rest_brought_over(importer, server, hosted, shop):
    hosted.faults = {f"/builds/workers/{shop.tag}/triggers": [(403, {})]}
    done = importer.run(check=False)
    assert done.returncode == 1 and "triggers of shop" in done.stdout and "the token may not read all" in done.stderr
    assert ("worker", "shop") in by_name(exported(server))
    assert importer.run().returncode == 0 and ("trigger", "shop/Deploy main") in by_name(exported(server))


def test_a_failure_in_the_middle_leaves_what_is_done_and_a_second_run_goes_on(importer, server, shop):
    shop.triggers[1]["branch_includes"] = ["no*pattern*"]
    states, left = importer.steps(check=False)
    assert states["trigger", "shop/Other branches"] == "failed" and states["trigger", "shop/Deploy main"] == "made"
    assert any(one["name"] == "shop/Other branches" and "branch_includes" in one["why"] for one in left)
    assert importer.run(check=False).returncode == 1
    shop.triggers[1]["branch_includes"] = ["*"]
    states, _ = importer.steps()
    assert states["trigger", "shop/Other branches"] == "made" and states["trigger", "shop/Deploy main"] == "there"


def test_the_token_comes_from_a_file_or_standard_input_too(importer, hosted, tmp_path):
    file = tmp_path / "token"
    file.write_text(hosted.token + "\n")
    nobody = {name: value for name, value in os.environ.items() if name != "CLOUDFLARE_API_TOKEN"}
    assert importer.run("--dry-run", "--api-token-file", file, env=nobody).returncode == 0
    assert importer.run("--dry-run", "--api-token-file", "-", env=nobody, stdin=hosted.token).returncode == 0
    assert importer.run("--dry-run", env=nobody, stdin=hosted.token).returncode == 0
    refused = importer.run("--dry-run", env=nobody, stdin="wrong", check=False)
    assert refused.returncode == 1 and "Authentication error" in refused.stderr
    both = importer.run("--api-token-file", "-", "--secrets", "-", env=nobody, stdin="x", check=False)
    assert "cannot both come" in both.stderr
    plain = importer.server.cli("import", "cloudflare", "--account", hosted.account, "--url", "http://hosted.test/client/v4", check=False)
    assert "is not encrypted" in plain.stderr


def test_a_workers_secrets_are_set_once_it_has_a_version(importer, server, tmp_path):
    importer.run()
    worker = Wrangler(server, tmp_path, "shop")
    worker.put()
    states, _ = importer.steps("--secrets", "-", stdin=json.dumps({"API_KEY": SECRET}))
    assert states["secret", "shop/API_KEY"] == "made" and worker.secrets() == ["API_KEY"]
    assert importer.steps()[0]["secret", "shop/API_KEY"] == "there"


@pytest.fixture
def filled(fresh_kiln, repo, host, tmp_path, name):
    """A server with something of every kind."""
    server = fresh_kiln(IDLE)
    repo.commit({"a": "1"}, "First")
    server.connect(repo.bare, name, build_command="npm run build", deploy_command="true")
    site = Repo(host.folder, "site")
    site.commit({"a": "1"}, "First")
    site.push()
    server.connect(f"{host.url}/acme/site.git", "site", root_directory="apps/web", no_previews=True)
    server.cli("variable", "set", "STAGE=production", "--worker", name)
    subprocess.run([KILN, "variable", "set", "KEY", "--secret", "--worker", "site", "--data-dir", server.data], input=SECRET, text=True, check=True)
    subprocess.run([KILN, "build-token", "create", "--name", "elsewhere", "--data-dir", server.data], input=SECRET, text=True, check=True)
    token = server.get("/tokens").result
    site = server.cli_json("trigger", "list", "site")[0]["trigger_uuid"]
    elsewhere = next(one["build_token_uuid"] for one in token if one["build_token_name"] == "elsewhere")
    server.call("PATCH", f"/triggers/{site}", {"build_token_uuid": elsewhere, "paused": True}).result
    server.call("POST", f"/workers/{name}/deploy_hooks", {"deploy_hook_name": "cms", "branch": "main"}).result
    server.call("POST", f"//accounts/{server.account}/storage/kv/namespaces", {"title": "sessions"}).result
    server.call("POST", f"//accounts/{server.account}/d1/database", {"name": "shop-db"}).result
    server.call("POST", f"//accounts/{server.account}/r2/buckets", {"name": "shop-media", "storageClass": "InfrequentAccess"}).result
    queues = f"//accounts/{server.account}/queues"
    lost = server.call("POST", queues, {"queue_name": "lost"}).result["queue_id"]
    jobs = server.call("POST", queues, {"queue_name": "jobs", "settings": {"delivery_delay": 5}}).result["queue_id"]
    server.call("POST", f"{queues}/{jobs}/consumers", {"type": "http_pull", "dead_letter_queue": "lost", "settings": {"batch_size": 7}}).result
    server.call("POST", f"//accounts/{server.account}/event_subscriptions/subscriptions", {
        "name": "ends", "source": {"type": "workersBuilds.worker", "worker_name": name}, "events": ["build.failed"],
        "destination": {"type": "queues.queue", "queue_id": lost}}).result
    (folder := tmp_path / "worker").mkdir()
    worker = Wrangler(server, folder, name)
    worker.put()
    worker.secret("API_KEY", SECRET)
    return server


def test_an_export_sets_up_an_empty_server(filled, fresh_kiln, tmp_path, name):
    text = filled.cli("export").stdout
    assert SECRET not in text
    (file := tmp_path / "set-up.json").write_text(text)
    other = fresh_kiln(IDLE)
    (secrets := tmp_path / "secrets.json").write_text(json.dumps({"KEY": SECRET, "elsewhere": SECRET, "API_KEY": SECRET}))
    plan = other.cli("import", "file", file, "--secrets", secrets, "--dry-run").stdout
    assert "kiln connect" in plan and exported(other)["resources"] == [{"type": "subdomain", "name": "dev", "attributes": {}}]
    done = other.cli("import", "file", file, "--secrets", secrets)
    assert "Left to do:" in done.stdout and f"kiln secret set {name} API_KEY" in done.stdout
    Wrangler(other, tmp_path / "worker", name).put()
    other.cli("import", "file", file, "--secrets", secrets)
    assert by_name(json.loads(text)) == by_name(exported(other))
    assert {kind for kind, _ in by_name(exported(other))} == {
        "subdomain", "worker", "kv_namespace", "d1_database", "r2_bucket", "queue", "repository", "build_token", "trigger", "variable", "secret", "deploy_hook",
        "queue_consumer", "event_subscription"}
    states = {step["state"] for step in other.cli_json("import", "file", file)["steps"]}
    assert states == {"there"}


def test_a_file_that_is_none_is_refused_in_words(server, tmp_path):
    (file := tmp_path / "wrong.json").write_text('{"format": "kiln-set-up", "version": 1, "resources": [{"type": "house", "name": "h"}]}')
    done = server.cli("import", "file", file, check=False)
    assert done.returncode == 1 and "house h: there is no such type of resource" in done.stderr
