#include "scm/git/post_receive.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace kiln::scm {
namespace {

// A NUL cannot live in a shell variable, so the report is written straight into curl's stdin, which keeps it
// for the second try. `tr` swaps NUL and line break, so that `head` counts paths and not lines of their
// names.
constexpr const char* kScript = R"hook(#!/bin/sh
# kiln-hook 1: tells Kiln what was pushed. Written by `kiln connect`, which renews it; put hooks of your own into
# post-receive.kiln-kept beside it: it is run first, with the same input.
hooks=$(dirname "$0")
pushed=$(cat)
[ -n "$pushed" ] || exit 0

if [ -x "$hooks/post-receive.kiln-kept" ]; then
  printf '%s\n' "$pushed" | "$hooks/post-receive.kiln-kept" "$@" ||
    echo "Kiln: the earlier post-receive hook ended with exit code $?" >&2
fi

skip=0
option=0
while [ "$option" -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do
  eval "words=\$GIT_PUSH_OPTION_$option"
  if [ "$words" = ci.skip ]; then skip=1; fi
  option=$((option + 1))
done

is_zero() { case $1 in *[!0]*) return 1 ;; esac; }

# old new ref
report_ref() {
  forced=0 commits=0
  printf 'ref\0%s\0%s\0%s\0' "$1" "$2" "$3"
  case $3 in refs/heads/*) branch=1 ;; *) branch=0 ;; esac
  if is_zero "$2"; then branch=0; fi
  if [ "$branch" = 1 ] && ! is_zero "$1"; then
    counts=$(git rev-list --count --left-right "$1...$2" -- 2>/dev/null) || counts='0 0'
    # "lost gained", by a tab
    set -- "$1" "$2" "$3" $counts
    if [ "${4:-0}" != 0 ]; then forced=1; fi
    commits=${5:-0}
  fi
  printf '%s\0%s\0' "$forced" "$commits"
  if [ "$branch" = 1 ]; then
    git -c i18n.logOutputEncoding=UTF-8 log -1 --no-show-signature --no-decorate --format='%an%x00%B' "$2" -- 2>/dev/null |
      head -c 60000
  else
    printf '\0'
  fi
  printf '\0%s\0' "$skip"
  if [ "$branch" = 1 ] && ! is_zero "$1"; then
    git diff-tree -r -z --name-only --no-renames "$1" "$2" -- 2>/dev/null |
      tr '\n\0' '\0\n' | head -n 3000 | tr '\n\0' '\0\n'
  fi
  printf '\0'
}

report() {
  printf 'kiln-push-1\0%s\0' "$delivery"
  printf '%s\n' "$pushed" | while read -r old new ref; do report_ref "$old" "$new" "$ref"; done
}

{ read -r delivery < /proc/sys/kernel/random/uuid; } 2>/dev/null || delivery=$(date +%s)-$$
# A private CA's certificate, put there by hand: `kiln connect` leaves it.
ca=
if [ -f "$hooks/kiln-hook.ca.pem" ]; then ca=$hooks/kiln-hook.ca.pem; fi
if [ ! -r "$hooks/kiln-hook.conf" ]; then
  echo "Kiln: WARNING: $(id -un) may not read $(cd "$hooks" && pwd)/kiln-hook.conf, so nothing is built. The push itself is safe."
  echo "Kiln: let those who push here read it (chgrp, chmod 640): it holds the hook's secret. Then: kiln build <worker>"
  exit 0
fi
# The same delivery id at both tries: a report that did arrive is not built twice.
answer=$(report | curl -q --silent --config "$hooks/kiln-hook.conf" ${ca:+--cacert "$ca"} \
  --request POST --data-binary @- --header 'Content-Type: application/octet-stream' --header 'Expect:' \
  --connect-timeout 3 --max-time 10 --retry 1 --retry-delay 1 --retry-connrefused --write-out '\n%{http_code}' 2>/dev/null)
ended=$?
code=${answer##*
}
case $code in
200)
  printf '%s' "${answer%???}"
  ;;
401 | 403 | 404)
  echo "Kiln: the server does not know this hook any more; the push itself is safe."
  echo "Kiln: connect the repository again: kiln connect <repository> --worker <worker>"
  ;;
'' | 000)
  if [ "$ended" = 60 ] || [ "$ended" = 77 ]; then
    echo "Kiln: WARNING: the Kiln server's certificate is not trusted here, so nothing is built. The push itself is safe."
    echo "Kiln: put its CA's certificate into $(cd "$hooks" && pwd)/kiln-hook.ca.pem, then build it with: kiln build <worker>"
    exit 0
  fi
  echo "Kiln: WARNING: the Kiln server does not answer, so nothing is built. The push itself is safe."
  echo "Kiln: when the server runs again, build it with: kiln build <worker>"
  ;;
507)
  echo "Kiln: WARNING: the disk of the Kiln server is full, so nothing is built. The push itself is safe."
  echo "Kiln: make room where its data directory is, then build it with: kiln build <worker>"
  ;;
*)
  echo "Kiln: WARNING: the Kiln server refused the report (HTTP $code). The push itself is safe."
  echo "Kiln: see the server's log, then build it with: kiln build <worker>"
  ;;
esac
exit 0
)hook";

// Whose repository it is decides who writes: root becomes its owner first, so that nothing which the owner
// can put there (a link, a setting) leads a write where only root may write.
constexpr const char* kInstaller = R"installer(#!/bin/sh
set -eu
cd -- "$1" 2>/dev/null || { echo "there is no folder $1 that can be entered" >&2; exit 3; }
as_owner=
if [ "$(id -u)" = 0 ]; then
  owner=$(stat -c %u .) group=$(stat -c %g .)
  if [ "$owner" != 0 ]; then
    command -v setpriv >/dev/null 2>&1 || {
      echo "$1 belongs to uid $owner; as root the hook is installed by setpriv, which is missing here: run this as its owner" >&2
      exit 5
    }
    as_owner="setpriv --reuid=$owner --regid=$group --groups=$group --inh-caps=-all --bounding-set=-all --no-new-privs"
    HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent
    export HOME XDG_CONFIG_HOME
  fi
fi
exec $as_owner /bin/sh -s -- "$1" <<'KILN_INSTALL_END'
@INSIDE@KILN_INSTALL_END
)installer";

// In the repository, as its owner or whoever runs it. Only the repository's own hooks folder is written to.
constexpr const char* kInside = R"inside(set -eu
if [ ! -f HEAD ] || [ ! -d objects ] || [ ! -d refs ]; then
  echo "$1 is not a bare repository" >&2
  exit 3
fi
command -v curl >/dev/null 2>&1 || { echo "the hook needs curl, which is not installed here" >&2; exit 4; }
elsewhere() {
  echo "$1; Kiln writes into the hooks folder of the repository itself and nowhere else" >&2
  exit 5
}
umask 077
hooks=$(git --git-dir=. rev-parse --git-path hooks)
case $hooks in
hooks | ./hooks) hooks=./hooks ;;
*) elsewhere "git runs the hooks of $hooks (core.hooksPath), not those of the repository: take that setting away" ;;
esac
if [ -L hooks ]; then elsewhere "the hooks folder of $1 is a symbolic link"; fi
if [ ! -d hooks ]; then mkdir hooks; chmod 755 hooks; fi
if [ "$(cd hooks && pwd -P)" != "$(pwd -P)/hooks" ]; then elsewhere "the hooks folder of $1 is not inside it"; fi
if [ -e "$hooks/post-receive" ] && ! grep -q '^# kiln-hook ' "$hooks/post-receive" 2>/dev/null; then
  if [ -e "$hooks/post-receive.kiln-kept" ]; then mv "$hooks/post-receive.kiln-kept" "$hooks/post-receive.kiln-kept.old"; fi
  mv "$hooks/post-receive" "$hooks/post-receive.kiln-kept"
fi
new=$(mktemp -d "$hooks/.kiln-new.XXXXXX")
trap 'rm -rf "$new"' EXIT
cat >"$new/hook" <<'KILN_HOOK_END'
@HOOK@KILN_HOOK_END
cat >"$new/conf" <<'KILN_CONFIG_END'
@CONFIG@KILN_CONFIG_END
chmod 755 "$new/hook"
chmod 600 "$new/conf"
case $(git --git-dir=. config core.sharedRepository 2>/dev/null || :) in
group | true | 1 | 0660) chgrp "$(stat -c %g .)" "$new/conf" && chmod 640 "$new/conf" ;;
esac
mv "$new/conf" "$hooks/kiln-hook.conf"
mv "$new/hook" "$hooks/post-receive"
# For `git push -o ci.skip`.
git --git-dir=. config receive.advertisePushOptions true
)inside";

// The reverse, of the hook that reports to one path; of another's nothing is touched. What was kept comes
// back.
constexpr const char* kOutside = R"outside(set -eu
grep -qsF '@PATH@"' hooks/kiln-hook.conf || exit 0
rm -f hooks/kiln-hook.conf
if grep -q '^# kiln-hook ' hooks/post-receive 2>/dev/null; then
  rm -f hooks/post-receive
  if [ -e hooks/post-receive.kiln-kept ]; then mv hooks/post-receive.kiln-kept hooks/post-receive; fi
fi
)outside";

std::string in_curl_quotes(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

void replace_once(std::string& text, const std::string& mark, const std::string& with) {
  const std::size_t at = text.find(mark);
  if (at != std::string::npos) text.replace(at, mark.size(), with);
}

}  // namespace

std::string post_receive_script() {
  return kScript;
}

std::string hook_config(const HookAddress& address) {
  return fmt::format(
      "# Written by kiln connect. Keep it secret: who knows it can start builds.\nurl = {}\nheader = {}\n"
      "noproxy = \"127.0.0.1,localhost\"\n",
      in_curl_quotes(address.url), in_curl_quotes("Authorization: Bearer " + address.secret));
}

std::string install_script(const HookAddress& address) {
  std::string text = kInstaller;
  replace_once(text, "@INSIDE@", kInside);
  replace_once(text, "@HOOK@", post_receive_script());
  replace_once(text, "@CONFIG@", hook_config(address));
  return text;
}

std::string remove_script(const std::string& hook_path) {
  std::string text = kInstaller;
  replace_once(text, "@INSIDE@", kOutside);
  // A path of the server's own: "/hooks/git/" and hex digits.
  std::string path = hook_path;
  std::erase_if(path, [](char c) { return c == '\'' || c == '\n'; });
  replace_once(text, "@PATH@", path);
  return text;
}

}  // namespace kiln::scm
