#!/usr/bin/env bash
# Unit tests of rooms whose state several threads share, with the thread sanitizer: tools/tsan.sh [ROOM_test…].
# base: children, the HTTP client, tasks. events: the hub. http: the I/O thread, its pools, waits. store/sqlite: the writer and
# its readers. watch: the keeper and those who wait for hosts. Other rooms' threads meet in these; each of their test programs can be
# named.
set -euo pipefail
cd "$(dirname "$0")/.."
export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=$PWD
export TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1 ${TSAN_OPTIONS:-}"
tests=("$@")
[ ${#tests[@]} != 0 ] || tests=(base_test events_test http_test store_sqlite_test watch_test)
# As for ctest (cmake/rooms.cmake): what is a test's own is written to memory where there is enough.
if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 1048576 ] 2>/dev/null; then export TMPDIR=/dev/shm; fi
cmake --preset tsan --log-level=WARNING >/dev/null
cmake --build --preset tsan -j "${JOBS:-$(nproc)}" --target "${tests[@]}"
for test in "${tests[@]}"; do
  echo "tsan: $test"
  "build/tsan/$test" --gtest_brief=1 --gtest_filter='-OfVersion/*'  # migrations: one thread, and most of the time
done
echo "tsan: ${#tests[@]} programs without a race"
