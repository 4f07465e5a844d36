// getWorkerConfigAutofill: the settings that a repository's own files suggest.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/builds/trigger_body.h"
#include "api/error_table.h"
#include "scm/git/git.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestDirectory = 1024;

Result<model::RepoConnection> named_connection(const BuildsDeps& deps, const Call& call) {
  const Result<std::vector<model::RepoConnection>> all = deps.triggers.connections(call.account_id);
  if (!all) return tl::unexpected<Error>(all.error());
  const auto found = std::find_if(all->begin(), all->end(), [&](const model::RepoConnection& connection) {
    return !connection.deleted_on && connection.provider_type == call.request.param("provider_type") &&
           connection.provider_account_id == call.request.param("provider_account_id") &&
           connection.repo_id == call.request.param("repo_id");
  });
  if (found == all->end()) return fail(Errc::not_found, "no such repository connection", "repo_id");
  return *found;
}

Result<std::string> branch_of(const Call& call) {
  const std::string branch = call.request.query_value("branch").value_or("");
  if (branch.empty()) return fail(Errc::invalid, "Invalid request: branch is required", "branch");
  if (const Status fits = scm::check_branch_name(branch); !fits)
    return fail(Errc::invalid, "Invalid request: " + fits.error().message, "branch");
  return branch;
}

Result<std::string> root_directory_of(const Call& call) {
  const std::string text = call.request.query_value("root_directory").value_or("");
  Result<std::string> directory = normal_root_directory(text);
  if (!directory || text.size() > kLongestDirectory) {
    const std::string why = !directory ? directory.error().message
                                       : fmt::format("must be at most {} bytes long", kLongestDirectory);
    return fail(Errc::invalid, "Invalid request: root_directory " + why, "root_directory");
  }
  return directory;
}

json::object names_json(const std::map<std::string, std::string>& names) {
  json::object object;
  for (const auto& [key, value] : names) object[key] = value;
  return object;
}

json::value text_or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::value autofill_json(const project::Autofill& found) {
  json::value manager;
  if (found.package_manager) manager = json::value(to_string(*found.package_manager));
  return {{"config_file", text_or_null(found.config_file)},
          {"default_worker_name", text_or_null(found.default_worker_name)},
          {"env_worker_names", names_json(found.env_worker_names)},
          {"package_manager", std::move(manager)},
          {"scripts", names_json(found.scripts)}};
}

Result<http::Reply> autofill(const BuildsDeps& deps, const Call& call) {
  const Result<model::RepoConnection> connection = named_connection(deps, call);
  if (!connection) return tl::unexpected<Error>(connection.error());
  const Result<std::string> branch = branch_of(call);
  if (!branch) return tl::unexpected<Error>(branch.error());
  const Result<std::string> directory = root_directory_of(call);
  if (!directory) return tl::unexpected<Error>(directory.error());
  const Result<project::Autofill> found = deps.read_config(*connection, *branch, *directory);
  if (!found && found.error().code == Errc::not_found) {
    // In words, since a plain "Not found" would leave open what was not.
    return fail(Errc::invalid, fmt::format("Invalid request: branch '{}' is not in the repository", *branch),
                "branch");
  }
  if (!found) return tl::unexpected<Error>(found.error());
  return success_response(autofill_json(*found));
}

}  // namespace

void add_autofill(Adder& routes, const Deps& deps) {
  const http::RouteOptions asks_git{1U << 20U, true};
  routes.add(
      "GET", "/repos/{provider_type}/{provider_account_id}/{repo_id}/config_autofill", Needs::ci_read,
      [deps](const Call& call) { return autofill(*deps, call); }, asks_git);
}

}  // namespace kiln::api::builds
