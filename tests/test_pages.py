"""Pages whose commands are run by tests that take long: here only that none is left out."""
from packages.pages import PLACES, blocks


def test_every_command_of_the_operators_page_has_a_place_where_it_is_run():
    assert {place for place, _ in blocks()} == set(PLACES)
