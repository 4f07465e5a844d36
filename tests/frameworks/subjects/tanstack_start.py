"""TanStack Start: a server function behind a page, and a route that only the server has."""
from ..subject import Subject


def rendered(site):
    assert "<p>hello ada at 127.0.0.1</p>" in site.page("/", **{"x-who": "ada"})


def route(site):
    assert site.page("/sum") == '{"sum":5}'


def missing(site):
    assert site.ask("/nothing")[0] == 404


SUBJECT = Subject(
    title="TanStack Start", folder="tanstack-start", packages=["@tanstack/react-start", "@cloudflare/vite-plugin"],
    build="npm run build", answers={"a page rendered by a server function": rendered, "a server route": route, "404": missing})
