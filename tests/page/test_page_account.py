"""Account's neighbours, the palette's actions and the second script, in Chromium against the fake server."""
import pytest


@pytest.mark.parametrize("scenario", ["somebody_is_told", "who_changed_what_is_seen", "a_paused_trigger_is_seen_and_resumed", "a_badge_is_switched_on_and_off", "a_repository_is_looked_after", "a_version_shows_what_it_is_made_of", "the_palette_finds_short_ids", "the_palette_acts", "tokens_are_made_and_revoked", "an_account_is_limited", "a_deploy_hook_gets_another_name", "later_pages_come_by_themselves"])
def test_account(browser, scenario):
    browser.run(scenario)
