#!/usr/bin/env bash
# Every static check: the include rule, formatting, clang-tidy, file lengths.
#   tools/lint.sh           clang-tidy looks at the files changed since its last clean run
#   tools/lint.sh --all     at every file
#   tools/lint.sh --quick   everything but clang-tidy, which takes minutes
#   tools/lint.sh --tidy    clang-tidy alone, without its path analyzer, which takes as long again
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-}
failed=0
problem() { printf '\033[31m%s\033[0m\n' "$*" >&2; failed=1; }

if [ "$mode" != --tidy ]; then
  tools/check_includes.py || failed=1

  mapfile -t sources < <(git ls-files 'src/*.h' 'src/*.cc' 'fuzz/*.cc' 'bench/*.cc')
  clang-format-14 --dry-run -Werror "${sources[@]}" || problem "run 'make format'"

  long=$(wc -l "${sources[@]}" | awk '$2 != "total" && $1 > 500 {print "  " $1 " " $2}')
  [ -z "$long" ] || problem "files over 500 lines: split them by subject"$'\n'"$long"
fi
[ "$mode" != --quick ] || exit $failed

# A translation unit is checked again only when it, its rules or a header of the project has changed.
cache=build/tidy
extra=
if [ "$mode" = --tidy ]; then
  cache=build/tidy-quick
  extra=--checks=-clang-analyzer-*
fi
mkdir -p $cache
headers=$(git ls-files 'src/*.h' '*.clang-tidy' | xargs cat | sha256sum | cut -c1-16)
cmake -S . -B build/tidy-db -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=clang++-14 -DKILN_TESTS=OFF \
  >/dev/null
[ "$mode" != --all ] || rm -f $cache/*.ok
tidy() {
  key=$cache/$(cat "$1" <(echo "$1 $headers") | sha256sum | cut -c1-32).ok
  [ -e "$key" ] && return 0
  clang-tidy-14 --quiet ${extra:+"$extra"} -p build/tidy-db "$1" 2>/dev/null && touch "$key"
}
export -f tidy
export cache extra headers
git ls-files 'src/*.cc' | grep -v '_test\.cc$' | xargs -P "$(nproc)" -I{} bash -c 'tidy {}' ||
  problem "clang-tidy has findings, above"

exit $failed
