#!/usr/bin/env bash
# Every static check: the include rule, calls that throw, formatting, clang-tidy, file lengths.
#   tools/lint.sh           clang-tidy looks at the files changed since its last clean run
#   tools/lint.sh --all     at every file
#   tools/lint.sh --quick   everything but clang-tidy, which takes minutes
#   tools/lint.sh --tidy    clang-tidy alone, without its path analyzer, which takes as long again
set -euo pipefail
cd "$(dirname "$0")/.."
mode=${1:-}
failed=0
if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then red=$'\e[31m' off=$'\e[0m'
else red='' off=''; fi
problem() { printf '%s%s%s\n' "$red" "$*" "$off" >&2; failed=1; }

if [ "$mode" != --tidy ]; then
  tools/check_includes.py || failed=1
  tools/check_filesystem.py || failed=1

  mapfile -t sources < <(tools/sources.sh)  # what is new and not yet added too
  clang-format-14 --dry-run -Werror "${sources[@]}" || problem "run 'make format'"

  pages=$(grep -rhoE '`(src|web|deploy|tests|docs|bench|tools|fuzz|api|cmake)/[A-Za-z0-9_./-]+`' ./*.md docs | tr -d '`' | sort -u)
  for page in $pages; do  # what a build makes is named too
    [ -e "$page" ] || git check-ignore -q "${page%/}/" || problem "the pages name $page, which is not there"
  done

  long=$(wc -l "${sources[@]}" | awk '$2 != "total" && $1 > 500 {print "  " $1 " " $2}')
  [ -z "$long" ] || problem "files over 500 lines: split them by subject"$'\n'"$long"
fi
[ "$mode" != --quick ] || exit $failed

case $mode in
  --all) tools/tidy.py --again ;;
  --tidy) tools/tidy.py --quick ;;
  *) tools/tidy.py ;;
esac || failed=1

exit $failed
