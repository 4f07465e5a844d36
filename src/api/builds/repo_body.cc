#include "api/builds/repo_body.h"

#include "api/builds/clone_url.h"

namespace kiln::api::builds {
namespace {

constexpr wire::Fields::Text kShort{1, 512, false};

// Where the names of a connection say that it is cloned from; empty when nobody can know.
std::string usual_clone_url(const model::RepoConnection& connection) {
  return default_clone_url(connection.provider_type, connection.provider_account_name, connection.repo_name);
}

// Whether the wanted connection is there already, cloned from elsewhere than from where its names say: a
// self-hosted repository.
Result<bool> is_cloned_from_elsewhere(const BuildsDeps& deps, const model::RepoConnection& wanted) {
  const Result<std::optional<model::RepoConnection>> there = deps.connections.connection_of_repo(
      wanted.account_id, wanted.provider_type, wanted.provider_account_id, wanted.repo_id);
  if (!there) return tl::unexpected<Error>(there.error());
  return *there && (*there)->clone_url != usual_clone_url(**there);
}

}  // namespace

WantedRepo read_repo(wire::Fields& fields, const Call& call) {
  WantedRepo wanted;
  model::RepoConnection& connection = wanted.connection;
  connection.account_id = call.account_id;
  connection.provider_type = fields.required_text("provider_type", kShort);
  check_provider(fields, "provider_type", connection.provider_type);
  connection.provider_account_id = fields.required_text("provider_account_id", kShort);
  connection.provider_account_name = fields.required_text("provider_account_name", kShort);
  connection.repo_id = fields.required_text("repo_id", kShort);
  connection.repo_name = fields.required_text("repo_name", kShort);
  wanted.url = fields.optional_text("clone_url", {1, 2048, false});
  if (wanted.url) check_clone_url(fields, call, *wanted.url);
  return wanted;
}

Result<model::RepoConnection> connect_repo(const BuildsDeps& deps, WantedRepo wanted,
                                           const std::string& url_field) {
  model::RepoConnection& connection = wanted.connection;
  std::string authorization;
  if (wanted.url) {
    Result<model::CleanUrl> clean = reachable_url(deps, *wanted.url, url_field);
    if (!clean) return tl::unexpected<Error>(clean.error());
    connection.clone_url = std::move(clean->url);
    authorization = std::move(clean->authorization);
  } else {
    const Result<bool> elsewhere = is_cloned_from_elsewhere(deps, connection);
    if (!elsewhere) return tl::unexpected<Error>(elsewhere.error());
    connection.clone_url = *elsewhere ? "" : usual_clone_url(connection);
  }
  connection.uuid = deps.entropy.uuid();
  connection.created_on = deps.clock.now();
  connection.modified_on = connection.created_on;
  Result<model::RepoConnection> stored = deps.connections.upsert_connection(connection);
  if (!stored || authorization.empty()) return stored;
  const Status kept = deps.connections.set_clone_authorization(stored->uuid, authorization);
  if (!kept) return tl::unexpected<Error>(kept.error());
  return stored;
}

}  // namespace kiln::api::builds
