#include "runner/steps/lfs.h"

#include <fmt/format.h>

#include <charconv>

#include "base/sizes.h"
#include "base/strings.h"
#include "runner/steps/environment.h"
#include "runner/steps/exit_words.h"

namespace kiln::runner {
namespace {

constexpr std::string_view kObject = "object ";
constexpr std::string_view kPlaced = "placed ";
constexpr std::size_t kOidLength = 64;
constexpr std::size_t kMostPointers = 200'000;
constexpr std::size_t kMostListed = 32U << 20U;

// $1 the store, or empty to tell which objects the pointers name. git finds the files, and nothing but the
// shell and cp looks at them. One that was replaced counts as unchanged for git, as it does where the filter
// is set up.
constexpr const char* kLfsScript = R"sh(set -e
umask 022
list=.git/kiln-lfs
git grep -lz -e '^version https://git-lfs.github.com/spec/' -- ':(attr:filter=lfs)' > "$list" || [ $? = 1 ]
xargs -0 -r sh -c 'store=$1 placed=$2; shift 2
for file; do
  if [ -L "$file" ] || [ ! -f "$file" ]; then continue; fi
  { read -r version && read -r oid && read -r size; } < "./$file" || continue
  case $version in "version https://git-lfs.github.com/spec/"*) ;; *) continue ;; esac
  case $oid in "oid sha256:"*) oid=${oid#oid sha256:} ;; *) continue ;; esac
  case $size in "size "*) size=${size#size } ;; *) continue ;; esac
  if [ -z "$store" ]; then echo "object $oid $size"; continue; fi
  case $oid in *[!0-9a-f]*) continue ;; esac
  rest=${oid#??}
  from=$store/${oid%"$rest"}/${rest%"${rest#??}"}/$oid
  if [ -f "$from" ] && cp -- "$from" "./$file"; then printf "%s\\0" "$file" >> "$placed"; fi
done' kiln-lfs-files "$1" "$list.placed" < "$list"
if [ -f "$list.placed" ]; then
  git update-index -z --assume-unchanged --stdin < "$list.placed"
  echo "placed $(tr -cd '\0' < "$list.placed" | wc -c)"
fi
rm -f "$list" "$list.placed"
)sh";

struct LfsRun {
  StepResult result;
  std::string output;
};

LfsRun run_lfs_script(Attempt& attempt, const std::string& store) {
  Command command;
  command.argv = {"/bin/sh", "-c", kLfsScript, "kiln-lfs", store};
  command.environment = git_environment();
  command.directory = kCheckout;
  LfsRun done;
  const Result<CommandEnd> end = attempt.sandbox->run(command, [&done](std::string_view bytes) {
    if (done.output.size() < kMostListed) done.output += bytes;
  });
  if (attempt.stop.stopped()) {
    done.result = {StepEnd::stopped, {}};
  } else if (!end) {
    done.result = failed(attempt, "Failed: the sandbox of this build ended", end.error().message);
  } else if (end->exit_code != 0 || end->signal != 0) {
    done.result =
        failed(attempt, "Failed: error occurred while putting the files of Git LFS in their place",
               fmt::format("It {}: {}", exit_words(*end), to_valid_utf8(trim(done.output.substr(0, 500)))));
  }
  return done;
}

bool is_oid(std::string_view text) {
  return text.size() == kOidLength && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::vector<scm::LfsObject> objects_in(const std::string& output) {
  std::vector<scm::LfsObject> objects;
  for (const std::string& line : split(output, '\n')) {
    if (!line.starts_with(kObject) || objects.size() == kMostPointers) continue;
    const std::string_view words = std::string_view(line).substr(kObject.size());
    const std::size_t space = words.find(' ');
    if (space == words.npos || !is_oid(words.substr(0, space))) continue;
    const std::string_view digits = words.substr(space + 1);
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    if (error == std::errc() && end == digits.data() + digits.size())
      objects.push_back({std::string(words.substr(0, space)), size});
  }
  return objects;
}

void say_what_stays(Attempt& attempt, const std::string& which, const std::string& why) {
  attempt.log.say(fmt::format(
      "Warning: {} stay pointers of Git LFS, since their contents could not be fetched: {}", which, why));
}

}  // namespace

StepResult fetch_lfs(Attempt& attempt) {
  if (attempt.lfs_pointers.empty()) return {};
  const std::string files = fmt::format("{} of the files", attempt.lfs_pointers);
  LfsRun listed = run_lfs_script(attempt, {});
  if (listed.result.end != StepEnd::done) return listed.result;
  const std::vector<scm::LfsObject> objects = objects_in(listed.output);
  const Result<scm::LfsFetched> fetched = attempt.source.fetch_lfs(objects);
  if (attempt.stop.stopped()) return {StepEnd::stopped, {}};
  if (!fetched) {
    say_what_stays(attempt, files, fetched.error().message);
    return {};
  }
  if (fetched->there == 0) {
    say_what_stays(attempt, files,
                   fetched->why.empty() ? "no pointer among them is understood" : fetched->why);
    return {};
  }
  LfsRun placed = run_lfs_script(attempt, std::string(kMirror) + "/lfs/objects");
  if (placed.result.end != StepEnd::done) return placed.result;
  std::string count = "0";
  for (const std::string& line : split(placed.output, '\n')) {
    if (line.starts_with(kPlaced)) count = trim(std::string_view(line).substr(kPlaced.size()));
  }
  std::uint64_t bytes = 0;
  for (const scm::LfsObject& one : objects) bytes += one.size;
  attempt.log.say(fmt::format("Fetched the contents of {} files of Git LFS ({})", count, size_words(bytes)));
  if (fetched->missing > 0)
    say_what_stays(attempt, fmt::format("the files of {} others", fetched->missing), fetched->why);
  return {};
}

}  // namespace kiln::runner
