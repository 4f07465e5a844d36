"""The page as a real server serves it: signed in by link and by token, builds failed, running, cancelled and retried, settings changed,
a hostile Worker under the page's own site."""
import os
import re
import urllib.request

import pytest

from harness.githost import Repo
from harness.server import ROOT, Answer

WORKER_JS = 'export default { fetch() { return new Response("hello"); } };\n'
WRANGLER = '{ "name": "shop", "main": "index.js", "compatibility_date": "2026-11-01" }\n'
PACKAGE = '{ "name": "shop", "private": true, "scripts": { "build": "sh build.sh" } }\n'
GOOD = "echo 'vite v7.1.2 building for production...'; echo '✓ 842 modules transformed.'\n"
BAD = GOOD + "echo 'src/till.ts:14:7: error: \"card\" is not exported by \"src/pay.ts\"' >&2\nexit 1\n"


@pytest.fixture
def page_of(kiln, browser):
    def run(scenario, **args):
        return browser.run(scenario, url=kiln.url.replace("127.0.0.1", "localhost"), token=kiln.token, account=kiln.account, **args)
    return run


def pushed(kiln, worker_repo, name, **options):
    kiln.connect(worker_repo.bare, name, **options)
    return worker_repo.push()[0]


def link_of(kiln):
    return re.search(r"http\S+/login#\S+", kiln.cli("dashboard").stdout).group()


def read(url):
    """What a browser gets of the page itself, which is no part of the API's document."""
    with urllib.request.urlopen(urllib.request.Request(url, headers={"accept": "text/html", "accept-encoding": "gzip"}), timeout=30) as answer:
        return Answer(answer.status, answer.getheaders(), answer.read())


def test_assets_and_headers(kiln):
    shell = read(kiln.url + "/")
    assert shell.status == 200 and shell.headers["cache-control"] == "no-cache"
    policy = shell.headers["content-security-policy"]
    for part in ("default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'",
                 "require-trusted-types-for 'script'"):
        assert part in policy
    assert shell.headers["x-content-type-options"] == "nosniff" and shell.headers["referrer-policy"] == "no-referrer"
    assert shell.headers["cross-origin-opener-policy"] == "same-origin" == shell.headers["cross-origin-resource-policy"]
    names = re.findall(r'(?:src|href)="(/assets/[^"]+)"', shell.raw.decode())
    assert len(names) >= 3
    for name in names:
        asset = read(kiln.url + name)
        assert asset.status == 200 and "immutable" in asset.headers["cache-control"], name
    for path in ("/builds/5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90", "/workers/shop/settings", "/login", "/queue", "/pushes", "/account", "/start", "/connect"):
        assert read(kiln.url + path).raw == shell.raw, path


def test_a_link_signs_in_once(kiln, browser):
    link = link_of(kiln)
    browser.run("sign_in_by_link", url=link.partition("/login")[0], link=link)


def test_the_first_steps_are_ticked_as_they_work(fresh_kiln, browser, worker_repo, name, receiver):
    kiln = fresh_kiln("[builds]\nconcurrency = 1\n")
    work = receiver(lambda request: 204 if pushed(kiln, worker_repo, name) else 500)
    browser.run("first_run_ticks", url=kiln.url, token=kiln.token, work=work.url)


def test_a_repository_is_connected_and_built_by_the_page(kiln, browser, worker_repo, name, tmp_path):
    assert worker_repo.push() == []  # nobody listens yet
    link = link_of(kiln)
    did = browser.run("connected_by_the_page", url=link.partition("/login")[0], link=link, bare=str(worker_repo.bare), worker=name,
                      missing=str(tmp_path / "nowhere.git"))
    assert kiln.wait(did["build"])["build_outcome"] == "success"
    assert did["command"] == f"kiln connect {worker_repo.bare} --worker {name}"
    kiln.connect(worker_repo.bare, name)  # what the page says installs the hook
    worker_repo.commit({"index.js": WORKER_JS + "// pushed\n"}, "Pushed")
    [pushed_build] = worker_repo.push()
    assert kiln.wait(pushed_build)["build_outcome"] == "success"


def test_a_failed_build_says_why_and_is_retried(kiln, page_of, tmp_path):
    repo = Repo(tmp_path, "shop")
    repo.commit({"index.js": WORKER_JS, "wrangler.jsonc": WRANGLER, "package.json": PACKAGE, "build.sh": GOOD}, "Show the price")
    first = pushed(kiln, repo, "shop", build_command="npm run build")
    assert kiln.wait(first)["build_outcome"] == "success"
    repo.commit({"build.sh": BAD}, "Take cards at the till")
    [failed] = repo.push()
    assert kiln.wait(failed)["build_outcome"] == "fail"
    again = page_of("failed_build", build=failed, error='"card" is not exported', picture=str(ROOT / ("docs" if os.environ.get("KILN_WRITE_DOCS") else "build") / "page-build.png"))
    assert kiln.wait(again)["build_outcome"] == "fail"


def test_a_running_build_is_followed_and_cancelled(kiln, page_of, worker_repo, name):
    build = pushed(kiln, worker_repo, name, build_command="for i in $(seq 1 3000); do echo \"line number $i\"; done; echo all said; sleep 600")
    page_of("live_build_is_cancelled", build=build, last="all said")
    assert kiln.wait(build)["build_outcome"] == "cancelled"


def test_why_a_push_was_not_built_and_building_it_now(kiln, page_of, worker_repo, name):
    first = pushed(kiln, worker_repo, name, no_previews=True)
    kiln.wait(first)
    worker_repo.commit({"index.js": WORKER_JS + "// aside\n"}, "Aside", branch="aside")
    assert worker_repo.push() == []
    built = page_of("push_that_was_not_built", worker=name)
    assert kiln.wait(built)["build_trigger_metadata"]["branch"] == "aside"


def test_settings_are_shown_before_they_are_saved(kiln, page_of, worker_repo, name):
    build = pushed(kiln, worker_repo, name)
    kiln.wait(build)
    page_of("settings_are_changed", worker=name, command="echo from the page")
    trigger = kiln.build(build)["trigger"]
    assert trigger["build_command"] == "echo from the page"
    variables = kiln.get(f"/triggers/{trigger['trigger_uuid']}/environment_variables").result
    assert variables["PAGE_SECRET"]["is_secret"] and variables["PAGE_SECRET"]["value"] is None


def test_a_trigger_is_paused_by_the_page_and_the_audit_says_so(kiln, page_of, worker_repo, name):
    build = pushed(kiln, worker_repo, name)
    kiln.wait(build)
    page_of("a_trigger_is_paused", worker=name, link=link_of(kiln))
    tag = kiln.build(build)["trigger"]["external_script_id"]
    assert kiln.get(f"/workers/{tag}/triggers").result[0]["paused"]


def test_rolling_back_by_the_page(kiln, page_of, worker_repo, name):
    older = pushed(kiln, worker_repo, name)
    kiln.wait(older)
    worker_repo.commit({"index.js": WORKER_JS + "// newer\n"}, "Newer")
    kiln.wait(worker_repo.push()[0])
    page_of("promote_and_roll_back", worker=name, older=older)


def test_sessions_are_seen_and_ended(page_of):
    page_of("sessions_are_ended")


def test_the_page_comes_back_with_the_server(fresh_kiln, browser, receiver):
    kiln = fresh_kiln()

    def act(request):
        {"/stop": kiln.stop, "/start": kiln.start}[request.path]()
        return 204

    does = receiver(act)
    browser.run("comes_back_after_a_restart", url=kiln.url, token=kiln.token, stop=does.url + "/stop", start=does.url + "/start")


def test_a_hostile_worker_under_the_same_site_can_do_nothing(kiln, page_of, worker_repo, name):
    build = pushed(kiln, worker_repo, name)
    kiln.wait(build)
    before = len(kiln.builds_of(name))
    worker = kiln.get("/overview").result["workers"]
    address = next(one["url"] for one in worker if one["worker_name"] == name)
    page_of("hostile_worker", worker=address, build=build)
    assert len(kiln.builds_of(name)) == before


def test_hostile_words_of_a_real_build(kiln, page_of, worker_repo, name):
    kiln.connect(worker_repo.bare, name, build_command="printf '\\033]0;owned\\007<img src=x onerror=alert(1)>\\n'; exit 1")
    worker_repo.commit({"index.js": WORKER_JS + "// x\n"}, "<img src=x onerror=alert(2)>\u202e evil")
    [build] = worker_repo.push()
    kiln.wait(build)
    page_of("hostile_build", build=build)
