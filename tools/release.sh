#!/usr/bin/env bash
# Makes a release of the commit that is checked out: packages, source, list of materials, checksums, signature.
#   tools/release.sh [--key FILE] [--without-cache] [DIR]    into DIR, build/release/kiln-VERSION when it is not named
# --key: a secret key of minisign, made once by `minisign -G -s FILE -p PUBLIC`; its password, if any, is asked for. Without a key
# nothing is signed, and the last line says so. The same commit on the same Debian gives the same bytes (the signature apart).
set -euo pipefail
cd "$(dirname "$0")/.."
key='' dir=''
while (($#)); do
  case $1 in
    --key) key=$(realpath -e "${2:?--key needs a file}") && shift ;;
    --without-cache) export CCACHE_DISABLE=1 ;;
    -*) printf 'tools/release.sh: %s: no such option\n' "$1" >&2; exit 2 ;;
    *) dir=$1 ;;
  esac
  shift
done
die() { printf 'tools/release.sh: %s\n' "$*" >&2; exit 1; }
[ -z "$(git status --porcelain --untracked-files=no)" ] || die "there are changes that are not committed; a release is of a commit"
version=$(tools/version.sh)
grep -qx "## $version.*" CHANGELOG.md || grep -qx '## Unreleased' CHANGELOG.md || die "CHANGELOG.md has no section for $version"
SOURCE_DATE_EPOCH=$(tools/version.sh --date)
export SOURCE_DATE_EPOCH
tools=$(cd "${KILN_TOOLS_DIR:-build/tools}" && pwd)
dir=${dir:-build/release/kiln-$version}
rm -rf "$dir"
dir=$(mkdir -p "$dir" && cd "$dir" && pwd)

# From what git has, and not from the folder that somebody works in.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git archive --format=tar --prefix="kiln-$version/" HEAD >"$work/source.tar"
tar -C "$work" -xf "$work/source.tar"
xz -9 -T1 -c "$work/source.tar" >"$dir/kiln-$version.tar.xz"
source=$work/kiln-$version
export CCACHE_BASEDIR=$source CCACHE_NOHASHDIR=1
cmake -S "$source" -B "$source/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DKILN_TESTS=OFF --log-level=WARNING >/dev/null
cmake --build "$source/build" -j "${JOBS:-$(nproc)}" >"$work/log" || { tail -n 40 "$work/log" >&2; die "the build failed"; }

KILN_BUILD_DIR=$source/build KILN_TOOLS_DIR=$tools "$source/tools/deb.sh" "$dir" >/dev/null
cp CHANGELOG.md "$dir/"
cd "$dir"
"$source/tools/sbom.py" "$version" "$SOURCE_DATE_EPOCH" "$source/build" "$tools" ./*.deb ./*.tar.xz >"kiln-$version.cdx.json"
sha256sum -- *.deb *.tar.xz *.cdx.json CHANGELOG.md >SHA256SUMS
ls -l
if [ -n "$key" ]; then
  minisign -S -s "$key" -m SHA256SUMS -t "kiln $version" </dev/stdin
else
  printf 'not signed: name a secret key of minisign by --key\n'
fi
