"""Every page and state in Chromium, against a server that can be brought into each of them (tests/page/fake)."""
import pytest

WALK = 300  # seconds through every page; each has its own limit
STATES = ["signed out", "empty", "ordinary", "hostile"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_every_page_is_without_barriers(browser, state, theme):
    assert browser.run("every_page_is_sound", limit=WALK, state=state, theme=theme, width=1280) >= 3


@pytest.mark.parametrize("state", STATES)
def test_every_page_fits_320_pixels(browser, state):
    browser.run("every_page_is_sound", limit=WALK, state=state, theme="light", width=320)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_dialogs_and_menus_are_without_barriers(browser, theme):
    browser.run("dialogs_and_menus_are_sound", theme=theme)


@pytest.mark.parametrize("width", [1280, 320])
def test_hostile_words_stay_words(browser, width):
    browser.run("hostile_words_stay_words", limit=WALK, width=width)


@pytest.mark.parametrize("scenario", [
    "two_hundred_workers",
    "a_million_lines",
    "keys_scroll_the_log",
    "search_reaches_every_line",
    "lines_have_addresses",
    "follow_does_not_fight",
    "wrapping_keeps_the_place",
    "long_lines_are_wrapped",
    "times_in_four_forms",
    "a_code_leaves_the_address",
    "a_bad_code_says_what_to_do",
    "a_deep_link_survives_sign_in",
    "by_keyboard_alone",
    "single_keys_can_be_turned_off",
    "a_server_that_goes_and_comes_back",
    "news_come_by_themselves",
    "tabs_share_one_stream_and_rest_when_hidden",
    "themes_are_remembered",
    "old_ways_of_copying_work_over_plain_http",
])
def test_behaviour(browser, scenario):
    browser.run(scenario)
