#include "wire/build_json.h"

#include <boost/json.hpp>

#include "base/time_format.h"

namespace kiln::wire {
namespace {

namespace json = boost::json;

json::value time_or_null(const std::optional<TimeMs>& time) {
  if (!time) return nullptr;
  return json::value(format_rfc3339(*time));
}

json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::value(text);
}

json::value uuid_or_null(const std::optional<Uuid>& id) {
  if (!id) return nullptr;
  return json::value(id->str());
}

json::value variable_json(const model::EnvVar& variable) {
  return {{"is_secret", variable.is_secret},
          {"value", variable.is_secret ? json::value(nullptr) : json::value(variable.value)},
          {"created_on", format_rfc3339(variable.created_on)}};
}

json::value environment_json(const std::vector<model::EnvVar>& variables, EnvironmentForm form) {
  json::object out;
  for (const model::EnvVar& variable : variables) {
    switch (form) {
      case EnvironmentForm::strings:
        out[variable.name] = variable.is_secret ? "[secret]" : variable.value;
        break;
      case EnvironmentForm::objects:
        out[variable.name] = variable_json(variable);
        break;
    }
  }
  return out;
}

json::value metadata_json(const model::BuildMetadata& metadata, EnvironmentForm form) {
  return {{"build_trigger_source", to_string(metadata.source)},
          {"branch", metadata.branch},
          {"commit_hash", metadata.commit_hash},
          {"commit_message", metadata.commit_message},
          {"author", metadata.author},
          {"build_command", metadata.build_command},
          {"deploy_command", metadata.deploy_command},
          {"root_directory", metadata.root_directory},
          {"build_token_uuid", uuid_or_null(metadata.build_token_uuid)},
          {"build_token_name", text_or_null(metadata.build_token_name)},
          {"environment_variables", environment_json(metadata.environment, form)},
          {"repo_name", metadata.repo_name},
          {"provider_account_name", metadata.provider_account_name},
          {"provider_type", metadata.provider_type}};
}

json::value pull_request_json(const std::optional<model::PullRequest>& pull_request) {
  if (!pull_request) return nullptr;
  return {{"created_on", format_rfc3339(pull_request->created_on)}, {"pull_request_url", pull_request->url}};
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
    out["build_token_uuid"] = uuid_or_null(trigger.build_token_uuid);
    out["build_token_name"] = text_or_null(trigger.build_token_name);
  }
  return out;
}

json::value build_json(const model::Build& build, const model::Trigger& trigger, EnvironmentForm form) {
  json::array versions;
  for (const Uuid& version : build.version_ids) versions.emplace_back(version.str());
  return {{"build_uuid", build.uuid.str()},
          {"status", to_string(build.status)},
          {"build_outcome", build.outcome ? json::value(to_string(*build.outcome)) : json::value(nullptr)},
          {"created_on", format_rfc3339(build.created_on)},
          {"modified_on", format_rfc3339(build.modified_on)},
          {"initializing_on", time_or_null(build.initializing_on)},
          {"running_on", time_or_null(build.running_on)},
          {"stopped_on", time_or_null(build.stopped_on)},
          {"trigger", trigger_json(trigger, false)},
          {"build_trigger_metadata", metadata_json(build.metadata, form)},
          {"pull_request", pull_request_json(build.pull_request)},
          {"version_ids", versions},
          {"preview_url", text_or_null(build.preview_url)},
          {"preview_alias_url", text_or_null(build.preview_alias_url)}};
}

json::value variables_json(const std::vector<model::EnvVar>& variables) {
  json::object out;
  for (const model::EnvVar& variable : variables) out[variable.name] = variable_json(variable);
  return out;
}

}  // namespace kiln::wire
