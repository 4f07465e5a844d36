#include "runner/steps/cache_commands.h"

namespace kiln::runner {
namespace {

// An archive that unpacks to more than this is taken for a trap: the whole disk of a build.
constexpr const char* kMostUnpacked = "21474836480";
constexpr const char* kSeconds = "300";

// $1 archive, $2 base, $3 "fresh" or "", $4 most bytes, then the folders. dash knows no pipefail, so a file
// tells what became of zstd.
constexpr const char* kUnpack = R"(exec >/dev/null 2>&1
archive=$1 base=$2 fresh=$3 most=$4
shift 4
cd "$base" || exit 1
bad=/tmp/.kiln-cache-bad
rm -rf "$bad"
{ zstd -dqc --memory=256MB "$archive" || : >"$bad"; } | head -c "$most" |
  tar -xf - --skip-old-files --no-same-owner --no-same-permissions -- "$@"
code=$?
[ ! -e "$bad" ] || code=1
if [ "$code" != 0 ] && [ "$fresh" = fresh ]; then rm -rf -- "$@"; fi
rm -rf "$bad"
exit "$code"
)";

// $1 base, $2 seconds, $3 how many exclusions, then those, then the folders. Every folder goes into the
// archive, if need be empty, because unpacking names them all.
constexpr const char* kPack = R"(exec 2>/dev/null
base=$1 seconds=$2 count=$3
shift 3
cd "$base" || exit 1
skip=$count found=
for folder in "$@"; do
  if [ "$skip" -gt 0 ]; then skip=$((skip - 1)); continue; fi
  if [ -L "$folder" ]; then exit 1; fi
  if [ -d "$folder" ]; then found=yes; fi
done
[ "$found" ] || exit 3
skip=$count
for folder in "$@"; do
  if [ "$skip" -gt 0 ]; then skip=$((skip - 1)); continue; fi
  mkdir -p -- "$folder" || exit 1
done
index=0 total=$#
while [ "$index" -lt "$total" ]; do
  word=$1
  shift
  if [ "$index" -lt "$count" ]; then set -- "$@" "--exclude=$word"; else set -- "$@" "$word"; fi
  index=$((index + 1))
done
exec timeout -s KILL "$seconds" tar --sparse -I 'zstd -q -1 -T0' -cf - "$@"
)";

Command shell_command(const char* script, const char* name) {
  Command command;
  command.argv = {"/bin/sh", "-c", script, name};
  command.environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent"};
  command.directory = "/";
  return command;
}

}  // namespace

Command unpack_command(const CachePlan& plan, const std::string& base, bool fresh) {
  Command command = shell_command(kUnpack, "kiln-unpack");
  command.argv.push_back(std::string(kCache) + "/" + plan.kind);
  command.argv.push_back(base);
  command.argv.emplace_back(fresh ? "fresh" : "");
  command.argv.emplace_back(kMostUnpacked);
  for (const std::string& folder : plan.folders) command.argv.push_back(folder);
  return command;
}

Command pack_command(const CachePlan& plan, const std::string& base) {
  Command command = shell_command(kPack, "kiln-pack");
  command.argv.push_back(base);
  command.argv.emplace_back(kSeconds);
  command.argv.push_back(std::to_string(plan.excludes.size()));
  for (const std::string& exclude : plan.excludes) command.argv.push_back(exclude);
  for (const std::string& folder : plan.folders) command.argv.push_back(folder);
  return command;
}

}  // namespace kiln::runner
