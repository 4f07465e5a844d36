// What the server says of itself: everything to an administrator; to others what they need to use it.
#include <array>
#include <boost/json.hpp>

#include "api/control/handlers.h"
#include "api/error_table.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

constexpr std::array<const char*, 6> kForEverybody = {
    "version", "public_url", "workers_url", "workers_public_url", "workers_domain", "no_builds"};

Result<http::Reply> status(const ControlDeps& deps, const Call& call) {
  json::object all = deps.status();
  if (call.who.is_admin) return success_response(json::value(std::move(all)));
  json::object shown;
  for (const char* key : kForEverybody) {
    if (const json::value* value = all.if_contains(key)) shown[key] = *value;
  }
  const Result<model::Account> account = deps.accounts.account(call.account_id);
  if (!account) return tl::unexpected<Error>(account.error());
  shown["account_id"] = account->id;
  shown["subdomain"] = account->subdomain;
  shown["api_base_url"] = deps.public_url + "/client/v4";
  return success_response(json::value(std::move(shown)));
}

}  // namespace

void add_status(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("GET", "/kiln/v1/status", {},
             gate.guard(Needs::any, [deps](const Call& call) { return status(*deps, call); }));
}

}  // namespace kiln::api::control
