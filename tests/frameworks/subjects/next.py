"""Next.js by OpenNext, the pages made at the build among its assets."""
from ..subject import Subject


def rendered(site):
    assert "<p>hello ada at 127.0.0.1</p>" in site.page("/", **{"x-who": "ada"})


def cached(site):
    first, (_, headers, _) = site.page("/dice"), site.ask("/dice")
    assert "<p>rolled 0." in first and site.page("/dice") == first and headers["x-nextjs-cache"] == "HIT"


def handler(site):
    assert site.page("/sum") == '{"sum":5}'


def missing(site):
    assert site.ask("/nothing")[0] == 404


SUBJECT = Subject(
    title="Next.js by OpenNext", folder="next", packages=["next", "@opennextjs/cloudflare"],
    build="npx opennextjs-cloudflare build",
    answers={"a page rendered with the visitor's address": rendered, "a hit of the incremental cache": cached,
             "a route handler": handler, "404": missing},
    notes="the incremental cache of static assets: those of KV and R2 need bindings, which Kiln refuses by name")
