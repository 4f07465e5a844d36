#include "wire/build_json.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/printable.h"
#include "base/time_format.h"
#include "wire/or_null.h"

namespace kiln::wire {
namespace {

namespace json = boost::json;

json::value variable_json(const model::EnvVar& variable) {
  return {{"is_secret", variable.is_secret},
          {"value", variable.is_secret ? json::value(nullptr) : json::value(variable.value)},
          {"created_on", format_rfc3339(variable.created_on)}};
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

void append_value(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out.append("\"").append(text).append("\"");
  } else {
    out.append(json::serialize(json::value(text)));
  }
}

void append_name(std::string& out, std::string_view name) {
  out.append(",\"").append(name).append("\":");
}

void append_null(std::string& out, std::string_view name) {
  append_name(out, name);
  out.append("null");
}

// A commit message, an author, a path: whatever strangers chose, fit for a terminal.
void append_text(std::string& out, std::string_view name, std::string_view text) {
  append_name(out, name);
  if (is_plain(text)) return append_value(out, text);
  append_value(out, printable_lines(text, text.size() * kReplacement.size()));
}

void append_text_or_null(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return append_null(out, name);
  append_text(out, name, text);
}

void append_time(std::string& out, std::string_view name, const std::optional<TimeMs>& time) {
  if (!time) return append_null(out, name);
  append_name(out, name);
  out.append("\"").append(format_rfc3339(*time)).append("\"");
}

void append_word(std::string& out, std::string_view name, std::string_view word) {
  append_name(out, name);
  out.append("\"").append(word).append("\"");
}

void append_variables(std::string& out, const std::vector<model::EnvVar>& variables, EnvironmentForm form) {
  if (form == EnvironmentForm::objects) {
    out.append(json::serialize(variables_json(variables)));
    return;
  }
  out.append("{");
  for (const model::EnvVar& variable : variables) {
    if (out.back() != '{') out.append(",");
    append_value(out, variable.name);
    out.append(":");
    append_value(out, variable.is_secret ? std::string_view("[secret]") : std::string_view(variable.value));
  }
  out.append("}");
}

// build_trigger_metadata (spec of the Builds API, "Build").
void append_metadata(std::string& out, const model::BuildMetadata& metadata, EnvironmentForm form) {
  out.append("{\"build_trigger_source\":\"").append(to_string(metadata.source)).append("\"");
  append_text(out, "branch", metadata.branch);
  append_text(out, "commit_hash", metadata.commit_hash);
  append_text(out, "commit_message", metadata.commit_message);
  append_text(out, "author", metadata.author);
  append_text(out, "build_command", metadata.build_command);
  append_text(out, "deploy_command", metadata.deploy_command);
  append_text(out, "root_directory", metadata.root_directory);
  append_text_or_null(out, "build_token_uuid",
                      metadata.build_token_uuid ? metadata.build_token_uuid->str() : std::string());
  append_text_or_null(out, "build_token_name", metadata.build_token_name);
  append_text(out, "repo_name", metadata.repo_name);
  append_text(out, "provider_account_name", metadata.provider_account_name);
  append_text(out, "provider_type", metadata.provider_type);
  append_name(out, "environment_variables");
  append_variables(out, metadata.environment, form);
  out.append("}");
}

void append_versions(std::string& out, const std::vector<Uuid>& versions) {
  out.append(",\"version_ids\":[");
  for (std::size_t i = 0; i < versions.size(); ++i) {
    out.append(i == 0 ? "\"" : ",\"").append(versions[i].str()).append("\"");
  }
  out.append("]");
}

json::value pull_request_json(const model::PullRequest& pull_request) {
  return {{"created_on", format_rfc3339(pull_request.created_on)}, {"pull_request_url", pull_request.url}};
}

}  // namespace

json::value connection_json(const model::RepoConnection& connection) {
  return {{"repo_connection_uuid", connection.uuid.str()},
          {"provider_type", connection.provider_type},
          {"provider_account_id", connection.provider_account_id},
          {"provider_account_name", connection.provider_account_name},
          {"repo_id", connection.repo_id},
          {"repo_name", connection.repo_name},
          {"created_on", format_rfc3339(connection.created_on)},
          {"modified_on", format_rfc3339(connection.modified_on)},
          {"deleted_on", time_or_null(connection.deleted_on)}};
}

json::value trigger_json(const model::Trigger& trigger, bool with_token) {
  json::object out = {{"trigger_uuid", trigger.uuid.str()},
                      {"trigger_name", trigger.name},
                      {"external_script_id", trigger.worker_tag},
                      {"build_command", trigger.build_command},
                      {"deploy_command", trigger.deploy_command},
                      {"root_directory", trigger.root_directory},
                      {"branch_includes", json::value_from(trigger.branch_includes)},
                      {"branch_excludes", json::value_from(trigger.branch_excludes)},
                      {"path_includes", json::value_from(trigger.path_includes)},
                      {"path_excludes", json::value_from(trigger.path_excludes)},
                      {"build_caching_enabled", trigger.build_caching_enabled},
                      {"repo_connection", connection_json(trigger.connection)},
                      {"created_on", format_rfc3339(trigger.created_on)},
                      {"modified_on", format_rfc3339(trigger.modified_on)},
                      {"deleted_on", time_or_null(trigger.deleted_on)}};
  if (with_token) {
    out["require_version"] = trigger.require_version;
    out["fork_pull_requests"] = to_string(trigger.fork_builds);
    out["report_path_skips"] = trigger.report_path_skips;
    out["paused"] = trigger.paused;
    out["build_token_uuid"] = uuid_or_null(trigger.build_token_uuid);
    out["build_token_name"] = text_or_null(trigger.build_token_name);
  }
  return out;
}

void append_build_before_trigger(std::string& out, const model::Build& build, const PreviewUrls& previews,
                                 EnvironmentForm form) {
  constexpr std::size_t kUsual = 1'500;
  out.reserve(out.size() + build.metadata.commit_message.size() + kUsual);
  out.append("{\"build_uuid\":\"").append(build.uuid.str()).append("\"");
  append_word(out, "status", to_string(build.status));
  if (build.outcome) {
    append_word(out, "build_outcome", to_string(*build.outcome));
  } else {
    append_null(out, "build_outcome");
  }
  append_time(out, "created_on", build.created_on);
  append_time(out, "modified_on", build.modified_on);
  append_time(out, "initializing_on", build.initializing_on);
  append_time(out, "running_on", build.running_on);
  append_time(out, "stopped_on", build.stopped_on);
  append_name(out, "build_trigger_metadata");
  append_metadata(out, build.metadata, form);
  if (build.pull_request) {
    out.append(",\"pull_request\":").append(json::serialize(pull_request_json(*build.pull_request)));
  } else {
    append_null(out, "pull_request");
  }
  append_versions(out, build.version_ids);
  append_text_or_null(out, "preview_url", previews.version);
  append_text_or_null(out, "preview_alias_url", previews.alias);
  if (build.waits_for_approval && !model::is_over(build.status)) out.append(",\"waits_for_approval\":true");
  out.append(",\"trigger\":");
}

json::value variables_json(const std::vector<model::EnvVar>& variables) {
  json::object out;
  for (const model::EnvVar& variable : variables) out[variable.name] = variable_json(variable);
  return out;
}

}  // namespace kiln::wire
