#!/usr/bin/env bash
# `make bench`: every measurement, as ratios against a peer or a limit in the same run. Needs a built Kiln.
set -euo pipefail
cd "$(dirname "$0")/.."
for bench in bench/*.py; do
  [ "$bench" != bench/buildbot_peer.py ] || continue  # a part of many_builds.py
  echo "== $bench"
  PYTHONPATH=tests /usr/bin/python3 "$bench" "$@"
done
