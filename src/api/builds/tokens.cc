// Build tokens: the credentials that triggers deploy with. A secret goes in and never comes out.
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

json::value token_json(const model::BuildToken& token) {
  return {{"build_token_uuid", token.uuid.str()},
          {"build_token_name", token.name},
          {"cloudflare_token_id", token.cloudflare_token_id},
          {"owner_type", token.owner_type}};
}

Result<http::Reply> list_build_tokens(const BuildsDeps& deps, const Call& call) {
  const Result<store::Page> page = page_of(call.request);
  if (!page) return tl::unexpected<Error>(page.error());
  const auto found = deps.build_tokens.build_tokens(call.account_id, *page);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array tokens;
  for (const model::BuildToken& token : found->items) tokens.push_back(token_json(token));
  return list_response(std::move(tokens), *page, found->total);
}

Result<http::Reply> create_build_token(const BuildsDeps& deps, const Call& call) {
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  wire::Fields fields(*object);
  model::BuildToken token;
  token.name = fields.required_text("build_token_name", {1, 256, false});
  const std::string secret = fields.required_text("build_token_secret", {1, 4096, false});
  token.cloudflare_token_id = fields.required_text("cloudflare_token_id", {1, 256, false});
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  token.uuid = deps.entropy.uuid();
  token.account_id = call.account_id;
  token.created_on = deps.clock.now();
  const Status stored = deps.build_tokens.add_build_token(token, secret);
  if (!stored) return tl::unexpected<Error>(stored.error());
  return success_with_unknown(token_json(token), fields.unknown());
}

Result<http::Reply> remove_build_token(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_token_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Status done = deps.build_tokens.delete_build_token(call.account_id, *uuid, deps.clock.now());
  if (!done) return tl::unexpected<Error>(done.error());
  return success_response(nullptr);
}

}  // namespace

void add_tokens(Adder& routes, const Deps& deps) {
  routes.add("GET", "/tokens", Needs::ci_read,
             [deps](const Call& call) { return list_build_tokens(*deps, call); });
  routes.add("POST", "/tokens", Needs::ci_write,
             [deps](const Call& call) { return create_build_token(*deps, call); });
  routes.add("DELETE", "/tokens/{build_token_uuid}", Needs::ci_write,
             [deps](const Call& call) { return remove_build_token(*deps, call); });
}

}  // namespace kiln::api::builds
