#include <algorithm>

#include "connect/connect.h"

namespace kiln::connect {
namespace {

bool names_one_branch(const model::Trigger& trigger) {
  return trigger.branch_includes.size() == 1 && trigger.branch_includes[0].find('*') == std::string::npos;
}

bool takes_all_branches(const model::Trigger& trigger) {
  return trigger.branch_includes == std::vector<std::string>{"*"};
}

std::string words_of(const std::vector<std::string>& patterns) {
  std::string out;
  for (const std::string& pattern : patterns) out += (out.empty() ? "" : ", ") + pattern;
  return out;
}

}  // namespace

Pair pair_of(const std::vector<model::Trigger>& triggers) {
  Pair pair;
  const auto keep = [](std::optional<model::Trigger>& kept, const model::Trigger& trigger) {
    if (!kept || trigger.created_on < kept->created_on) kept = trigger;
  };
  for (const model::Trigger& trigger : triggers) {
    if (names_one_branch(trigger)) keep(pair.production, trigger);
    if (takes_all_branches(trigger)) keep(pair.previews, trigger);
  }
  return pair;
}

std::vector<Change> changes_of(const model::Trigger& before, const model::Trigger& after) {
  std::vector<Change> out;
  const auto compare = [&](const char* field, const std::string& one, const std::string& other) {
    if (one != other) out.push_back({after.name, field, one, other});
  };
  const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
  compare("trigger_name", before.name, after.name);
  compare("build_command", before.build_command, after.build_command);
  compare("deploy_command", before.deploy_command, after.deploy_command);
  compare("root_directory", before.root_directory, after.root_directory);
  compare("branch_includes", words_of(before.branch_includes), words_of(after.branch_includes));
  compare("branch_excludes", words_of(before.branch_excludes), words_of(after.branch_excludes));
  compare("require_version", flag(before.require_version), flag(after.require_version));
  compare("report_path_skips", flag(before.report_path_skips), flag(after.report_path_skips));
  compare("fork_pull_requests", std::string(model::to_string(before.fork_builds)),
          std::string(model::to_string(after.fork_builds)));
  return out;
}

}  // namespace kiln::connect
