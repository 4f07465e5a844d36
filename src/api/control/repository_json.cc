// What the answers about connected repositories are made of.
#include <boost/json.hpp>

#include "api/control/handlers.h"
#include "base/ssh_key.h"
#include "base/time_format.h"
#include "scm/forge/provider.h"
#include "wire/or_null.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestToken = 8'192;
constexpr std::size_t kLongestHostKeys = 65'536;

json::value time_unless_zero(TimeMs time) {
  return time == 0 ? json::value(nullptr) : json::value(format_rfc3339(time));
}

}  // namespace

connect::Ports connect_ports(const ControlDeps& deps) {
  const BuildsDeps& builds = deps.builds;
  return {builds.connections,
          builds.triggers,
          builds.build_tokens,
          builds.workers,
          deps.watches,
          builds.entropy,
          builds.clock,
          deps.default_branch,
          deps.host_key,
          deps.can_open,
          deps.provider_of,
          [](const std::string& provider, const std::string& token) {
            return scm::clone_authorization(provider, token);
          },
          [&builds](const model::RepoConnection& connection, const std::string& branch,
                    const std::string& root) { return name_of_worker(builds, connection, branch, root); }};
}

void read_credentials(wire::Fields& fields, connect::CredentialWish& wish) {
  wish.token = fields.optional_text("token", {0, kLongestToken, false});
  const auto text = fields.optional_text("known_host", {1, kLongestHostKeys, true});
  if (!text) return;
  Result<connect::HostKeyWish> parsed = connect::parse_host_key_wish(*text);
  if (parsed) {
    wish.host_key = std::move(*parsed);
  } else {
    fields.refuse("known_host", parsed.error().message);
  }
}

json::object credentials_json(const connect::Credentials& credentials) {
  json::object out = {{"deploy_key", nullptr},
                      {"host_key_fingerprints", credentials.host_key_fingerprints},
                      {"host_key_pinned_now", credentials.pinned_now}};
  if (!credentials.deploy_key.empty()) {
    const Result<std::string> key = parse_ssh_key(credentials.deploy_key);
    out["deploy_key"] = {{"public_key", credentials.deploy_key},
                         {"fingerprint", key ? ssh_fingerprint(*key) : std::string()}};
  }
  return out;
}

json::object watch_json(const ControlDeps& deps, const store::Watched& watched) {
  const bool is_asked = watched.poll_seconds > 0 || deps.catch_up_seconds > 0;
  return {{"poll_seconds", watched.poll_seconds},
          {"looked_on", time_unless_zero(watched.looked_on)},
          {"next_on", is_asked ? time_unless_zero(watched.next_on) : json::value(nullptr)},
          {"failures", watched.failures},
          {"error", wire::text_or_null(watched.problem)}};
}

json::object hook_json(const ControlDeps& deps, const model::RepoConnection& connection,
                       const store::ConnectionStore::Hook& hook) {
  const bool is_plain = connection.provider_type == "git";
  const std::string path = is_plain ? "/hooks/git/" + hook.hook_id : "/webhooks/" + connection.provider_type;
  return {{"kind", connection.provider_type}, {"url", deps.public_url + path}, {"secret", hook.secret}};
}

Status set_up_hook(const ControlDeps& deps, const model::RepoConnection& connection,
                   const store::ConnectionStore::Hook& hook, json::object& answer) {
  json::object& shown = answer["hook"].as_object();
  shown["made_at_host"] = false;
  if (!deps.set_up_at_host) return {};
  // A hook for each connection: another account's of the same repository stays as it is.
  const scm::HookWish wish{std::string(shown.at("url").as_string()) + "?of=" + hook.hook_id, hook.secret};
  const Result<forges::AtHost> done = deps.set_up_at_host(connection, wish);
  if (!done && done.error().code == Errc::not_found)
    return fail(Errc::conflict, done.error().message, "repo_url");
  if (!done) return tl::unexpected<Error>(done.error());
  shown["made_at_host"] = done->hook_made;
  for (const std::string& note : done->notes) answer["notes"].as_array().emplace_back(note);
  return {};
}

}  // namespace kiln::api::control
