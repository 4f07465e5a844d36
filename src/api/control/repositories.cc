// Connected repositories: their list, and their credentials replaced without connecting anew.
#include <boost/json.hpp>
#include <set>

#include "api/builds/at_host.h"
#include "api/builds/handlers.h"
#include "api/control/handlers.h"
#include "api/error_table.h"
#include "connect/credentials.h"
#include "scm/forge/forge.h"
#include "scm/forge/provider.h"
#include "wire/build_json.h"
#include "wire/or_null.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

Result<json::object> repository_json(const ControlDeps& deps, const model::RepoConnection& connection) {
  const Result<store::Watched> watched = deps.watches.watch(connection.uuid);
  if (!watched) return tl::unexpected<Error>(watched.error());
  const Result<std::string> token = deps.builds.connections.token(connection.uuid);
  if (!token) return tl::unexpected<Error>(token.error());
  const Result<std::string> key = deps.builds.connections.deploy_key(connection.uuid);
  if (!key) return tl::unexpected<Error>(key.error());
  const auto triggers = deps.builds.triggers.triggers_of_connection(connection.uuid);
  if (!triggers) return tl::unexpected<Error>(triggers.error());
  std::set<std::string> names;
  for (const model::Trigger& trigger : *triggers) {
    if (const auto worker = deps.builds.workers.worker_by_tag(connection.account_id, trigger.worker_tag))
      names.insert(worker->name);
  }
  json::object out = wire::connection_json(connection).as_object();
  out["clone_url"] = connection.clone_url;
  out["workers"] = json::value_from(names);
  out["has_token"] = !token->empty();
  out["deploy_key"] = wire::text_or_null(*key);
  out["watch"] = watch_json(deps, *watched);
  return out;
}

Result<http::Reply> list_repositories(const ControlDeps& deps, const Call& call) {
  const auto all = deps.builds.connections.connections(call.account_id);
  if (!all) return tl::unexpected<Error>(all.error());
  json::array out;
  for (const model::RepoConnection& connection : *all) {
    if (connection.deleted_on) continue;
    Result<json::object> one = repository_json(deps, connection);
    if (!one) return tl::unexpected<Error>(one.error());
    out.push_back(std::move(*one));
  }
  return success_response(json::value(std::move(out)));
}

// Errors: Errc::invalid, field "signing_token", where the connection's host makes none.
Status check_signing_token(const model::RepoConnection& connection, const std::string& token) {
  const scm::Forge* kind = scm::forge_of(connection.provider_type);
  if (kind != nullptr && kind->hooks != nullptr) return kind->hooks->check_signing_token(token);
  return fail(Errc::invalid, "the repository's host makes no signing tokens", "signing_token");
}

Result<connect::CredentialWish> read_rotation(const model::RepoConnection& connection,
                                              const json::object& body) {
  wire::Fields fields(body);
  connect::CredentialWish wish;
  read_credentials(fields, wish);
  wish.new_deploy_key = fields.optional_bool("deploy_key").value_or(false);
  wish.new_hook_secret = fields.optional_bool("hook_secret").value_or(false);
  wish.signing_token = fields.optional_text("signing_token", {1, 512, false}).value_or("");
  if (!wish.token && !wish.host_key && !wish.new_deploy_key && !wish.new_hook_secret &&
      wish.signing_token.empty())
    fields.refuse("hook_secret",
                  "or signing_token, deploy_key, token or known_host says what is to be replaced");
  if (wish.new_hook_secret && !wish.signing_token.empty())
    fields.refuse("hook_secret", "or signing_token: it is the one or the other");
  if (!wish.signing_token.empty()) {
    if (const Status fits = check_signing_token(connection, wish.signing_token); !fits)
      fields.refuse("signing_token", fits.error().message);
  }
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  return wish;
}

Result<model::RepoConnection> connection_asked(const ControlDeps& deps, const Call& call) {
  const auto uuid = Uuid::parse(call.request.param("connection_uuid"));
  if (!uuid) return fail(Errc::not_found, "there is no such repository connection");
  return deps.builds.connections.connection(call.account_id, *uuid);
}

Result<http::Reply> rotate(const ControlDeps& deps, const Call& call) {
  const Result<model::RepoConnection> connection = connection_asked(deps, call);
  if (!connection) return tl::unexpected<Error>(connection.error());
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  const Result<connect::CredentialWish> wish = read_rotation(*connection, *object);
  if (!wish) return tl::unexpected<Error>(wish.error());
  return at_host(deps.builds.hosts, call.request, connection->clone_url, [&]() -> Result<http::Reply> {
    const connect::Ports ports = connect_ports(deps);
    const std::string token = wish->token.value_or("");
    const Result<std::string> tried = connect::try_authorization(
        ports, call.account_id, connection->clone_url,
        token.empty() ? token : ports.authorization_of(connection->provider_type, token));
    if (!tried) return tl::unexpected<Error>(tried.error());
    const auto kept = connect::keep_credentials(ports, *connection, *wish);
    if (!kept) return tl::unexpected<Error>(kept.error());
    const auto hook = deps.builds.connections.hook(connection->uuid);
    if (!hook) return tl::unexpected<Error>(hook.error());
    if (deps.look_now) deps.look_now(connection->uuid);
    json::object out = {{"connection", wire::connection_json(*connection)},
                        {"clone_url", connection->clone_url},
                        {"credentials", credentials_json(*kept)},
                        {"deploy_key_place", scm::deploy_key_place(connection->provider_type)},
                        {"notes", json::array()},
                        {"hook", nullptr}};
    for (const std::string& note : {*tried, kept->note}) {
      if (!note.empty()) out["notes"].as_array().emplace_back(note);
    }
    if (*hook) {
      out["hook"] = hook_json(deps, *connection, **hook);
      const Status set_up = set_up_hook(deps, *connection, **hook, out);
      if (!set_up) return tl::unexpected<Error>(set_up.error());
    }
    return success_response(json::value(std::move(out)));
  });
}

// The secret of a hook is for whoever installs it.
Result<http::Reply> show_hook(const ControlDeps& deps, const Call& call) {
  const Result<model::RepoConnection> connection = connection_asked(deps, call);
  if (!connection) return tl::unexpected<Error>(connection.error());
  const auto hook = deps.builds.connections.hook(connection->uuid);
  if (!hook) return tl::unexpected<Error>(hook.error());
  if (!*hook) {
    return fail(
        Errc::not_found,
        "the repository has no hook, since it was not connected by kiln connect; do that to make one");
  }
  return success_response(json::value(hook_json(deps, *connection, **hook)));
}

}  // namespace

void add_repositories(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("GET", "/kiln/v1/accounts/{account_id}/repositories", {},
             gate.guard(Needs::ci_read, [deps](const Call& call) { return list_repositories(*deps, call); }));
  router.add("GET", "/kiln/v1/accounts/{account_id}/repositories/{connection_uuid}/hook", {},
             gate.guard(Needs::ci_write, [deps](const Call& call) { return show_hook(*deps, call); }));
  router.add("POST", "/kiln/v1/accounts/{account_id}/repositories/{connection_uuid}/rotate",
             {.work = http::Work::git},
             gate.guard(Needs::ci_write, [deps](const Call& call) { return rotate(*deps, call); }));
}

}  // namespace kiln::api::control
