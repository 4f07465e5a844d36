"""React Router in its framework mode, bundled by Vite with the plugin of Workers."""
import re

from ..subject import Subject


def rendered(site):
    assert "<p>hello ada at 127.0.0.1</p>" in site.page("/", **{"x-who": "ada"})


def resource(site):
    assert site.page("/sum") == '{"sum":5}'


def asset(site):
    script = re.search(r'"(/assets/[^"]+\.js)"', site.page("/")).group(1)
    status, headers, _ = site.ask(script)
    assert status == 200 and "javascript" in headers["content-type"]


SUBJECT = Subject(
    title="React Router 7", folder="react-router", packages=["react-router", "@react-router/dev", "@cloudflare/vite-plugin"],
    build="npm run build", answers={"a page rendered with the visitor's address": rendered, "a resource route": resource,
                                    "the scripts that the page names": asset})
