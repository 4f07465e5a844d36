// Repository connections: upsert, list (ours), delete.
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/builds/repo_body.h"
#include "api/error_table.h"
#include "base/strings.h"
#include "connect/disconnect.h"
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

// What the caller can take back alone: the hook that stands in a plain repository.
json::value hook_left(const model::RepoConnection& connection, const connect::Disconnected& done) {
  if (!done.connection_deleted || done.hook_id.empty() || connection.provider_type != "git") return nullptr;
  return {{"clone_url", connection.clone_url}, {"hook_path", "/hooks/git/" + done.hook_id}};
}

// Empty: every Worker's.
Result<std::string> tag_asked(const Call& call) {
  if (call.request.body.empty()) return std::string();
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  wire::Fields fields(*object);
  const std::string tag = to_lower(fields.optional_text("script_tag", {1, 64, false}).value_or(""));
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  return tag;
}

Result<http::Reply> disconnect(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "repo_connection_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<model::RepoConnection> connection = deps.connections.connection(call.account_id, *uuid);
  if (!connection) return tl::unexpected<Error>(connection.error());
  const Result<std::string> tag = tag_asked(call);
  if (!tag) return tl::unexpected<Error>(tag.error());
  const Result<connect::Disconnected> done =
      connect::disconnect({deps.connections, deps.triggers, deps.clock, deps.leave_host}, *connection, *tag);
  if (!done) return tl::unexpected<Error>(as_body_error(done.error()));
  json::array triggers;
  for (const model::Trigger& trigger : done->triggers) {
    const Result<model::Worker> worker = deps.workers.worker_by_tag(call.account_id, trigger.worker_tag);
    triggers.push_back({{"trigger_uuid", trigger.uuid.str()},
                        {"trigger_name", trigger.name},
                        {"script_tag", trigger.worker_tag},
                        {"worker_name", worker ? worker->name : std::string()}});
  }
  return success_response({{"repo_connection_uuid", connection->uuid.str()},
                           {"connection_deleted", done->connection_deleted},
                           {"triggers", std::move(triggers)},
                           {"hook_left", hook_left(*connection, *done)},
                           {"notes", json::value_from(done->notes)}});
}

}  // namespace

void add_connections(Adder& routes, const Deps& deps) {
  const std::string path = "/repos/connections";
  routes.add("PUT", path, Needs::ci_write, [deps](const Call& call) { return upsert(*deps, call); },
             {.work = http::Work::git});
  routes.add("GET", path, Needs::ci_read, [deps](const Call& call) { return list(*deps, call); });
  routes.add("DELETE", path + "/{repo_connection_uuid}", Needs::ci_write,
             [deps](const Call& call) { return remove(*deps, call); });
  routes.add("POST", path + "/{repo_connection_uuid}/disconnect", Needs::ci_write,
             [deps](const Call& call) { return disconnect(*deps, call); }, {.work = http::Work::git});
}

}  // namespace kiln::api::builds
