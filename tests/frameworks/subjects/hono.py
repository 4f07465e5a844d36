"""Hono: an answer kept by its cache(), and who asks."""
from ..subject import Subject


def parameter(site):
    assert site.page("/greet/ada") == "hello ada"


def cached(site):
    first, (_, headers, again) = site.page("/dice"), site.ask("/dice")
    assert again == first and headers["cf-cache-status"] == "HIT"


def address(site):
    assert site.page("/who") == "127.0.0.1"
    assert site.page("/who", **{"cf-connecting-ip": "192.0.2.7"}) == "127.0.0.1", "a visitor's own header is believed"


SUBJECT = Subject(
    title="Hono", folder="hono", packages=["hono"],
    answers={"a route with a parameter": parameter, "a hit of `cache()`": cached, "the visitor's address by `getConnInfo`": address})
