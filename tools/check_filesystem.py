#!/usr/bin/env python3
"""Finds calls of std::filesystem that throw, and exits 1 with their list.

A folder that another user shut, a disk that is gone, a link in a circle: what the file system says is an Errc like any other
error. So every call that has a form with a std::error_code takes it, and no loop runs over an iterator by `for (x : ...)` or
`++`. Tests may throw: that fails them."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FUNCTIONS = """absolute canonical copy copy_file copy_symlink create_directories create_directory create_directory_symlink
create_hard_link create_symlink current_path equivalent exists file_size hard_link_count is_block_file is_character_file
is_directory is_empty is_fifo is_other is_regular_file is_socket is_symlink last_write_time permissions proximate read_symlink
relative remove remove_all rename resize_file space status symlink_status temp_directory_path weakly_canonical""".split()
ENTRY = "is_directory is_regular_file is_symlink is_socket is_fifo is_other file_size hard_link_count last_write_time symlink_status".split()

CALL = re.compile(r"\b(?:std::filesystem|fs)::(" + "|".join(FUNCTIONS) + r")\s*\(")
ENTRY_CALL = re.compile(r"(?:->|\.)(" + "|".join(ENTRY) + r")\s*\(\s*\)")
ITERATOR = re.compile(r"\b(?:std::filesystem|fs)::(?:recursive_)?directory_iterator\s*(\w*)\s*\(")
RANGE_FOR = re.compile(r"\bfor\s*\([^;]*:\s*(?:std::filesystem|fs)::(?:recursive_)?directory_iterator\b")
DECLARED = re.compile(r"\bstd::error_code&?\s+(\w+)")


def arguments_at(text, at):
    """The arguments of the call whose parenthesis opens at `at`, cut at the commas of its own level."""
    depth, begin, out = 0, at + 1, []
    for i in range(at, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
            if depth == 0:
                out.append(text[begin:i].strip())
                return [word for word in out if word]
        elif text[i] == "," and depth == 1:
            out.append(text[begin:i].strip())
            begin = i + 1
    return out


def blanked(text):
    """The text with comments and strings turned into spaces, line by line the same."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def problems_in(text):
    """[(line, words)] of the calls that throw."""
    text = blanked(text)
    codes = set(DECLARED.findall(text))
    found = []

    def add(at, words):
        found.append((text.count("\n", 0, at) + 1, words))

    for call in CALL.finditer(text):
        arguments = arguments_at(text, call.end() - 1)
        # permissions() and copy_file() take options before the code, status()'s kin also a file_status; the code is last.
        if not arguments or arguments[-1] not in codes:
            add(call.start(), f"{call[1]}() without a std::error_code throws")
    for call in ENTRY_CALL.finditer(text):
        add(call.start(), f"{call[1]}() of a directory entry without a std::error_code throws")
    names = set()
    for made in ITERATOR.finditer(text):
        names.add(made[1])
        arguments = arguments_at(text, made.end() - 1)
        if arguments and arguments[-1] not in codes:
            add(made.start(), "a directory iterator made without a std::error_code throws")
    for loop in RANGE_FOR.finditer(text):
        add(loop.start(), "a loop over a directory iterator throws at its ++; use increment(error)")
    for name in names - {""}:
        for step in re.finditer(rf"\+\+{name}\b|\b{name}\+\+", text):
            add(step.start(), "++ of a directory iterator throws; use increment(error)")
    return sorted(set(found))


def main():
    problems = []
    for file in sorted((ROOT / "src").rglob("*")):
        name = str(file.relative_to(ROOT))
        if file.suffix not in (".h", ".cc") or name.endswith("_test.cc") or "test" in file.stem.split("_") or name.startswith("src/testing/"):
            continue
        problems += [f"{name}:{line}: {words}" for line, words in problems_in(file.read_text())]
    for problem in problems:
        print(problem)
    print(f"file system calls: {len(problems)} that throw")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
