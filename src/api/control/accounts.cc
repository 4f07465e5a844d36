// Accounts: made and listed. What one account has, no token of another can see.
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/control/handlers.h"
#include "api/error_table.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "wire/json.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestSubdomain = 63;  // a DNS label, RFC 1035 2.3.4

json::value account_json(const model::Account& account) {
  return {{"id", account.id},
          {"name", account.name},
          {"subdomain", account.subdomain},
          {"created_on", format_rfc3339(account.created_on)}};
}

// "Acme & Söhne" → "acme-s-hne": letters and digits, everything between as one hyphen.
std::string subdomain_of(const std::string& name) {
  std::string out;
  for (const char c : to_lower(name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) out.push_back(c);
    if (!plain && !out.empty() && out.back() != '-') out.push_back('-');
  }
  out.resize(std::min(out.size(), kLongestSubdomain));
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "account" : out;
}

Result<http::Reply> create(const ControlDeps& deps, const Call& call) {
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  wire::Fields fields(*object);
  model::Account account;
  account.name = fields.required_text("name", {1, 100, false});
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  account.id = deps.builds.entropy.hex32();
  account.subdomain = subdomain_of(account.name);
  account.created_on = deps.builds.clock.now();
  const Status stored = deps.accounts.add_account(account);
  if (!stored) return tl::unexpected<Error>(stored.error());
  return success_response(account_json(account));
}

Result<http::Reply> list(const ControlDeps& deps) {
  const Result<std::vector<model::Account>> accounts = deps.accounts.accounts();
  if (!accounts) return tl::unexpected<Error>(accounts.error());
  json::array out;
  for (const model::Account& account : *accounts) out.push_back(account_json(account));
  return success_response(json::value(std::move(out)));
}

}  // namespace

void add_accounts(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("POST", "/kiln/v1/accounts", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return create(*deps, call); }));
  router.add("GET", "/kiln/v1/accounts", {},
             gate.guard(Needs::admin, [deps](const Call&) { return list(*deps); }));
}

}  // namespace kiln::api::control
