"""docs/compatibility.md: tables that tests write from what real clients did, and that fail the tests when they tell another story."""
import os

from .server import ROOT

FILE = ROOT / "docs" / "compatibility.md"
WRITES = os.environ.get("KILN_WRITE_DOCS") == "1"


def marks(section):
    return f"<!-- table: {section} -->\n", "<!-- end -->\n"


def section_of(section):
    begin, end = marks(section)
    text = FILE.read_text()
    assert text.count(begin) == 1, f"{FILE.name} has no place for the table {section}"
    return text.partition(begin)[2].partition(end)[0]


def rows_of(section):
    """The cells of each row, without the head."""
    return [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in section_of(section).splitlines()[2:]]


def hold(section, table, how):
    """The section is this table. Under the make targets that set KILN_WRITE_DOCS it becomes it."""
    begin, end = marks(section)
    if WRITES:
        before, _, rest = FILE.read_text().partition(begin)
        assert rest, f"{FILE.name} has no place for the table {section}"
        FILE.write_text(before + begin + table + end + rest.partition(end)[2])
    assert section_of(section) == table, f"docs/compatibility.md is out of date: run `{how}`"


def table(head, rows):
    """As Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)
