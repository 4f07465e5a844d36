// What is different from another build: the last good one, or one that is named.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>

#include "api/error_table.h"
#include "api/progress/handlers.h"
#include "api/progress/summary.h"
#include "base/duration_words.h"
#include "scm/forge/forge.h"
#include "wire/or_null.h"

namespace kiln::api::progress {
namespace {

namespace json = boost::json;

// Collects differences; equal sides are none.
class Changes {
 public:
  void add(std::string_view subject, const std::optional<std::string>& name,
           const std::optional<std::string>& from, const std::optional<std::string>& to) {
    if (from != to) put(subject, name, from, to);
  }
  void put(std::string_view subject, const std::optional<std::string>& name,
           const std::optional<std::string>& from, const std::optional<std::string>& to) {
    changes_.push_back({{"subject", subject},
                        {"name", wire::text_or_null(name)},
                        {"from", wire::text_or_null(from)},
                        {"to", wire::text_or_null(to)}});
  }
  [[nodiscard]] json::array take() { return std::move(changes_); }

 private:
  json::array changes_;
};

// A variable's value is not told, a secret's is not even known: of equal ones the time at which they were set
// decides.
void compare_variables(const model::BuildMetadata& from, const model::BuildMetadata& to, Changes& changes) {
  std::map<std::string, std::pair<const model::EnvVar*, const model::EnvVar*>> both;
  for (const model::EnvVar& variable : from.environment) both[variable.name].first = &variable;
  for (const model::EnvVar& variable : to.environment) both[variable.name].second = &variable;
  for (const auto& [name, sides] : both) {
    const auto& [before, after] = sides;
    if (before == nullptr) {
      changes.put("variable", name, std::nullopt, "set");
    } else if (after == nullptr) {
      changes.put("variable", name, "set", std::nullopt);
    } else if (before->is_secret != after->is_secret || before->value != after->value ||
               (before->is_secret && before->created_on != after->created_on)) {
      changes.put("variable", name, "set", "set anew");
    }
  }
}

void compare_tools(const store::BuildStory& from, const store::BuildStory& to, Changes& changes) {
  std::map<std::string, std::pair<std::optional<std::string>, std::optional<std::string>>> both;
  for (const model::ToolUsed& tool : from.tools) both[tool.name].first = tool.version;
  for (const model::ToolUsed& tool : to.tools) both[tool.name].second = tool.version;
  if (from.tools.empty() || to.tools.empty()) return;  // one did not come so far
  for (const auto& [name, sides] : both) changes.add("tool", name, sides.first, sides.second);
}

void compare_caches(const store::BuildStory& from, const store::BuildStory& to, Changes& changes) {
  std::map<std::string, std::pair<std::optional<std::string>, std::optional<std::string>>> both;
  const auto words = [](const model::CacheUse& use) { return use.restored ? "restored" : "not restored"; };
  for (const model::CacheUse& use : from.caches)
    both[std::string(model::to_string(use.kind))].first = words(use);
  for (const model::CacheUse& use : to.caches)
    both[std::string(model::to_string(use.kind))].second = words(use);
  for (const auto& [kind, sides] : both) changes.add("cache", kind, sides.first, sides.second);
}

std::map<std::string, TimeMs> step_times(const store::BuildStory& story) {
  std::map<std::string, TimeMs> times;
  for (const model::BuildStep& step : story.steps) {
    if (step.state == model::StepState::done && step.stopped_on)
      times[std::string(model::to_string(step.step))] = *step.stopped_on - step.started_on;
  }
  return times;
}

// By more than a half, and a second.
bool is_other_time(TimeMs from, TimeMs to) {
  const TimeMs apart = from < to ? to - from : from - to;
  return apart >= 1'000 && apart * 2 > std::min(from, to);
}

void compare_times(const store::BuildStory& from, const store::BuildStory& to, Changes& changes) {
  const std::map<std::string, TimeMs> after = step_times(to);
  for (const auto& [step, before_ms] : step_times(from)) {
    const auto found = after.find(step);
    if (found != after.end() && is_other_time(before_ms, found->second))
      changes.put("step_duration", step, duration_words(before_ms), duration_words(found->second));
  }
}

// `from` is the other build, `to` the one that is asked about.
json::array changes_between(const store::BuildStory& from, const store::BuildStory& to) {
  const model::BuildMetadata& before = from.note.row.build.metadata;
  const model::BuildMetadata& after = to.note.row.build.metadata;
  Changes changes;
  changes.add("commit", std::nullopt, before.commit_hash, after.commit_hash);
  changes.add("branch", std::nullopt, before.branch, after.branch);
  changes.add("build_command", std::nullopt, before.build_command, after.build_command);
  changes.add("deploy_command", std::nullopt, before.deploy_command, after.deploy_command);
  changes.add("root_directory", std::nullopt, before.root_directory, after.root_directory);
  compare_variables(before, after, changes);
  compare_tools(from, to, changes);
  compare_caches(from, to, changes);
  compare_times(from, to, changes);
  return changes.take();
}

// Where the source host shows what lies between two commits.
json::value commits_url(const model::RepoConnection& connection, const std::string& from,
                        const std::string& to) {
  const scm::Forge* forge = scm::forge_of(connection.provider_type);
  std::string place = connection.clone_url;
  if (forge == nullptr || forge->compare_path.empty() || !place.starts_with("https://") || from == to)
    return nullptr;
  if (place.ends_with(".git")) place.resize(place.size() - 4);
  return json::value(place + fmt::format(fmt::runtime(forge->compare_path), from, to));
}

Result<std::optional<Uuid>> other_of(const ProgressDeps& deps, const Call& call, const Uuid& uuid) {
  const std::string to = call.request.query_value("to").value_or("last_good");
  if (to == "last_good") {
    const Result<std::optional<store::BuildNote>> good = deps.stories.last_good(call.account_id, uuid);
    if (!good) return tl::unexpected<Error>(good.error());
    return *good ? std::optional((*good)->row.build.uuid) : std::nullopt;
  }
  const std::optional<Uuid> named = Uuid::parse(to);
  if (!named) return fail(Errc::invalid, "Invalid request: to must be last_good or a build's id", "to");
  return named;
}

Result<http::Reply> compare(const ProgressDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<store::BuildStory> story = deps.stories.story(call.account_id, *uuid);
  if (!story) return tl::unexpected<Error>(story.error());
  const Result<std::optional<Uuid>> other = other_of(deps, call, *uuid);
  if (!other) return tl::unexpected<Error>(other.error());
  if (!*other) {
    return success_response(
        {{"other", nullptr}, {"same_commit", false}, {"commits_url", nullptr}, {"changes", json::array()}});
  }
  const Result<store::BuildStory> before = deps.stories.story(call.account_id, **other);
  if (!before) return tl::unexpected<Error>(before.error());
  const Result<store::BuildView> view = deps.builds.build(call.account_id, *uuid);
  if (!view) return tl::unexpected<Error>(view.error());
  const std::string& from = before->note.row.build.metadata.commit_hash;
  const std::string& to = story->note.row.build.metadata.commit_hash;
  return success_response({{"other", summary_json(before->note, deps.clock.now())},
                           {"same_commit", from == to},
                           {"commits_url", commits_url(view->trigger.connection, from, to)},
                           {"changes", changes_between(*before, *story)}});
}

}  // namespace

void add_compare(Adder& routes, const Deps& deps) {
  routes.add(
      "GET", "/builds/{build_uuid}/compare", Needs::ci_read,
      [deps](const Call& call) { return compare(*deps, call); }, kPolled);
}

}  // namespace kiln::api::progress
