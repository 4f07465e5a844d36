#!/usr/bin/env python3
"""Holds what compilers cannot of src/rooms.txt, and exits 1 with the list of what is wrong.

A .cc file is compiled with the headers of its room and of those that its room may see in sight, and no others
(cmake/rooms.cmake). But a header is compiled with what its includer sees; an #include may be spelled from the folder that it
stands in; and a file may stand in no room."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"


def load_rooms():
    rooms = {}
    for line in (SRC / "rooms.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            room, _, sees = line.partition(":")
            rooms[room.strip()] = sees.split()
    return rooms


def room_of(path, rooms):
    """The longest room whose folder holds `path` (relative to src/)."""
    best = ""
    for room in rooms:
        if path.startswith(room + "/") and len(room) > len(best):
            best = room
    return best


def is_test(header):
    """Headers that only tests share; cmake/rooms.cmake shows them to tests alone."""
    base = Path(header).name
    return base.startswith("test_") or base.endswith(("_for_test.h", "_for_tests.h"))


def cycles(rooms):
    state = {}

    def visit(room, trail):
        if state.get(room) == "done":
            return None
        if room in trail:
            return trail[trail.index(room):] + [room]
        for other in rooms[room]:
            found = visit(other, trail + [room])
            if found:
                return found
        state[room] = "done"
        return None

    for room in rooms:
        found = visit(room, [])
        if found:
            return found
    return None


def main():
    rooms = load_rooms()
    problems = []
    for room, sees in rooms.items():
        problems += [f"src/rooms.txt: {room} may see {other}, which is no room" for other in sees if other not in rooms]
    if not problems and (circle := cycles(rooms)):
        problems.append("src/rooms.txt: rooms in a circle: " + " -> ".join(circle))
    for file in sorted(SRC.rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        name = str(file.relative_to(SRC))
        room = room_of(name, rooms)
        if not room:
            problems.append(f"src/{name}: stands in no room of src/rooms.txt")
            continue
        allowed = {room, *rooms[room]} | ({"testing", *rooms["testing"]} if is_test(name) else set())
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+(["<])([^">]+)', line)
            if not match or (match.group(1) == "<" and not (SRC / match.group(2)).is_file()):
                continue
            included = match.group(2)
            if not (SRC / included).exists() or ".." in included.split("/"):
                problems.append(f'src/{name}:{number}: "{included}" is not a file of src/')
            elif file.suffix == ".h" and room_of(included, rooms) not in allowed:
                problems.append(f"src/{name}:{number}: room {room} may not include {room_of(included, rooms)} ({included})")
            elif file.suffix == ".h" and is_test(included) and not is_test(name):
                problems.append(f"src/{name}:{number}: product code includes a test header ({included})")
    for problem in problems:
        print(problem)
    print(f"includes: {len(problems)} problems in {len(rooms)} rooms")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
