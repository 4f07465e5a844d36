#!/usr/bin/python3
"""Turns web/dist into the C++ source that the server answers with.

  tools/page_embed.py DIST OUT.cc

The source defines kiln::api::page::assets() (src/api/page/assets.h): each file with its gzip form and an ETag, the shell
first. DIST without an index.html, or "-", gives a shell that says how the page is made. Exits 1 with the reason when a
file is of no kind that the page has."""
import gzip
import hashlib
import sys
from pathlib import Path

KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml", ".json": "application/json", ".woff2": "font/woff2", ".png": "image/png"}
WITHOUT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>Kiln</title></head>
<body><main><h1>Kiln</h1><p>This server was built without its page. The API answers below <code>/client/v4</code>, and
<code>kiln builds</code>, <code>kiln logs</code> and <code>kiln help</code> work on the command line.</p></main></body></html>
"""
PIECE = 2000
SOURCE = """// Made by tools/page_embed.py.
#include "api/page/assets.h"

#include <array>

#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace kiln::api::page {{
namespace {{

{arrays}

}}  // namespace

std::span<const Asset> assets() {{
  static constexpr std::array all = {{
{entries}
  }};
  return all;
}}

}}  // namespace kiln::api::page
"""


def literal(data):
    """`data` as adjacent string literals; octal escapes have three digits, so that what follows joins none."""
    plain = {ord(c) for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$%&'()*+,-./:;<=>@[]^_`{|}~"}
    pieces = []
    for at in range(0, max(len(data), 1), PIECE):
        pieces.append('"' + "".join(chr(b) if b in plain else f"\\{b:03o}" for b in data[at:at + PIECE]) + '"')
    return "\n    ".join(pieces)


def files_of(dist):
    shell = dist / "index.html"
    if str(dist) == "-" or not shell.is_file():
        return [("/", "text/html; charset=utf-8", WITHOUT.encode())]
    found = [("/", KINDS[".html"], shell.read_bytes())]
    for path in sorted(dist.rglob("*")):
        if not path.is_file() or path == shell:
            continue
        if path.suffix not in KINDS:
            sys.exit(f"{path}: the page has no files of this kind")
        found.append(("/" + path.relative_to(dist).as_posix(), KINDS[path.suffix], path.read_bytes()))
    return found


def main():
    arrays, entries = [], []
    for number, (path, kind, data) in enumerate(files_of(Path(sys.argv[1]))):
        small = gzip.compress(data, 9, mtime=0)
        small = small if len(small) < len(data) else b""
        for name, content in ((f"bytes_{number}", data), (f"gzip_{number}", small)):
            arrays.append(f"constexpr char {name}[] =\n    {literal(content)};")
        tag = hashlib.sha256(data).hexdigest()[:32]
        entries.append(f'      Asset{{"{path}", "{kind}", "\\"{tag}\\"", {{bytes_{number}, sizeof bytes_{number} - 1}},\n'
                       f"            {{gzip_{number}, sizeof gzip_{number} - 1}}}},")
    Path(sys.argv[2]).write_text(SOURCE.format(arrays="\n".join(arrays), entries="\n".join(entries)))


if __name__ == "__main__":
    main()
