#include "runner/tools/shims.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <system_error>

#include "base/fs.h"
#include "runner/tools/lock_versions.h"
#include "runner/tools/recipes.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestShim = 64U << 10U;

// {0} pnpm's, {1} yarn's, {2} bun's default version, {3} bun's package. What other builds fetched is used as
// it is; several processes may be first at once.
constexpr const char* kManager = R"sh(#!/bin/sh
# pnpm, yarn and bun for builds whose project does not name them: fetched when first called.
name=${{0##*/}}
case $name in
pnpm | pnpx) tool=pnpm package=pnpm wish=${{PNPM_VERSION:-{0}}} variable=PNPM_VERSION ;;
yarn) tool=yarn package=@yarnpkg/cli-dist wish=${{YARN_VERSION:-{1}}} variable=YARN_VERSION
  case ${{wish#[v^~]}} in 1 | 1.*) package=yarn ;; esac ;;
bun | bunx) tool=bun package={3} wish=${{BUN_VERSION:-{2}}} variable=BUN_VERSION ;;
*) echo "$name: not a program of Kiln's" >&2; exit 127 ;;
esac
wish=${{wish#v}}
ready=/opt/kiln/tools/$tool/$wish/bin/$name
if [ -x "$ready" ]; then exec "$ready" "$@"; fi
place=${{HOME:-/opt/buildhome}}/.kiln-tools/$tool-$(printf %s "$wish" | tr -c 'A-Za-z0-9._-' _)
if [ ! -d "$place" ]; then
  echo "Fetching $tool@$wish: the project does not name a $tool; $variable chooses another" >&2
  making=$place.$$
  mkdir -p "$making" && (cd "$making" && npm_config_fetch_retries=1 npm install --prefix "$making" --ignore-scripts \
    --no-save --no-audit --no-fund --loglevel=error "$package@$wish" >&2) ||
    {{ rm -rf "$making"; echo "$name: $tool@$wish could not be fetched; what npm says stands above" >&2; exit 127; }}
  if [ "$tool" = bun ]; then
    chmod +x "$making/node_modules/$package/bin/bun"
    mkdir -p "$making/node_modules/.bin"
    ln -sf "../$package/bin/bun" "$making/node_modules/.bin/bun"
    ln -sf "../$package/bin/bun" "$making/node_modules/.bin/bunx"
  fi
  mv -T "$making" "$place" 2>/dev/null || rm -rf "$making"
fi
program=$place/node_modules/.bin/$name
if [ "$name" = pnpx ] && [ ! -x "$program" ]; then exec "$place/node_modules/.bin/pnpm" dlx "$@"; fi
exec "$program" "$@"
)sh";

// {0} the virtual environment.
constexpr const char* kPip = R"sh(#!/bin/sh
# Installs into a virtual environment of this build's own, made when it is first needed.
place={0}
if [ ! -x "$place/bin/pip" ]; then
  "${{0%/*}}/python3" -m venv "$place" >&2 ||
    {{ echo "${{0##*/}}: no virtual environment could be made; the runner's machine needs the package python3-venv" >&2; exit 1; }}
fi
exec "$place/bin/pip" "$@"
)sh";

// Makes of the folder a virtual environment without packages, which sees none of the system's.
constexpr const char* kPyvenv = "home = /usr/bin\ninclude-system-site-packages = false\n";

Status put(const fs::path& file, const std::string& text, unsigned mode) {
  const Result<std::string> there = read_file(file, kLongestShim);
  std::error_code error;
  const fs::perms wanted = static_cast<fs::perms>(mode);
  if (there && *there == text && fs::status(file, error).permissions() == wanted) return {};
  return write_file_durably(file, text, mode);
}

Status link(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::read_symlink(from, error) == to) return {};
  fs::remove(from, error);
  fs::create_symlink(to, from, error);
  if (error) return fail(errc_of(error.value()), fmt::format("{}: {}", from.string(), error.message()));
  return {};
}

}  // namespace

Status make_shims(const fs::path& tools) {
  const fs::path managers = tools / kManagerShims;
  const fs::path python = tools / kPythonShims;
  for (const fs::path& folder : {tools / "shims", managers, python.parent_path(), python}) {
    if (Status made = make_directory(folder, 0755); !made) return made;
  }
  const std::string bun = manager_recipe(PackageManager::bun, true).package;
  const std::string manager =
      fmt::format(fmt::runtime(kManager), kDefaultPnpm, kDefaultYarn, kDefaultBun, bun);
  for (const char* name : {"pnpm", "pnpx", "yarn", "bun", "bunx"}) {
    if (Status done = put(managers / name, manager, 0755); !done) return done;
  }
  if (Status done = put(python.parent_path() / "pyvenv.cfg", kPyvenv, 0644); !done) return done;
  const std::string pip = fmt::format(fmt::runtime(kPip), kPythonHome);
  for (const char* name : {"pip", "pip3"}) {
    if (Status done = put(python / name, pip, 0755); !done) return done;
  }
  for (const char* name : {"python3", "python"}) {
    if (Status done = link(python / name, "/usr/bin/python3"); !done) return done;
  }
  return {};
}

}  // namespace kiln::runner
