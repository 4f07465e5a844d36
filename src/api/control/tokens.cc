// API tokens: made, listed, revoked. A token's text is shown once, when it is made; only its hash is stored.
#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "api/builds/handlers.h"
#include "api/control/handlers.h"
#include "api/error_table.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/time_format.h"
#include "wire/json.h"
#include "wire/or_null.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

constexpr std::int64_t kLongestKeptSeconds = std::int64_t{30} * 24 * 3600;

// Until when the secret before the last rotation is good; nothing when it is so no more.
std::optional<TimeMs> old_until(const model::ApiToken& token, TimeMs now) {
  if (!token.old_until || *token.old_until <= now || token.revoked_on) return std::nullopt;
  return std::min(*token.old_until, token.expires_on.value_or(*token.old_until));
}

json::value token_json(const model::ApiToken& token, TimeMs now) {
  return {{"id", token.id.str()},
          {"name", token.name},
          {"permissions", token.permissions.str()},
          {"created_on", format_rfc3339(token.created_on)},
          {"expires_on", wire::time_or_null(token.expires_on)},
          {"last_used_on", wire::time_or_null(token.last_used_on)},
          {"revoked_on", wire::time_or_null(token.revoked_on)},
          {"old_secret_until", wire::time_or_null(old_until(token, now))}};
}

std::string fresh_secret(const ControlDeps& deps) {
  return "kiln_" + to_base64url(deps.builds.entropy.bytes(32));
}

Result<http::Reply> create_token(const ControlDeps& deps, const Call& call) {
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  wire::Fields fields(*object);
  model::ApiToken token;
  token.name = fields.required_text("name", {1, 256, false});
  const std::string words = fields.required_text("permissions", {1, 256, false});
  const std::optional<model::Permissions> permissions = model::Permissions::parse(words);
  if (!permissions)
    fields.refuse("permissions", "must be a list of ci:read, ci:write, scripts:read, scripts:write, admin");
  if (const auto expires = fields.optional_text("expires_on", {1, 64, false})) {
    const Result<TimeMs> time = parse_rfc3339(*expires);
    if (time) {
      token.expires_on = *time;
    } else {
      fields.refuse("expires_on", "must be a UTC time such as 2027-01-31T00:00:00Z");
    }
  }
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  token.id = deps.builds.entropy.uuid();
  token.account_id = call.account_id;
  token.permissions = *permissions;
  token.created_on = deps.builds.clock.now();
  const std::string text = fresh_secret(deps);
  const Status stored = deps.accounts.add_token(token, sha256(text));
  if (!stored) return tl::unexpected<Error>(stored.error());
  return success_response({{"id", token.id.str()}, {"token", text}});
}

Result<http::Reply> list_tokens(const ControlDeps& deps, const Call& call) {
  const Result<std::vector<model::ApiToken>> tokens = deps.accounts.list_tokens(call.account_id);
  if (!tokens) return tl::unexpected<Error>(tokens.error());
  json::array out;
  for (const model::ApiToken& token : *tokens) out.push_back(token_json(token, deps.builds.clock.now()));
  return success_response(json::value(std::move(out)));
}

Result<http::Reply> revoke(const ControlDeps& deps, const Call& call) {
  const Result<Uuid> id = builds::path_uuid(call, "token_id");
  if (!id) return tl::unexpected<Error>(id.error());
  const Status done = deps.accounts.revoke_token(call.account_id, *id);
  if (!done) return tl::unexpected<Error>(done.error());
  return success_response(nullptr);
}

Result<http::Reply> rotate_token(const ControlDeps& deps, const Call& call) {
  const Result<Uuid> id = builds::path_uuid(call, "token_id");
  if (!id) return tl::unexpected<Error>(id.error());
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  wire::Fields fields(*object);
  const std::int64_t keep = fields.optional_integer("keep_old_seconds", 0, kLongestKeptSeconds).value_or(0);
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  const std::string text = fresh_secret(deps);
  const Status done = deps.accounts.rotate_token(call.account_id, *id, sha256(text), keep * 1000);
  if (!done) return tl::unexpected<Error>(done.error());
  const json::value until =
      keep > 0 ? json::value(format_rfc3339(deps.builds.clock.now() + keep * 1000)) : json::value(nullptr);
  return success_response({{"id", id->str()}, {"token", text}, {"old_secret_until", until}});
}

}  // namespace

void add_tokens(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("POST", "/kiln/v1/accounts/{account_id}/tokens", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return create_token(*deps, call); }));
  router.add("GET", "/kiln/v1/accounts/{account_id}/tokens", {},
             gate.guard(Needs::admin, [deps, &gate](const Call& call) {
               gate.write_uses();
               return list_tokens(*deps, call);
             }));
  router.add("POST", "/kiln/v1/accounts/{account_id}/tokens/{token_id}/rotate", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return rotate_token(*deps, call); }));
  router.add("DELETE", "/kiln/v1/accounts/{account_id}/tokens/{token_id}", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return revoke(*deps, call); }));
}

}  // namespace kiln::api::control
