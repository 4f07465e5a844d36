"""Nuxt by Nitro's preset of Workers, which writes the configuration that is deployed."""
from ..subject import Subject


def rendered(site):
    assert "<p>hello ada at 127.0.0.1</p>" in site.page("/", **{"x-who": "ada"})


def prerendered(site):
    assert "<p>made before anybody asked</p>" in site.page("/about/")


def cached(site):
    first = site.page("/api/dice")
    assert first.startswith('{"number":0.') or first.startswith('{\n  "number": 0.'), first
    assert site.page("/api/dice") == first


SUBJECT = Subject(
    title="Nuxt", folder="nuxt", packages=["nuxt"], build="npm run build",
    answers={"a page rendered with the visitor's address": rendered, "a prerendered page": prerendered,
             "an answer that a cached handler keeps": cached})
