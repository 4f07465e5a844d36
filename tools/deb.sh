#!/usr/bin/env bash
# Packs what is built as Debian packages: kiln (program, service, settings, pages) and kiln-tools (Node, wrangler, workerd).
#   tools/deb.sh [DIR]      into DIR, build/packages when it is not named; the same bytes for the same build
# Programs come from KILN_BUILD_DIR (build), tools from KILN_TOOLS_DIR (build/tools).
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mkdir -p "${1:-build/packages}" && cd "${1:-build/packages}" && pwd)
programs=$(cd "${KILN_BUILD_DIR:-build}" && pwd)
tools=$(cd "${KILN_TOOLS_DIR:-build/tools}" && pwd)
version=$(tools/version.sh)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(tools/version.sh --date)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/kiln-$version
mkdir -p "$stage/debian"
cp -r deploy/debian/. "$stage/debian/"
cp -r deploy docs "$stage/"
cp CHANGELOG.md "$stage/docs/"
cp deploy/systemd/kiln.service "$stage/debian/kiln.service"
cat >"$stage/debian/changelog" <<CHANGELOG
kiln ($version) unstable; urgency=medium

  * Release $version; /usr/share/doc/kiln/CHANGELOG.md.gz has its changes.

 -- Kiln's contributors <kiln@kiln.invalid>  $(date -R -d "@$SOURCE_DATE_EPOCH")
CHANGELOG
mkdir "$stage/debian/man" "$stage/debian/completions"
"$programs/kiln" man --dir "$stage/debian/man"
for shell in bash zsh fish; do "$programs/kiln" completion "$shell" >"$stage/debian/completions/$shell"; done

node=$(readlink "$tools/node/default")
archive=$work/tools.tar.zst
tar -C "$tools/node" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
  --format=gnu --hard-dereference -cf - "$node" | zstd -q -6 -T2 -o "$archive"

if ! (cd "$stage" && KILN_PROGRAMS=$programs KILN_TOOLS_ARCHIVE=$archive dpkg-buildpackage -b -us -uc -nc -d) >"$work/log" 2>&1; then
  cat "$work/log" >&2
  printf 'tools/deb.sh: packing failed; the output stands above\n' >&2
  exit 1
fi
rm -f "$out"/kiln*_"$version"_amd64.deb
cp "$work"/*.deb "$out/"
(cd "$out" && ls kiln*_"$version"_amd64.deb)
