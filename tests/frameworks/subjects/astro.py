"""Astro's server output by its own adapter; its sessions and images want bindings unless the project says otherwise."""
from ..subject import Subject


def rendered(site):
    assert "<p>hello ada at 127.0.0.1</p>" in site.page("/", **{"x-who": "ada"})


def prerendered(site):
    assert "<p>made before anybody asked</p>" in site.page("/about/")


def missing(site):
    assert site.ask("/nothing")[0] == 404


SUBJECT = Subject(
    title="Astro", folder="astro", packages=["astro", "@astrojs/cloudflare"], build="npm run build",
    answers={"a page rendered with `Astro.clientAddress`": rendered, "a prerendered page": prerendered, "404": missing},
    notes="`session: false` and `imageService: \"compile\"` in its configuration: the adapter's defaults are a KV namespace and an "
          "images binding, which Kiln refuses by name")
