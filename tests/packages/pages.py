"""The commands of docs/operations.md: fenced blocks, each with the place where it is run behind `sh`."""
import re

from harness.server import ROOT

PLACES = ("install", "machine", "sources", "release", "check")
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.M | re.S)


def blocks():
    """[(place, commands)…] in the page's order."""
    found = []
    for words, text in BLOCK.findall((ROOT / "docs/operations.md").read_text()):
        kind, _, place = words.partition(" ")
        if kind == "text":  # what a program prints
            continue
        assert kind == "sh" and place in PLACES, f"docs/operations.md: a block of {words!r} that no test runs"
        found.append((place, text))
    return found


def commands(place):
    return "".join(text for where, text in blocks() if where == place)
