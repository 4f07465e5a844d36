#!/usr/bin/env bash
# Runs every fuzz target: tools/fuzz.sh [SECONDS] for that long each (default 60), or 0 to replay the corpora only.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
export CCACHE_NOHASHDIR=1
cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++-14 -DKILN_TESTS=OFF \
  -DKILN_FUZZ=ON >/dev/null
mapfile -t targets < <(cd fuzz && ls -- *_fuzz.cc | sed 's/\.cc$//')
cmake --build build/fuzz --target "${targets[@]}"
for target in "${targets[@]}"; do
  seeds=fuzz/corpus/${target%_fuzz}
  if [ "$seconds" = 0 ]; then
    "build/fuzz/fuzz/$target" -runs=0 "$seeds" 2>/dev/null || { echo "fuzz: $target fails on its corpus" >&2; exit 1; }
    continue
  fi
  grown=build/fuzz/corpus/$target
  mkdir -p "$grown"
  echo "fuzz: $target for $seconds s"
  log=build/fuzz/$target.log code=0
  "build/fuzz/fuzz/$target" -max_total_time="$seconds" -max_len=65536 -artifact_prefix=build/fuzz/ -print_final_stats=1 \
    "$grown" "$seeds" >"$log" 2>&1 || code=$?
  grep -E 'stat::number_of_executed|ERROR|SUMMARY|Test unit' "$log" || true
  [ "$code" = 0 ] || exit 1
done
echo "fuzz: ${#targets[@]} targets clean"
