#!/usr/bin/env bash
# `make run`: serves Kiln on this machine, pushes a sample Worker to it, shows the build as it runs, and answers which
# build made the version. Keeps serving until Ctrl-C; KILN_DEMO_ONCE=1 stops after the answer. State stays in .run/, so
# that a second run takes seconds; remove the folder to start afresh.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD/.run
kiln=$PWD/build/kiln
node=$PWD/build/tools/node/default/bin/node
export KILN_DATA_DIR=$root/data
listen=${KILN_LISTEN:-127.0.0.1:8787}
worker=hello-worker
bare=$root/$worker.git
work=$root/$worker

if { [ -t 1 ] || [ -n "${CLICOLOR_FORCE:-}" ]; } && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' cyan=$'\e[36m' red=$'\e[31m' off=$'\e[0m'
else bold='' dim='' cyan='' red='' off=''; fi
step() { printf '\n%s==>%s %s%s%s\n' "$cyan" "$off" "$bold" "$*" "$off"; }
note() { printf '%s    %s%s\n' "$dim" "$*" "$off"; }
die() {
  [ -t 2 ] || [ -n "${CLICOLOR_FORCE:-}" ] || red='' off=''
  printf '%s%s%s\n' "$red" "$*" "$off" >&2
  exit 1
}
json() { "$node" -e 'let t="";process.stdin.on("data",d=>t+=d).on("end",()=>{const v=JSON.parse(t);console.log(eval(process.argv[1]))})' "$1"; }
git() { command git -c user.name="Kiln demo" -c user.email=demo@example.com -c init.defaultBranch=main "$@"; }

server=
stop_server() {
  trap - EXIT INT TERM
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
}
trap stop_server EXIT
trap 'echo; exit 0' INT TERM

step "Starting Kiln"
mkdir -p "$root"
"$kiln" serve --data-dir "$KILN_DATA_DIR" --listen "$listen" 2>"$root/server.log" &
server=$!
for _ in $(seq 200); do
  curl -fsS -o /dev/null "http://$listen/readyz" 2>/dev/null && break
  kill -0 "$server" 2>/dev/null || { server=; cat "$root/server.log" >&2; die "The server did not start; its log stands above. A busy port? Choose another: KILN_LISTEN=127.0.0.1:8788 make run"; }
  read -rt 0.05 <> <(:) || true
done
note "listening on http://$listen, data in .run/data, server log in .run/server.log"

step "A sample Worker in a bare repository"
if [ ! -d "$bare" ]; then
  git init -q --bare "$bare"
  rm -rf "$work"
  mkdir -p "$work"
  cp -r examples/hello-worker/. "$work/"
  git -C "$work" init -q
  git -C "$work" remote add origin "$bare"
fi
note "$bare"
"$kiln" connect "$bare" --worker "$worker" --build-command "npm run build" >"$root/connect.log" || { cat "$root/connect.log"; exit 1; }
note "connected to the Worker $worker: a push to main deploys, other branches get a preview version"

step "git push"
date -u +"Pushed by make run at %Y-%m-%dT%H:%M:%SZ" >"$work/PUSHED"
git -C "$work" add -A
git -C "$work" commit -qm "Say hello ($(date -u +%H:%M:%S))"
git -C "$work" push origin HEAD:main 2>&1 | tee "$root/push.log" | sed "s/^/    /"
build=$(grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' "$root/push.log" | head -1) ||
  die "The push made no build; see .run/push.log and .run/server.log"

step "The build, live"
"$kiln" logs "$build" --follow || die "The build did not succeed; its log stands above. Server log: .run/server.log"

step "Which build made this version?"
status=$("$kiln" status --json)
account=$(json v.account_id <<<"$status")
base=$(json v.api_base_url <<<"$status")
[ -s "$root/token" ] || (umask 077 && "$kiln" token create --name demo --permissions ci:read,ci:write,scripts:read,scripts:write >"$root/token")
url="$base/accounts/$account/builds/builds"
header="Authorization: Bearer $(<"$root/token")"
version=$(curl -fsS "$url/$build" -H @- <<<"$header" | json 'v.result.version_ids[0] ?? ""')
[ -n "$version" ] || die "The build uploaded no version; see its log above."
"$kiln" which "$version" | sed 's/^/    /'
printf '\n    %sversion%s  %s\n    %sbuild%s    %s\n' "$bold" "$off" "$version" "$bold" "$off" "$build"
printf '\n  Ask yourself, over the API that the hosted service publishes:\n\n'
printf '    curl -H "Authorization: Bearer $(cat .run/token)" \\\n      "%s?version_ids=%s"\n\n' "$url" "$version"
curl -fsS "$url?version_ids=$version" -H @- <<<"$header" | json 'JSON.stringify(v, null, 2)' | sed 's/^/    /'

step "The Worker answers"
workers=$(json v.workers_url <<<"$status")
live="http://$worker.$(json v.subdomain <<<"$status").$(json v.workers_domain <<<"$status"):${workers##*:}/"
curl -fsS -D "$root/headers" --connect-to "::${workers#http://}" "$live" | sed 's/^/    /' ||
  die "The Worker does not answer at $live; see .run/server.log"
echo
tr -d '\r' <"$root/headers" | grep -i '^x-kiln-version' | sed 's/^/    /'
note "$live"
"$kiln" which "$live" | sed 's/^/    /'

step "The page"
"$kiln" dashboard 2>/dev/null | sed 's/^/    /'
note "the link is good once, for five minutes; it shows every Worker, this build with its log and where its time went, the version that is"
note "live, and why a push was not built. Another link: build/kiln dashboard --data-dir .run/data"

step "Kiln listens on http://$listen"
note "push again from .run/$worker, or try: build/kiln builds --data-dir .run/data"
[ -z "${KILN_DEMO_ONCE:-}" ] || exit 0
note "Ctrl-C stops it"
wait "$server"
