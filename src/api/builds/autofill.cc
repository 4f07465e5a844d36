// getWorkerConfigAutofill: the settings that a repository's own files suggest.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "api/builds/at_host.h"
#include "api/builds/handlers.h"
#include "api/builds/trigger_body.h"
#include "api/error_table.h"
#include "model/branch_name.h"
#include "scm/git/git.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestDirectory = 1024;

Result<model::RepoConnection> named_connection(const BuildsDeps& deps, const Call& call) {
  Result<std::optional<model::RepoConnection>> found = deps.connections.connection_of_repo(
      call.account_id, call.request.param("provider_type"), call.request.param("provider_account_id"),
      call.request.param("repo_id"));
  if (!found) return tl::unexpected<Error>(found.error());
  if (!*found) return fail(Errc::not_found, "no such repository connection", "repo_id");
  return **std::move(found);
}

Result<std::string> branch_of(const Call& call) {
  const std::string branch = call.request.query_value("branch").value_or("");
  if (branch.empty()) return fail(Errc::invalid, "Invalid request: branch is required", "branch");
  if (const Status fits = model::check_branch_name(branch); !fits)
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

json::value autofill_json(const project::Autofill& found) {
  return {{"config_file", json::value_from(found.config_file)},
          {"default_worker_name", json::value_from(found.default_worker_name)},
          {"env_worker_names", json::value_from(found.env_worker_names)},
          {"package_manager", json::value_from(found.package_manager)},
          {"scripts", json::value_from(found.scripts)}};
}

Result<http::Reply> read_settings(const BuildsDeps& deps, const model::RepoConnection& connection,
                                  const std::string& branch, const std::string& directory) {
  const Result<project::Autofill> found = deps.read_config(connection, branch, directory);
  if (!found && found.error().code == Errc::not_found) {
    // In words, since a plain "Not found" would leave open what was not.
    return fail(Errc::branch_not_found, fmt::format("branch '{}' is not in the repository", branch),
                "branch");
  }
  if (!found) return tl::unexpected<Error>(found.error());
  return success_with_notes(autofill_json(*found), found->unread);
}

Result<http::Reply> autofill(const BuildsDeps& deps, const Call& call) {
  const Result<model::RepoConnection> connection = named_connection(deps, call);
  if (!connection) return tl::unexpected<Error>(connection.error());
  const Result<std::string> branch = branch_of(call);
  if (!branch) return tl::unexpected<Error>(branch.error());
  const Result<std::string> directory = root_directory_of(call);
  if (!directory) return tl::unexpected<Error>(directory.error());
  return at_host(deps.hosts, call.request, connection->clone_url,
                 [&] { return read_settings(deps, *connection, *branch, *directory); });
}

}  // namespace

void add_autofill(Adder& routes, const Deps& deps) {
  const http::RouteOptions asks_git{1U << 20U, http::Work::git};
  routes.add(
      "GET", "/repos/{provider_type}/{provider_account_id}/{repo_id}/config_autofill", Needs::ci_read,
      [deps](const Call& call) { return autofill(*deps, call); }, asks_git);
}

}  // namespace kiln::api::builds
