// Repository connections: upsert, list (ours), delete.
#include <boost/json.hpp>

#include "api/builds/clone_url.h"
#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

constexpr wire::Fields::Text kShort{1, 512, false};

// Where the names of a connection say that it is cloned from; empty when nobody can know.
std::string usual_clone_url(const model::RepoConnection& connection) {
  return default_clone_url(connection.provider_type, connection.provider_account_name, connection.repo_name);
}

// Whether the wanted connection is there already, cloned from elsewhere than from where its names say: a
// self-hosted repository. A body without clone_url leaves that as it is.
Result<bool> is_cloned_from_elsewhere(const BuildsDeps& deps, const model::RepoConnection& wanted) {
  const Result<std::optional<model::RepoConnection>> there = deps.triggers.connection_of_repo(
      wanted.account_id, wanted.provider_type, wanted.provider_account_id, wanted.repo_id);
  if (!there) return tl::unexpected<Error>(there.error());
  return *there && (*there)->clone_url != usual_clone_url(**there);
}

Result<http::Reply> upsert(const BuildsDeps& deps, const Call& call) {
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  wire::Fields fields(*object);
  model::RepoConnection connection;
  connection.account_id = call.account_id;
  connection.provider_type = fields.required_text("provider_type", kShort);
  check_provider(fields, "provider_type", connection.provider_type);
  connection.provider_account_id = fields.required_text("provider_account_id", kShort);
  connection.provider_account_name = fields.required_text("provider_account_name", kShort);
  connection.repo_id = fields.required_text("repo_id", kShort);
  connection.repo_name = fields.required_text("repo_name", kShort);
  const std::optional<std::string> url = fields.optional_text("clone_url", {1, 2048, false});
  if (url) check_clone_url(fields, call, *url);
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  std::string authorization;
  if (url) {
    Result<model::CleanUrl> clean = reachable_url(deps, *url, "clone_url");
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
  const Result<model::RepoConnection> stored = deps.triggers.upsert_connection(connection);
  if (!stored) return tl::unexpected<Error>(stored.error());
  if (!authorization.empty()) {
    const Status kept = deps.triggers.set_clone_authorization(stored->uuid, authorization);
    if (!kept) return tl::unexpected<Error>(kept.error());
  }
  return success_with_unknown(wire::connection_json(*stored), fields.unknown());
}

Result<http::Reply> list(const BuildsDeps& deps, const Call& call) {
  const Result<std::vector<model::RepoConnection>> found = deps.triggers.connections(call.account_id);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array connections;
  for (const model::RepoConnection& connection : *found)
    connections.push_back(wire::connection_json(connection));
  const std::size_t count = connections.size();
  return success_response(json::value(std::move(connections)),
                          page_info(1, static_cast<int>(count), count, count));
}

Result<http::Reply> remove(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "repo_connection_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Status done = deps.triggers.delete_connection(call.account_id, *uuid, deps.clock.now());
  if (!done) return tl::unexpected<Error>(done.error());
  return success_response(nullptr);
}

}  // namespace

void add_connections(Adder& routes, const Deps& deps) {
  const std::string path = "/repos/connections";
  routes.add("PUT", path, Needs::ci_write, [deps](const Call& call) { return upsert(*deps, call); },
             {.work = http::Work::git});
  routes.add("GET", path, Needs::ci_read, [deps](const Call& call) { return list(*deps, call); });
  routes.add("DELETE", path + "/{repo_connection_uuid}", Needs::ci_write,
             [deps](const Call& call) { return remove(*deps, call); });
}

}  // namespace kiln::api::builds
