"""Budgets of the page that hold on any machine; what depends on its speed is measured by bench/page.py."""


def test_the_first_load_is_light(kiln, browser):
    assert browser.run("first_load_is_light", url=kiln.url.replace("127.0.0.1", "localhost")) > 10_000


def test_long_logs_make_few_elements(browser):
    assert browser.run("long_logs_make_few_elements") > 50
