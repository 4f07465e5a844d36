// Whom a token stands for, as `kiln login` and `kiln whoami` ask.
#include <boost/json.hpp>

#include "api/control/handlers.h"
#include "api/error_table.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "base/version.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

json::object identity_of(const model::Principal& who) {
  if (who.build) return {{"kind", "build"}, {"id", who.build->build_uuid.str()}, {"name", who.name}};
  if (who.session) return {{"kind", "session"}, {"id", who.session->str()}, {"name", who.name}};
  if (!who.token_id.empty()) return {{"kind", "token"}, {"id", who.token_id}, {"name", who.name}};
  return {{"kind", "administrator"}, {"id", ""}, {"name", who.name}};
}

Result<http::Reply> whoami(const ControlDeps& deps, const Call& call) {
  json::object shown = identity_of(call.who);
  shown["is_admin"] = call.who.is_admin;
  json::array& permissions = shown["permissions"].emplace_array();
  if (const std::string words = call.who.permissions.str(); !words.empty()) {
    for (const std::string& word : split(words, ',')) permissions.emplace_back(word);
  }
  shown["expires_on"] =
      call.who.expires_on ? json::value(format_rfc3339(*call.who.expires_on)) : json::value(nullptr);
  shown["account"] = nullptr;
  if (!call.who.account_id.empty()) {
    const Result<model::Account> account = deps.accounts.account(call.who.account_id);
    if (!account) return tl::unexpected<Error>(account.error());
    shown["account"] = {{"id", account->id}, {"name", account->name}};
  }
  shown["version"] = kVersion;
  return success_response(json::value(std::move(shown)));
}

}  // namespace

void add_whoami(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("GET", "/kiln/v1/whoami", {},
             gate.guard(Needs::any, [deps](const Call& call) { return whoami(*deps, call); }));
}

}  // namespace kiln::api::control
