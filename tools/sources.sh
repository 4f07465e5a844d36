#!/usr/bin/env bash
# Every C++ source of the working tree, one a line: what is committed and what is new, without what is deleted.
set -euo pipefail
cd "$(dirname "$0")/.."
comm -23 \
  <(git ls-files -co --exclude-standard 'src/*.h' 'src/*.cc' 'fuzz/*.h' 'fuzz/*.cc' 'bench/*.cc' | sort) \
  <(git ls-files -d | sort)
