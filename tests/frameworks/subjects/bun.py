"""A lock file that Bun 1.4 alone reads, and a bundle made by Bun."""
from ..subject import Subject


def bundled(site):
    assert any(line.startswith("Detected the following tools") and " bun@1.4" in line for line in site.log)
    assert site.page("/7") == "7 is a number" and site.page("/seven") == "seven is none"


SUBJECT = Subject(
    title="Bun 1.4, named by its lock file alone", folder="bun", packages=["is-number"], build="bun run build",
    log="Installing project dependencies: bun install --frozen-lockfile", answers={"a bundle of `bun build`": bundled})
