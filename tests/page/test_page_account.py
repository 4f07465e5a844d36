"""Account's neighbours, the palette's actions and the second script, in Chromium against the fake server."""
import pytest

from harness.openapi import document


@pytest.mark.parametrize("scenario", ["somebody_is_told", "who_changed_what_is_seen", "a_paused_trigger_is_seen_and_resumed", "the_palette_acts", "later_pages_come_by_themselves"])
def test_account(browser, scenario):
    browser.run(scenario)


@pytest.mark.skipif("/kiln/v1/accounts/{account_id}/tokens" not in document().tree["paths"], reason="tokens are made on the server's machine alone")
def test_tokens_are_made_and_revoked(browser):
    browser.run("tokens_are_made_and_revoked")
