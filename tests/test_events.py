"""Events out: queues as the official SDK and wrangler use them, and sinks: signed, filtered, in order, none lost and none twice."""
import itertools
import json

import pytest

from harness.clients import run_against, sdk_folder
from harness.forges import verified
from harness.githost import Repo
from harness.receivers import MailServer, Silent
from harness.waiting import until
from harness.wrangler import Wrangler

ENDINGS = ["build.started", "build.failed", "build.canceled", "build.succeeded"]


def sdk(kiln, *words, release="7.3"):
    return run_against(kiln, "sdk_queues.mjs", *words, CLOUDFLARE_SDK=(sdk_folder(release) / "index.mjs").as_uri())


def kinds(events):
    return [event["type"].rpartition("build.")[2] for event in events]


class Shop:
    """A connected repository whose build command is what its file `how` says."""

    def __init__(self, kiln, folder, name):
        self.kiln, self.name, self.numbers = kiln, name, itertools.count()
        self.repo = Repo(folder, name)
        kiln.connect(self.repo.bare, name, build_command="sh how", deploy_command="true", preview_deploy_command="true")

    def build(self, how="true", branch="main", ends=True):
        self.repo.commit({"how": how, "n": str(next(self.numbers))}, f"Run {how}", branch=branch)
        (uuid,) = self.repo.push()
        return self.kiln.wait(uuid) if ends else uuid


@pytest.fixture
def shop(kiln, tmp_path, name):
    return Shop(kiln, tmp_path, name)


# --- queues ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("release", ["6.5", "7.3"])
def test_the_sdk_walks_through_queues(kiln, name, release):
    told = sdk(kiln, "walk", name, release=release)
    assert told["listed"] and told["subscriptions"] and told["enabled"]
    assert told["edited"] == {"delivery_delay": 0, "delivery_paused": False, "message_retention_period": 3600}
    assert told["updated"] == told["got"] == f"walked-{name}"
    assert told["consumer"] == {"batch_size": 5, "max_retries": 1, "visibility_timeout_ms": 30000, "retry_delay": 0}
    assert told["bodies"] == [{"n": 1}, "two", {"n": 3}]
    assert told["acked"] == [1, 1] and told["again"] == [["two", 2]] and told["purged"] == "true"
    assert told["consumers"] == 1 and told["batch"] == 2 and told["subscription"] == ["build.failed"]


def test_a_builds_events_are_pulled_and_acknowledged_in_order(kiln, shop):
    queue = sdk(kiln, "subscribe", shop.name, "events-" + shop.name, *ENDINGS)
    good, bad = shop.build(), shop.build("exit 3")
    uuid = shop.build("echo waiting; sleep 600", ends=False)
    kiln.wait_log(uuid, "waiting")
    kiln.cli("cancel", uuid)
    until(lambda: kiln.get(f"//accounts/{kiln.account}/queues/{queue}/metrics").result["backlog_count"] == 6, "six events", 30)
    leased = sdk(kiln, "pull", queue, 60000)
    assert sdk(kiln, "pull", queue) == [], "they are leased"
    events = [message["event"] for message in leased]
    assert kinds(events) == ["started", "succeeded", "started", "failed", "started", "canceled"]
    assert [event["payload"]["buildUuid"] for event in events] == [
        good["build_uuid"]] * 2 + [bad["build_uuid"]] * 2 + [uuid] * 2
    started, succeeded = events[:2]
    assert (started["payload"]["status"], started["payload"]["buildOutcome"], started["payload"]["stoppedAt"]) == ("running", None, None)
    assert (succeeded["payload"]["status"], succeeded["payload"]["buildOutcome"]) == ("success", "success")
    assert succeeded["payload"]["stoppedAt"] == good["stopped_on"] and succeeded["payload"]["createdAt"] == good["created_on"]
    assert succeeded["source"] == {"type": "workersBuilds.worker", "workerName": shop.name}
    metadata = succeeded["payload"]["buildTriggerMetadata"]
    assert metadata["branch"] == "main" and metadata["commitHash"] == good["build_trigger_metadata"]["commit_hash"]
    assert metadata["buildCommand"] == "sh how" and metadata["buildTriggerSource"] == "push_event"
    assert succeeded["metadata"]["accountId"] == kiln.account and succeeded["metadata"]["eventSchemaVersion"] == 1


def test_messages_that_are_not_acknowledged_come_again_and_then_are_buried(kiln, name):
    queues = f"//accounts/{kiln.account}/queues"
    dead = kiln.call("POST", queues, {"queue_name": "dead-" + name}).result["queue_id"]
    queue = kiln.call("POST", queues, {"queue_name": name}).result["queue_id"]
    kiln.call("POST", f"{queues}/{queue}/consumers", {"type": "http_pull", "dead_letter_queue": "dead-" + name,
                                                      "settings": {"max_retries": 1}}).result
    kiln.call("POST", f"{queues}/{queue}/messages", {"body": "x", "content_type": "text"}).result
    pull = {"visibility_timeout_ms": 1}
    first = kiln.call("POST", f"{queues}/{queue}/messages/pull", pull).result["messages"]
    again = until(lambda: kiln.call("POST", f"{queues}/{queue}/messages/pull", pull).result["messages"], "it to come again")
    assert [first[0]["attempts"], again[0]["attempts"]] == [1, 2] and first[0]["lease_id"] != again[0]["lease_id"]
    stale = kiln.call("POST", f"{queues}/{queue}/messages/ack", {"acks": [{"lease_id": first[0]["lease_id"]}]}).result
    assert stale["ackCount"] == 0 and list(stale["warnings"]) == [first[0]["lease_id"]]
    until(lambda: not kiln.call("POST", f"{queues}/{queue}/messages/pull", pull).result["message_backlog_count"], "it to be buried")
    assert kiln.get(f"{queues}/{dead}/metrics").result["backlog_count"] == 1


def test_wrangler_has_its_commands(kiln, tmp_path, name):
    wrangler = Wrangler(kiln, tmp_path, name)
    queue = "q-" + name
    assert f"Created queue '{queue}'" in wrangler.run("queues", "create", queue, "--delivery-delay-secs", 0).text
    assert queue in wrangler.run("queues", "list").text
    wrangler.run("queues", "consumer", "http", "add", queue, "--batch-size", 10, "--message-retries", 2)
    info = wrangler.run("queues", "info", queue).text
    assert "Number of Consumers: 1" in info and "HTTP Pull Consumer" in info
    made = wrangler.run("queues", "subscription", "create", queue, "--source", "workersBuilds.worker", "--worker-name", name,
                        "--events", "build.succeeded,build.failed").text
    (subscription,) = kiln.get(f"//accounts/{kiln.account}/event_subscriptions/subscriptions").result[:1]
    assert subscription["id"] in made and subscription["events"] == ["build.succeeded", "build.failed"]
    assert subscription["id"] in wrangler.run("queues", "subscription", "list", queue, "--json").text
    assert name in wrangler.run("queues", "subscription", "get", queue, "--id", subscription["id"]).text
    wrangler.run("queues", "subscription", "update", queue, "--id", subscription["id"], "--no-enabled", "--json")
    assert kiln.get(f"//accounts/{kiln.account}/event_subscriptions/subscriptions/{subscription['id']}").result["enabled"] is False
    wrangler.run("queues", "pause-delivery", queue)
    wrangler.run("queues", "resume-delivery", queue)
    assert f"Purged Queue '{queue}'" in wrangler.run("queues", "purge", queue, "--force").text
    wrangler.run("queues", "subscription", "delete", queue, "--id", subscription["id"], "--force")
    wrangler.run("queues", "consumer", "http", "remove", queue)
    assert "Deleted queue" in wrangler.run("queues", "delete", queue).text
    assert "does not exist" in wrangler.run("queues", "info", queue, fails=True).text


# --- sinks -----------------------------------------------------------------------------------------------------------
def add(kiln, name, url, *words):
    """The signing secret, where there is one."""
    return kiln.cli_json("sinks", "add", name, "--url", url, *words).get("secret")


def is_signed(request, secret):
    return verified("standardwebhooks", secret, request)[0]


def test_a_webhook_is_signed_as_standard_webhooks_has_it_also_while_its_secret_is_rotated(kiln, shop, receiver):
    got = receiver()
    secret = add(kiln, shop.name, got.url + "/kiln?x=1", "--worker", shop.name)
    shop.build("exit 1")
    requests = got.wait(3)
    assert [json.loads(request.text)["type"] for request in requests] == [
        "kiln.build.queued", "cf.workersBuilds.worker.build.started", "cf.workersBuilds.worker.build.failed"]
    assert requests[0].path == "/kiln?x=1" and len({request.headers["webhook-id"] for request in requests}) == 3
    assert [is_signed(request, secret) for request in requests] == [True] * 3
    assert not is_signed(requests[0], "whsec_" + "A" * 43 + "=")
    fresh = kiln.cli_json("sinks", "rotate", shop.name)["secret"]
    assert "took it: 204" in kiln.cli("sinks", "test", shop.name).stdout
    test = got.wait(4)[3]
    assert json.loads(test.text)["type"] == "kiln.sink.test"
    assert fresh != secret and is_signed(test, secret) and is_signed(test, fresh)
    shown = kiln.cli("sinks", "show", shop.name).stdout
    assert "delivered" in shown and secret not in shown and "/kiln" not in shown
    assert secret not in kiln.log() and fresh not in kiln.log()
    kiln.cli("sinks", "remove", shop.name)


def test_a_sink_that_fails_is_asked_again_and_one_that_is_gone_is_switched_off(kiln, shop, receiver):
    answers = [500, 204, 410]
    got = receiver(lambda request: answers[min(len(got.requests), 3) - 1])
    add(kiln, shop.name, got.url, "--worker", shop.name, "--event", "build.succeeded")
    shop.build()
    first, second = got.wait(2)
    assert first.text == second.text and first.headers["webhook-id"] == second.headers["webhook-id"]
    (delivery,) = until(lambda: [d for d in kiln.cli_json("sinks", "show", shop.name)["deliveries"] if d["state"] == "delivered"], "it")
    assert delivery["attempts"] == 2
    failed = kiln.cli("sinks", "resend", shop.name, delivery["delivery_uuid"], check=False)
    assert failed.returncode == 1 and "410" in failed.stderr
    assert got.requests[2].headers["webhook-id"] == first.headers["webhook-id"]
    sink = kiln.cli_json("sinks", "show", shop.name)
    assert sink["enabled"] is False and "410" in sink["off_reason"]
    assert "off: it answered 410" in kiln.cli("sinks", "list").stdout
    kiln.cli("sinks", "enable", shop.name)
    assert kiln.cli_json("sinks", "show", shop.name)["off_reason"] is None
    kiln.cli("sinks", "remove", shop.name)


def test_a_dead_sink_delays_no_other_and_no_build(kiln, shop, receiver):
    silent, got = Silent(), receiver()
    add(kiln, "dead-" + shop.name, silent.url, "--worker", shop.name)
    add(kiln, shop.name, got.url, "--worker", shop.name)
    for _ in range(2):
        shop.build()
    got.wait(6, 10)
    assert all(delivery["state"] == "waiting" for delivery in kiln.cli_json("sinks", "show", "dead-" + shop.name)["deliveries"])
    for sink in ("dead-" + shop.name, shop.name):
        kiln.cli("sinks", "remove", sink)
    silent.stop()


def test_only_changes_and_only_production_are_told(kiln, shop, receiver):
    changes, production = receiver(), receiver()
    add(kiln, "c-" + shop.name, changes.url, "--worker", shop.name, "--only-changes", *("--event build.failed --event build.succeeded".split()))
    add(kiln, "p-" + shop.name, production.url, "--worker", shop.name, "--production", *("--event build.failed --event build.succeeded".split()))
    for how in ("true", "exit 1", "exit 2", "true"):
        shop.build(how)
    for how in ("exit 9", "true"):
        shop.build(how, branch="feature")
    shop.build("exit 3", branch="main")  # told to both, behind all that they are not told

    def told(requests):
        events = [json.loads(request.text) for request in requests]
        return [(event["payload"]["buildTriggerMetadata"]["branch"], *kinds([event])) for event in events]

    assert told(changes.wait(5)) == [("main", "failed"), ("main", "succeeded"), ("feature", "failed"), ("feature", "succeeded"), ("main", "failed")]
    assert told(production.wait(5)) == [("main", kind) for kind in ("succeeded", "failed", "failed", "succeeded", "failed")]
    for sink in ("c-", "p-"):
        kiln.cli("sinks", "remove", sink + shop.name)


def test_chats_and_mail_get_a_message_for_people(kiln, shop, receiver, tmp_path):
    got, mail = receiver(), MailServer()
    token = tmp_path / "token"
    token.write_text("syt_secret\n")
    for kind in ("slack", "discord", "teams", "google_chat", "mattermost"):
        add(kiln, f"{kind}-{shop.name}", f"{got.url}/{kind}", "--kind", kind, "--worker", shop.name)
    add(kiln, f"ntfy-{shop.name}", f"{got.url}/topic", "--kind", "ntfy", "--worker", shop.name)
    add(kiln, f"matrix-{shop.name}", got.url, "--kind", "matrix", "--room", "!r:x", "--token-file", token, "--worker", shop.name)
    add(kiln, f"email-{shop.name}", mail.url, "--kind", "email", "--from", "kiln@x.test", "--to", "a@x.test", "--to", "b@x.test",
        "--worker", shop.name)
    build = shop.build("echo 'Error: <!channel> broke'; exit 1")
    requests = {request.path: request for request in got.wait(7)}
    assert set(requests) >= {"/slack", "/discord", "/teams", "/google_chat", "/mattermost", "/"}
    for request in requests.values():
        assert shop.name in request.text and build["build_uuid"] in request.text, request.path
        json.loads(request.text)
    assert "<!channel>" not in json.loads(requests["/slack"].text)["text"]
    (matrix,) = [request for path, request in requests.items() if path.startswith("/_matrix/")]
    assert matrix.command == "PUT" and matrix.headers["authorization"] == "Bearer syt_secret"
    until(lambda: mail.mails, "a mail", 30)
    sender, receivers, message = mail.mails[0]
    assert (sender, receivers) == ("kiln@x.test", ["a@x.test", "b@x.test"])
    assert message["subject"] == f"{shop.name}: the build of main failed" and message["auto-submitted"] == "auto-generated"
    text = message.get_content()
    assert build["build_uuid"] in text and "Author: " in text and "broke" in text
    for sink in kiln.cli_json("sinks", "list"):
        kiln.cli("sinks", "remove", sink["name"])
    assert "syt_secret" not in kiln.log()
    mail.stop()


def test_where_a_sink_may_lead_is_the_operators_to_say(fresh_kiln):
    kiln = fresh_kiln('[events]\nallow = ["127.0.0.2"]\n')
    for url in ("http://127.0.0.1:1/", "http://169.254.169.254/latest", "https://10.1.2.3/", "https://[fd00::1]/"):
        status, _, words = kiln.call("POST", "/sinks", {"name": "x", "kind": "webhook", "url": url}).error
        assert status == 400 and "below [events]" in words, url
    assert kiln.call("POST", "/sinks", {"name": "x", "kind": "webhook", "url": "http://127.0.0.2:1/"}).status == 200


def test_redirects_are_not_followed(kiln, shop, receiver):
    elsewhere = receiver()
    got = receiver(lambda request: (302, {"location": elsewhere.url}))
    add(kiln, shop.name, got.url)
    assert "redirects are not followed" in kiln.cli("sinks", "test", shop.name, check=False).stderr
    assert elsewhere.requests == []
    kiln.cli("sinks", "remove", shop.name)


def test_kill_9_between_a_builds_end_and_its_delivery_loses_and_doubles_nothing(fresh_kiln, tmp_path, receiver):
    """Killed right after each build's end, again and again: every event is in the queue once, and at the sink under one id."""
    kiln, got = fresh_kiln(), receiver()
    shop = Shop(kiln, tmp_path, "killed")
    queue = sdk(kiln, "subscribe", "killed", "killed", *ENDINGS)
    add(kiln, "killed", got.url, "--event", "build.started", "--event", "build.succeeded", "--event", "build.failed")
    builds = []
    for how in ("true", "exit 1", "true"):
        uuid = shop.build(how, ends=False)
        kiln.wait(uuid)
        kiln.kill9()
        kiln.start()
        builds.append(uuid)
    ends = ["started", "succeeded", "started", "failed", "started", "succeeded"]
    seen = until(lambda: (e := [json.loads(r.text) for r in got.requests]) and len({r.headers["webhook-id"] for r in got.requests}) == 6 and e,
                 "six events at the sink", 60)
    unique = list({request.headers["webhook-id"]: json.loads(request.text) for request in got.requests}.values())
    assert kinds(unique) == ends and len(seen) <= 6 + 3
    assert [event["payload"]["buildUuid"] for event in unique] == [uuid for uuid in builds for _ in range(2)]
    assert kinds(sdk(kiln, "drain", queue)) == ends
