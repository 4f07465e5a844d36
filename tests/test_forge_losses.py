"""What is lost between Kiln and a source host: an answer, and a delivery. Each counts once all the same."""
import pytest

from harness.waiting import until
from harness.watching import wait_build
from test_forge_reports import Place


@pytest.fixture
def place(fresh_kiln, forge, host, name):
    """A repository of a GitHub with faults, at a server that may be killed. `options` go to `kiln connect`."""
    return lambda **options: Place(fresh_kiln(), forge("github"), host, name, **options)


def test_a_check_run_whose_answer_was_lost_is_found_again_by_the_next_server(place):
    shop = place(build_command="sleep 600", deploy_command="true")
    shop.github.fault(method="POST", path="/check-runs$", drop=True, when="after")  # it is made, and Kiln does not hear of it
    shop.github.fault(method="GET", path="/check-runs$", hang=True, times=1000)     # so that this server never finds it
    shop.commit()
    build = shop.push()
    (made,) = until(shop.runs, "the check run to be made")
    shop.kiln.kill9()
    shop.github.clear_faults()
    shop.kiln.start()
    shop.kiln.cli("cancel", build)
    run = shop.until_run(build, status="completed")
    assert (run["id"], run["conclusion"]) == (made["id"], "cancelled")
    assert len(shop.runs()) == 1 and len(shop.github.calls("POST", "/check-runs")) == 1


def test_a_delivery_that_failed_is_asked_for_again_and_built_once(place):
    shop = place(build_command="true", deploy_command="true")
    kiln, github = shop.kiln, shop.github
    kiln.stop()
    commit = shop.commit()
    (lost,) = github.push(shop.path)["deliveries"]
    assert not lost["ok"]

    def looks():
        return len(github.calls("GET", "/app/hook/deliveries"))

    seen = looks()
    kiln.start()
    build = wait_build(kiln, shop.name, commit)
    assert kiln.wait(build["build_uuid"])["build_outcome"] == "success"
    (again,) = github.calls("POST", f"/app/hook/deliveries/{lost['id']}/attempts")
    assert again["status"] == 202
    until(lambda: [one["ok"] for one in github.state()["deliveries"] if one["guid"] == lost["guid"]] == [False, True], "the second try to be kept")
    (kept,) = kiln.get(f"/deliveries?provider_delivery_id={lost['guid']}").result
    assert kept["signature"] == "verified" and [one["build_uuid"] for one in kept["verdicts"] if one["decision"] == "built"] == [build["build_uuid"]]
    # A server that did not see it arrive asks the host as well, and finds it there.
    assert looks() == seen + 1
    kiln.kill9()
    kiln.start()
    until(lambda: looks() == seen + 2, "the next server's look")
    late = github.redeliver(guid=lost["guid"])
    assert late["ok"] and len(github.calls("POST", "/attempts")) == 1
    assert len(kiln.builds_of(shop.name)) == 1
