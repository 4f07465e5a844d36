#!/usr/bin/env python3
"""clang-tidy on every product source, a dozen of a room at a time as they are compiled, as many dozens at once as there
are cores.

A dozen that was clean is looked at again only when one of it, a header of src/ that they see, the rules, its compile
command or clang-tidy itself has changed; what was clean is remembered beside the compiler's cache, for all checkouts of this user.
    tools/tidy.py            all checks
    tools/tidy.py --quick    without the path analyzer, which takes as long as the rest
    tools/tidy.py --again    what was clean as well"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
DATABASE = ROOT / "build" / "tidy-db"
CLEAN = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kiln" / "tidy"
REMEMBERED = 60 * 24 * 3600  # seconds since it was last of use
TIDY = "clang-tidy-14"


@lru_cache(maxsize=None)
def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


@lru_cache(maxsize=None)
def included(file):
    names = re.findall(r'^\s*#include\s+"([^"]+)"', file.read_text(), re.MULTILINE)
    return [SRC / name for name in names if (SRC / name).exists()]  # an absolute name stays as it is


def seen_by(file):
    """The file and everything of src/ behind it."""
    seen, left = {file}, [file]
    while left:
        for header in included(left.pop()):
            if header not in seen:
                seen.add(header)
                left.append(header)
    return sorted(seen)


def compile_commands():
    subprocess.run(["cmake", "-S", ROOT, "-B", DATABASE, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                    "-DCMAKE_CXX_COMPILER=clang++-14", "-DKILN_TESTS=OFF"], check=True, stdout=subprocess.DEVNULL)
    commands = json.loads((DATABASE / "compile_commands.json").read_text())
    return {Path(entry["file"]): entry["command"].replace(str(ROOT), "") for entry in commands}


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--quick", action="store_true")
    asked.add_argument("--again", action="store_true")
    options = asked.parse_args()
    checks = ["--checks=-bugprone-suspicious-include" + (",-clang-analyzer-*" if options.quick else "")]
    commands = compile_commands()
    rules = [f"{file.relative_to(ROOT)} {digest(file)}" for file in sorted([ROOT / ".clang-tidy", *SRC.rglob(".clang-tidy")])]
    version = subprocess.run([TIDY, "--version"], check=True, capture_output=True, text=True).stdout
    CLEAN.mkdir(parents=True, exist_ok=True)
    for mark in CLEAN.iterdir():
        if time.time() - mark.stat().st_mtime > REMEMBERED:
            mark.unlink(missing_ok=True)

    def check(file):
        """None when nothing had to be done, else whether the file is clean."""
        told = [version, *checks, *rules, commands.get(file, ""), *(f"{seen.relative_to(ROOT)} {digest(seen)}" for seen in seen_by(file))]
        mark = CLEAN / hashlib.sha256("\n".join(told).encode()).hexdigest()
        if mark.exists() and not options.again:
            mark.touch()
            return None
        done = subprocess.run([TIDY, "--quiet", *checks, f"--config-file={ROOT / '.clang-tidy'}", "-p", DATABASE, file], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        if done.returncode == 0:
            mark.touch()
            return True
        print(done.stdout, end="", flush=True)
        return False

    units = sorted(file for file in commands if "generated" not in file.parts)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        results = list(pool.map(check, units))
    print(f"clang-tidy: findings in {results.count(False)} of {len(units)} dozens of files; {results.count(None)} were known to be clean")
    return 1 if False in results else 0


if __name__ == "__main__":
    sys.exit(main())
