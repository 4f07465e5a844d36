"""Commands that documents, the page and the program's own words name are commands that there are, with options that they have."""
import re
import subprocess

import pytest

from harness.server import KILN, ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/**/*.md"), *ROOT.glob("examples/**/*.md")])
SOURCES = sorted([*ROOT.glob("src/**/*.cc"), *ROOT.glob("web/src/**/*.tsx"), *ROOT.glob("web/src/**/*.ts")])
AT_THE_SERVER = {"serve": {"--config", "--listen"}}  # beside those that the generated page has of it


@pytest.fixture(scope="module")
def commands():
    """Each command with its options, those of every command included."""
    known, common, of = {}, set(), None
    for line in subprocess.run([KILN, "man", "--markdown"], capture_output=True, text=True, check=True).stdout.splitlines():
        if heading := re.match(r"##+ kiln (.+)", line):
            of = known.setdefault(tuple(heading[1].split()), set())
        elif line.startswith("| `-"):
            options = re.findall(r"--[a-z][a-z-]*", line.split("|")[1])
            (common if of is None else of).update(options)
    assert len(known) > 60 and "--json" in common
    return {words: options | common | {"--version"} for words, options in known.items()}


def fault_of(commands, words):
    """Of what stands behind "kiln"; none: there is such a command, and it has these options."""
    named = tuple(words[:2]) if tuple(words[:2]) in commands else tuple(words[:1])
    if named == ("help",):
        return None
    if named not in commands:
        return f"there is no command {' '.join(words[:2])}"
    options = {word.split("=")[0] for word in words if re.match(r"--[a-z]", word)}
    missing = options - commands[named] - AT_THE_SERVER.get(named[0], set())
    return f"kiln {' '.join(named)} has no {', '.join(sorted(missing))}" if missing else None


def named_in(document):
    """What stands behind "kiln" in lines to type and between backticks, each with its line."""
    typed = False
    for number, line in enumerate(document.read_text().splitlines(), 1):
        if line.startswith("```"):
            typed = line.startswith("```sh")
        elif typed:
            for command in re.split(r"&&|\|\|?|;|\$\(", line.split(" #")[0]):
                if found := re.match(r"\s*(?:sudo |podman exec kiln )?(?:build/)?kiln ([a-z].*)", command):
                    yield number, found[1].rstrip("\\ &)").split()
        else:
            for found in re.finditer(r"`kiln ([a-z][^`]*)`", line):
                yield number, re.sub(r"[\[\]…\\]", " ", found[1]).split()


def each_of(words):
    """Of "trigger pause|resume NAME" both."""
    if len(words) < 2 or not re.fullmatch(r"[a-z]+(\|[a-z]+)+", words[1]):
        return [words]
    return [[words[0], one, *words[2:]] for one in words[1].split("|")]


def test_documents_name_commands_and_options_that_there_are(commands):
    faults, count = [], 0
    for document in DOCUMENTS:
        for number, words in named_in(document):
            count += 1
            for one in each_of(words):
                if fault := fault_of(commands, one):
                    faults.append(f"{document.relative_to(ROOT)}:{number}: {fault}")
    assert count > 200 and not faults, "\n".join(faults)


def test_the_program_and_the_page_name_options_that_there_are(commands):
    faults, count = [], 0
    for source in SOURCES:
        if source.name.endswith(("_test.cc", ".test.ts")):
            continue
        for number, line in enumerate(source.read_text().splitlines(), 1):
            for found in re.finditer(r"(?<![\w./-])kiln ((?:[a-z][a-z-]* ){1,2}(?:\S+ ){0,3}--[a-z][a-z-]*)", line):
                count += 1
                if fault := fault_of(commands, found[1].split()):
                    faults.append(f"{source.relative_to(ROOT)}:{number}: {fault}")
    assert count > 30 and not faults, "\n".join(faults)
