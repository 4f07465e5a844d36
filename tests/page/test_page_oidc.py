"""Signing in to the page by a real provider of identities (npm oidc-provider), in Chromium."""
import pytest

from harness.oidc import Person, Provider
from .test_page_server import pushed


@pytest.fixture(scope="module")
def provider():
    running = Provider()
    yield running
    running.stop()


@pytest.fixture
def signed(fresh_kiln, provider, tmp_path):
    kiln = fresh_kiln(provider.settings(tmp_path))
    kiln.page = kiln.url.replace("127.0.0.1", "localhost")
    return kiln


def test_people_sign_in_and_have_the_role_of_their_groups(signed, browser):
    for name, permissions, admin in (("linus", ["ci:read", "scripts:read"], False),
                                     ("grace", ["ci:read", "ci:write", "scripts:read", "scripts:write"], False),
                                     ("ada", ["ci:read", "ci:write", "scripts:read", "scripts:write"], True)):
        session = browser.run("signs_in_by_the_provider", url=signed.page, name=name)
        assert session["name"] == name and session["origin"] == "person"
        assert [right for right in session["permissions"] if right != "admin"] == permissions
        assert session["is_admin"] is admin and (session["account_id"] is None) is admin


def test_the_page_offers_what_the_role_gives(signed, browser, worker_repo, name):
    build = pushed(signed, worker_repo, name, build_command="exit 1")
    signed.wait(build)
    for person, may in (("linus", False), ("grace", True)):
        seen = browser.run("shows_what_the_role_gives", url=signed.page, worker=name, build=build, name=person)
        assert seen == {"retries": may, "edits": may}, person


def test_whoever_has_no_role_is_told_why(signed, browser):
    browser.run("is_told_why_not", url=signed.page, name="mallory")


def test_an_answer_that_was_not_asked_for_signs_nobody_in(signed, browser):
    brought = Person().bring_code(signed, "grace")
    browser.run("takes_no_answer_that_it_did_not_ask_for", url=signed.page, brought=brought)


def test_other_settings_end_the_sessions_of_people(fresh_kiln, provider, tmp_path):
    kiln = fresh_kiln(provider.settings(tmp_path))
    person = Person()
    status, answer = person.sign_in(kiln, "grace")
    assert status == 200, answer
    held = person.headers(kiln)
    assert person.send("GET", kiln.url + "/kiln/v1/session", headers=held)[0].status == 200
    kiln.stop()
    kiln.start()
    assert person.send("GET", kiln.url + "/kiln/v1/session", headers=held)[0].status == 200, "a restart ends nothing"
    kiln.stop()
    kiln.config.write_text(kiln.config.read_text().replace('operate = ["dev"]', "operate = []"))
    kiln.start()
    assert person.send("GET", kiln.url + "/kiln/v1/session", headers=held)[0].status == 401


def test_groups_of_the_id_token_count_too(fresh_kiln, tmp_path):
    provider = Provider("id_token")
    try:
        status, answer = Person().sign_in(fresh_kiln(provider.settings(tmp_path)), "linus")
        assert status == 200 and answer["result"]["session"]["permissions"] == ["ci:read", "scripts:read"]
    finally:
        provider.stop()
