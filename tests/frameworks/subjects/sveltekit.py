"""SvelteKit by its own adapter, which asks `caches.default` before it renders."""
from ..subject import Subject


def rendered(site):
    assert "<p>hello ada at 127.0.0.1</p>" in site.page("/", **{"x-who": "ada"})


def prerendered(site):
    assert "<p>made before anybody asked</p>" in site.page("/about")


def cached(site):
    first = site.page("/dice")
    assert "<p>rolled 0." in first and site.page("/dice") == first


def missing(site):
    assert site.ask("/nothing")[0] == 404


SUBJECT = Subject(
    title="SvelteKit", folder="sveltekit", packages=["@sveltejs/kit", "@sveltejs/adapter-cloudflare"], build="npm run build",
    answers={"a page rendered with the visitor's address": rendered, "a prerendered page": prerendered,
             "a hit of the adapter's cache": cached, "404": missing})
