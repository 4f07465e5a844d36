#!/usr/bin/env bash
# Makes a release of this commit twice, in different folders and the second time without the compiler's cache, and compares the bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
first=build/release/first second=build/release/second
tools/release.sh "$first"
tools/release.sh --without-cache "$second"
for file in "$first"/*; do
  cmp "$file" "$second/${file##*/}"
done
[ "$(ls "$first")" = "$(ls "$second")" ]
printf 'the same bytes twice: %s\n' "$(ls "$first" | tr '\n' ' ')"
