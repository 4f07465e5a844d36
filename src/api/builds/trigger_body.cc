#include "api/builds/trigger_body.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/ids.h"
#include "base/strings.h"
#include "model/path_pattern.h"
#include "model/pattern.h"
#include "model/root_directory.h"
#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostPatterns = 100;
constexpr wire::Fields::Text kTriggerName{1, 256, false};
constexpr wire::Fields::Text kMayBeEmpty{0, 8192, true};
constexpr wire::Fields::Text kCommand{1, 8192, true};
constexpr wire::Fields::Text kDirectory{0, 1024, false};
constexpr wire::Fields::Text kPattern{0, 4096, false};

bool is_of_paths(std::string_view field) {
  return field.starts_with("path_");
}

// Refuses the bad ones; those of paths are put as files are called.
void check_patterns(wire::Fields& fields, const std::string& name, std::vector<std::string>& patterns) {
  const bool of_paths = is_of_paths(name);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    Result<std::string> clean(patterns[i]);
    if (of_paths) {
      clean = model::clean_path_pattern(patterns[i]);
    } else if (const Status fits = model::check_pattern(patterns[i]); !fits) {
      clean = tl::unexpected<Error>(fits.error());
    }
    if (!clean) {
      fields.refuse(fmt::format("{}[{}]", name, i),
                    fmt::format("'{}': {}", patterns[i], clean.error().message));
      continue;
    }
    patterns[i] = *std::move(clean);
  }
}

void set_directory(wire::Fields& fields, const std::string& text, model::Trigger& trigger) {
  const Result<std::string> directory = normal_root_directory(text);
  if (directory) {
    trigger.root_directory = *directory;
  } else {
    fields.refuse("root_directory", directory.error().message);
  }
}

// Reads a UUID field into `into`; true when it was given.
bool read_uuid(wire::Fields& fields, const char* name, Uuid& into) {
  const std::optional<std::string> text = fields.optional_text(name, {0, 64, false});
  if (!text) return false;
  const std::optional<Uuid> id = Uuid::parse(*text);
  if (!id) fields.refuse(name, "must be a UUID");
  into = id.value_or(Uuid{});
  return true;
}

bool read_token(wire::Fields& fields, model::Trigger& trigger) {
  Uuid token;
  if (!read_uuid(fields, "build_token_uuid", token)) return false;
  trigger.build_token_uuid = token;
  return true;
}

struct PatternField {
  const char* name;
  std::vector<std::string> model::Trigger::*list;
};
constexpr PatternField kPatternFields[] = {{"branch_includes", &model::Trigger::branch_includes},
                                           {"branch_excludes", &model::Trigger::branch_excludes},
                                           {"path_includes", &model::Trigger::path_includes},
                                           {"path_excludes", &model::Trigger::path_excludes}};

// Kiln's own: which pull requests from forks are built.
void read_fork_builds(wire::Fields& fields, model::Trigger& trigger) {
  const auto word = fields.optional_text("fork_pull_requests", {1, 32, false});
  if (!word) return;
  const std::optional<model::ForkBuilds> builds = model::parse_fork_builds(*word);
  if (!builds) {
    fields.refuse("fork_pull_requests",
                  "must be \"never\", \"approve\", \"without_secrets\" or \"with_secrets\"");
    return;
  }
  trigger.fork_builds = *builds;
}

// What the bodies that change something have in common.
void take_settings(wire::Fields& fields, model::Trigger& trigger) {
  if (const auto command = fields.optional_text("build_command", kMayBeEmpty))
    trigger.build_command = *command;
  if (const auto command = fields.optional_text("deploy_command", kCommand))
    trigger.deploy_command = *command;
  if (const auto directory = fields.optional_text("root_directory", kDirectory)) {
    set_directory(fields, *directory, trigger);
  }
  if (const auto caching = fields.optional_bool("build_caching_enabled"))
    trigger.build_caching_enabled = *caching;
}

void take_patterns(wire::Fields& fields, const PatternField& field, model::Trigger& trigger) {
  if (auto list = fields.optional_list(field.name, kMostPatterns, kPattern)) {
    check_patterns(fields, field.name, *list);
    trigger.*field.list = std::move(*list);
  }
}

Result<TriggerBody> finish(const wire::Fields& fields, TriggerBody body) {
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  body.unknown = fields.unknown();
  return body;
}

}  // namespace

Result<std::string> normal_root_directory(const std::string& text) {
  Result<std::string> clean = model::clean_root_directory(text);
  return clean && clean->empty() ? Result<std::string>("/") : clean;
}

Result<TriggerBody> read_new_trigger(const json::object& object) {
  wire::Fields fields(object);
  TriggerBody body;
  model::Trigger& trigger = body.trigger;
  trigger.worker_tag = to_lower(fields.required_text("external_script_id", {1, 64, false}));
  if (!trigger.worker_tag.empty() && !is_hex32(trigger.worker_tag)) {
    fields.refuse("external_script_id", "must be a Worker's tag (32 hex digits), not its name");
  }
  if (!read_uuid(fields, "repo_connection_uuid", trigger.connection.uuid)) {
    fields.refuse("repo_connection_uuid", "is required");
  }
  body.names_token = read_token(fields, trigger);
  trigger.name = fields.required_text("trigger_name", kTriggerName);
  trigger.build_command = fields.required_text("build_command", kMayBeEmpty);
  trigger.deploy_command = fields.required_text("deploy_command", kCommand);
  set_directory(fields, fields.required_text("root_directory", kDirectory), trigger);
  for (const PatternField& field : kPatternFields) {
    trigger.*field.list = fields.required_list(field.name, kMostPatterns, kPattern);
    check_patterns(fields, field.name, trigger.*field.list);
  }
  trigger.build_caching_enabled = fields.optional_bool("build_caching_enabled").value_or(false);
  trigger.require_version = fields.optional_bool("require_version").value_or(false);
  trigger.report_path_skips = fields.optional_bool("report_path_skips").value_or(false);
  trigger.paused = fields.optional_bool("paused").value_or(false);
  read_fork_builds(fields, trigger);
  return finish(fields, std::move(body));
}

Result<TriggerBody> read_changed_trigger(const json::object& object, const model::Trigger& current) {
  wire::Fields fields(object);
  TriggerBody body;
  body.trigger = current;
  model::Trigger& trigger = body.trigger;
  if (const auto name = fields.optional_text("trigger_name", kTriggerName)) trigger.name = *name;
  take_settings(fields, trigger);
  for (const PatternField& field : kPatternFields) take_patterns(fields, field, trigger);
  if (const auto require = fields.optional_bool("require_version")) trigger.require_version = *require;
  if (const auto report = fields.optional_bool("report_path_skips")) trigger.report_path_skips = *report;
  if (const auto paused = fields.optional_bool("paused")) trigger.paused = *paused;
  read_fork_builds(fields, trigger);
  body.names_token = read_token(fields, trigger);
  return finish(fields, std::move(body));
}

Result<SettingsBody> read_settings(const json::object& object, const model::Trigger& current, bool all) {
  wire::Fields fields(object, "production_settings.");
  SettingsBody body;
  body.trigger = current;
  model::Trigger& trigger = body.trigger;
  take_settings(fields, trigger);
  for (const PatternField& field : kPatternFields) {
    if (is_of_paths(field.name)) take_patterns(fields, field, trigger);
  }
  body.names_token = read_token(fields, trigger);
  body.variables = fields.optional_object("environment_variables");
  for (const char* command : {"build_command", "deploy_command"}) {
    const json::value* given = object.if_contains(command);
    if (all && (given == nullptr || given->is_null())) fields.refuse(command, "is required");
  }
  body.unknown = fields.unknown();
  if (!all && object.size() == body.unknown.size()) {
    return fail(Errc::invalid, "Invalid request body: production_settings names no setting",
                "production_settings");
  }
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  return body;
}

}  // namespace kiln::api::builds
