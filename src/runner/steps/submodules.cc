#include "runner/steps/submodules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "runner/steps/checkout.h"
#include "runner/steps/environment.h"
#include "runner/steps/exit_words.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kSubmodulesOutputKept = 16U << 10U;
constexpr const char* kSubmodulesFailed = "Failed: error occurred while updating repository submodules";
constexpr std::string_view kNested = "nested ";
constexpr const char* kHere = "here";
constexpr const char* kElsewhere = "elsewhere";

// $1 the mirror, then for each submodule: folder, commit, text of .git/config, "here" when the mirror has it,
// and the address it comes from otherwise. Says which one it is at, and which from elsewhere have more
// inside.
constexpr const char* kSubmodulesScript = R"(set -e
umask 022
mirror=$1
shift
while [ $# -gt 0 ]; do
  echo "submodule $1"
  mkdir -p "./$1/.git/objects/info" "./$1/.git/refs/heads"
  printf '%s\n' "$2" > "./$1/.git/HEAD"
  printf '%s' "$3" > "./$1/.git/config"
  if [ "$4" = here ]; then
    printf '%s\n' "$mirror/objects" > "./$1/.git/objects/info/alternates"
  else
    git -C "./$1" fetch --quiet --depth=1 --no-tags --no-recurse-submodules -- "$5" "$2" ||
      git -C "./$1" fetch --quiet --no-tags --no-recurse-submodules -- "$5" '+refs/heads/*:refs/remotes/origin/*'
  fi
  git -C "./$1" read-tree -u --reset HEAD
  if [ "$4" != here ] && [ -f "./$1/.gitmodules" ]; then echo "nested $1"; fi
  shift 5
done
)";

bool is_wanted(const scm::Submodule& one) {
  return one.refused.empty();
}

Command command_for(const Attempt& attempt) {
  Command command;
  command.argv = {"/bin/sh", "-c", kSubmodulesScript, "kiln-submodules", kMirror};
  for (const scm::Submodule& one : attempt.submodules) {
    if (!is_wanted(one)) continue;
    for (const std::string& word : {one.path, one.commit, checkout_config(one.commit, remote_config(one.url)),
                                    std::string(one.in_mirror ? kHere : kElsewhere), one.url})
      command.argv.push_back(word);
  }
  command.environment = git_environment();
  std::replace(command.environment.begin(), command.environment.end(), std::string("GIT_ALLOW_PROTOCOL=none"),
               std::string("GIT_ALLOW_PROTOCOL=https:http:ssh"));
  command.environment.emplace_back("GIT_SSH_COMMAND=ssh -oBatchMode=yes -oConnectTimeout=15");
  command.environment.emplace_back("GIT_ASKPASS=/bin/false");
  command.directory = kCheckout;
  return command;
}

// The last lines, on one: the submodule's and git's about it.
std::string last_words(const std::string& output) {
  std::string at;
  std::string said;
  for (const std::string& line : split(output, '\n')) {
    const std::string_view words = trim(line);
    if (words.starts_with("submodule ")) at = words;
    if (words.starts_with("fatal:") || words.starts_with("error:")) said = words;
  }
  return at + (said.empty() ? "" : ": ") + said;
}

}  // namespace

StepResult fetch_submodules(Attempt& attempt) {
  Result<std::vector<scm::Submodule>> found = attempt.source.submodules(attempt.commit);
  if (!found) return failed(attempt, kSubmodulesFailed, found.error().message);
  attempt.submodules = std::move(*found);
  return {};
}

StepResult check_out_submodules(Attempt& attempt) {
  std::string names;
  for (const scm::Submodule& one : attempt.submodules) {
    if (is_wanted(one)) {
      names += (names.empty() ? "" : ", ") + one.path;
    } else {
      attempt.log.say(fmt::format("Warning: the submodule {} is not fetched: {}.", one.path, one.refused));
    }
  }
  if (names.empty()) return {};
  attempt.log.say("Updating repository submodules: " + names);
  std::string output;
  const Result<CommandEnd> end =
      attempt.sandbox->run(command_for(attempt), [&output](std::string_view bytes) {
        output += bytes;
        if (output.size() > 2 * kSubmodulesOutputKept) output.erase(0, output.size() - kSubmodulesOutputKept);
      });
  if (attempt.stop.stopped()) return {StepEnd::stopped, {}};
  for (const std::string& line : split(output, '\n')) {
    if (!line.starts_with(kNested)) continue;
    attempt.log.say(
        fmt::format("Warning: the submodules of {}, which comes from another host, are not fetched.",
                    line.substr(kNested.size())));
  }
  if (!end) return failed(attempt, "Failed: the sandbox of this build ended", end.error().message);
  if (end->exit_code == 0 && end->signal == 0) return {};
  return failed(attempt, kSubmodulesFailed,
                fmt::format("It {}. {}. Submodules on another host than the repository's are fetched without "
                            "credentials, from inside the build's sandbox.",
                            exit_words(*end), last_words(to_valid_utf8(output))));
}

}  // namespace kiln::runner
