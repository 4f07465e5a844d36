"""Deliveries that come together, twice, and in the wrong order: what was pushed last is what is live in the end, and nothing is built twice."""
import threading
import uuid as uuids
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.githost import Repo
from harness.keeping import DEPLOY_SH
from harness.waiting import until
from test_forge_reports import Place
from test_github import ZERO, Hook, push_event

ROUNDS = 10


def together(*calls):
    """Makes the calls at the same moment; → what each returned."""
    gate = threading.Barrier(len(calls))

    def make(call):
        gate.wait(30)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(make, calls))


class Shop:
    """A repository whose deliveries a test sends itself, in whichever order."""

    def __init__(self, kiln, host, name, **options):
        self.kiln, self.name = kiln, name
        self.repo = Repo(host.folder, name)
        self.url = f"{host.url}/acme/{name}.git"
        connected = kiln.connect(self.url, name, no_previews=True, **options)
        self.hook = Hook(kiln, connected["hook"]["secret"])

    def delivery(self, before, after):
        """Sends that push whenever it is called, always as the same delivery."""
        guid, event = str(uuids.uuid4()), push_event(self.name, self.url, before, after)

        def send():
            answer = self.hook.send(event, guid)
            assert answer.status == 200, answer.raw
            return answer.json["result"]
        return send

    def builds(self, commit):
        """Of that commit, but those that were skipped."""
        return [build for build in self.kiln.builds_of(self.name)
                if build["build_trigger_metadata"]["commit_hash"] == commit and build["build_outcome"] != "skipped"]


def test_deliveries_that_come_at_the_same_moment_leave_the_newest_commit_as_the_last_to_build(fresh_kiln, host, name):
    shop = Shop(fresh_kiln("[runner]\nembedded = false\n"), host, name, build_command="true", deploy_command="true")
    newest = shop.repo.commit({"a": "0"})
    shop.repo.push()
    shop.delivery(ZERO, newest)()
    checked = 0
    for round_ in range(ROUNDS):
        a, b, c = newest, shop.repo.commit({"a": f"{round_} b"}), shop.repo.commit({"a": f"{round_} c"})
        shop.repo.push()
        older, newer = shop.delivery(a, b), shop.delivery(b, c)
        together(older, newer, older, newer, newer, older)
        newest = c
        if "a push is taken in without" in shop.kiln.log():
            break  # git was too slow here for what follows; the test below is about that
        (last,) = shop.builds(c)  # once, however often it was told
        late = [build for build in shop.builds(b) if build["created_on"] > last["created_on"]]
        assert late == [], f"round {round_}: an older commit waits behind the newest"
        assert len(shop.builds(b)) <= 1
        checked += 1
    assert checked, "git was too slow in the first round: nothing was looked at"


@pytest.mark.parametrize("first", ["older", "newer", "together"])
def test_what_was_pushed_last_is_live_even_if_the_older_commit_builds_for_longer(kiln, host, name, first):
    shop = Shop(kiln, host, name, build_command="sh ./build.sh", deploy_command=f"sh deploy.sh {name}")
    a = shop.repo.commit({"deploy.sh": DEPLOY_SH, "build.sh": "true\n"})
    shop.repo.push()
    (begun,) = shop.delivery(ZERO, a)()["builds"]
    assert kiln.wait(begun["build_uuid"])["build_outcome"] == "success", "\n".join(kiln.build_log(begun["build_uuid"]))
    b = shop.repo.commit({"build.sh": "sleep 3\n"})
    c = shop.repo.commit({"build.sh": "true\n"})
    shop.repo.push()
    older, newer = shop.delivery(a, b), shop.delivery(b, c)
    if first == "together":
        together(older, older, newer, newer)
    elif first == "older":
        (slow,) = older()["builds"]
        kiln.wait_status(slow["build_uuid"], "running")
        newer()
    else:
        (quick,) = newer()["builds"]
        kiln.wait_status(quick["build_uuid"], "stopped")
        older()
    for build in kiln.builds_of(name):
        kiln.wait(build["build_uuid"])
    (target,) = kiln.cli_json("which", name)["versions"]
    told = {build["build_trigger_metadata"]["commit_hash"]: build["build_outcome"] for build in kiln.builds_of(name)}
    live = target["build"]["build_trigger_metadata"]["commit_hash"]
    assert live == c, f"{'abc'[[a, b, c].index(live)]} is live; a, b, c: {[told.get(one) for one in (a, b, c)]}"
    assert len(shop.builds(c)) == 1 and len(shop.builds(b)) <= 1


def test_what_git_says_nothing_of_is_put_off_and_the_newest_commit_is_built_last(fresh_kiln, host, name):
    shop = Shop(fresh_kiln("[runner]\nembedded = false\n[scm]\ncatch_up_seconds = 2\n"), host, name, build_command="true", deploy_command="true")
    a = shop.repo.commit({"a": "1"})
    shop.repo.push()
    shop.delivery(ZERO, a)()
    b, c = shop.repo.commit({"a": "2"}), shop.repo.commit({"a": "3"})
    answers, handler = threading.Event(), host.server.RequestHandlerClass
    serve = handler.serve
    handler.serve = lambda request: answers.wait(60) and serve(request)
    try:
        shop.repo.push()
        newest = shop.delivery(b, c)()
        late = shop.delivery(a, b)()
    finally:
        answers.set()
        handler.serve = serve
    assert newest["builds"] == [] and "Kiln asks the host itself" in newest["notes"][0], newest
    assert [one["commit_hash"] for one in late["builds"]] == [b], "it follows what was told last"
    until(lambda: shop.builds(c), "the newest commit, which Kiln finds at the host")
    assert shop.kiln.builds_of(name)[0]["build_trigger_metadata"]["commit_hash"] == c


def test_a_host_that_sends_again_twice_at_once_and_twice_later_builds_once(fresh_kiln, forge, host, name):
    kiln = fresh_kiln("[runner]\nembedded = false\n")
    shop = Place(kiln, forge("github"), host, name, deploy_command="true")
    shop.commit()
    (lost,) = shop.github.push(shop.path, deliver={"lost": True, "unchecked": True})["deliveries"]
    guid = lost["guid"]
    sent = together(*[lambda: shop.github.redeliver(guid=guid)] * 2) + [shop.github.redeliver(guid=guid) for _ in range(2)]
    assert all(one["ok"] for one in sent), sent
    (build,) = kiln.builds_of(name)
    shop.until_run(build["build_uuid"], status="queued")
    (kept,) = kiln.get(f"/deliveries?provider_delivery_id={guid}").result
    assert kept["repeated"] == 3 and len(shop.runs()) == 1
