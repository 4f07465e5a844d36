// Repository connections: upsert, list (ours), delete.
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/builds/repo_body.h"
#include "api/error_table.h"
#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

Result<http::Reply> upsert(const BuildsDeps& deps, const Call& call) {
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  wire::Fields fields(*object);
  WantedRepo wanted = read_repo(fields, call);
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  const Result<model::RepoConnection> stored = connect_repo(deps, std::move(wanted), "clone_url");
  if (!stored) return tl::unexpected<Error>(stored.error());
  return success_with_unknown(wire::connection_json(*stored), fields.unknown());
}

Result<http::Reply> list(const BuildsDeps& deps, const Call& call) {
  const Result<std::vector<model::RepoConnection>> found = deps.connections.connections(call.account_id);
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
  const Status done = deps.connections.delete_connection(call.account_id, *uuid, deps.clock.now());
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
