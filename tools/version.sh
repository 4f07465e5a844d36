#!/usr/bin/env bash
# Prints the version of this tree, as CMakeLists.txt says it; with --date the seconds of its last change (SOURCE_DATE_EPOCH).
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = --date ]; then
  git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md
else
  sed -n 's/^project(kiln VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt
fi
