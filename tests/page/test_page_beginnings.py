"""The first hour at the page: the doctor's findings, and repositories connected without a command line, in Chromium against the fake server."""
import pytest


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scenario", ["the_doctor_speaks_on_the_first_page", "a_web_repository_is_connected"])
def test_beginnings(browser, scenario, theme):
    browser.run(scenario, theme=theme)


@pytest.mark.parametrize("scenario", ["a_repository_over_ssh_is_connected", "a_repository_is_connected_by_keyboard"])
def test_other_repositories(browser, scenario):
    browser.run(scenario)
