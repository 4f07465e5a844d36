// Accounts: made, listed and limited. What one account has, no token of another can see.
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

constexpr int kTries = 1000;
constexpr wire::Fields::Text kAccountName{1, 100, false};
constexpr std::size_t kLongestSubdomain = 63;  // a DNS label, RFC 1035 2.3.4

json::object account_json(const model::Account& account) {
  return {{"id", account.id},
          {"name", account.name},
          {"subdomain", account.subdomain},
          {"created_on", format_rfc3339(account.created_on)},
          {"build_minutes_limit", json::value_from(account.build_minutes)}};
}

// Null or left out: no limit.
std::optional<std::int64_t> read_limit(wire::Fields& fields) {
  return fields.optional_integer("build_minutes_limit", 0, model::kMostBuildMinutes);
}

// "Acme & Söhne" → "acme-s-hne": letters and digits, everything between as one hyphen; the nth of the same
// name is "acme-s-hne-n".
std::string subdomain_of(const std::string& name, int n) {
  std::string out;
  for (const char c : to_lower(name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) out.push_back(c);
    if (!plain && !out.empty() && out.back() != '-') out.push_back('-');
  }
  const std::string tail = n == 1 ? "" : "-" + std::to_string(n);
  out.resize(std::min(out.size(), kLongestSubdomain - tail.size()));
  while (!out.empty() && out.back() == '-') out.pop_back();
  return (out.empty() ? "account" : out) + tail;
}

Result<http::Reply> create_account(const ControlDeps& deps, const Call& call) {
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  wire::Fields fields(*object);
  model::Account account;
  account.name = fields.required_text("name", kAccountName);
  const std::optional<std::string> subdomain =
      fields.optional_text("subdomain", {1, kLongestSubdomain, false});
  if (subdomain && !is_dns_label(*subdomain))
    fields.refuse("subdomain", "must be a DNS label of a-z, 0-9 and -");
  account.build_minutes = read_limit(fields);
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  account.id = deps.builds.entropy.hex32();
  account.created_on = deps.builds.clock.now();
  account.subdomain = subdomain.value_or(subdomain_of(account.name, 1));
  Status stored = deps.accounts.add_account(account);
  // A derived one gives way to those that are there; a chosen one does not.
  for (int n = 2; !stored && stored.error().code == Errc::conflict && !subdomain && n < kTries; ++n) {
    account.subdomain = subdomain_of(account.name, n);
    stored = deps.accounts.add_account(account);
  }
  if (!stored) return tl::unexpected<Error>(stored.error());
  return success_response(json::value(account_json(account)));
}

Result<http::Reply> list_accounts(const ControlDeps& deps) {
  const Result<std::vector<model::Account>> accounts = deps.accounts.accounts();
  if (!accounts) return tl::unexpected<Error>(accounts.error());
  json::array out;
  for (const model::Account& account : *accounts) {
    const Result<model::BuildMinutes> minutes = deps.builds.queue.build_minutes(account.id);
    if (!minutes) return tl::unexpected<Error>(minutes.error());
    json::object shown = account_json(account);
    shown["build_minutes_used"] = minutes->used();
    out.push_back(std::move(shown));
  }
  return success_response(json::value(std::move(out)));
}

Result<http::Reply> set_limit(const ControlDeps& deps, const Call& call) {
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  wire::Fields fields(*object);
  const std::optional<std::int64_t> limit = read_limit(fields);
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  if (Status set = deps.accounts.set_build_minutes(call.account_id, limit); !set)
    return tl::unexpected<Error>(set.error());
  const Result<model::Account> account = deps.accounts.account(call.account_id);
  if (!account) return tl::unexpected<Error>(account.error());
  return success_response(json::value(account_json(*account)));
}

Result<http::Reply> rename_account(const ControlDeps& deps, const Call& call) {
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  wire::Fields fields(*object);
  const std::string name = fields.required_text("name", kAccountName);
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  if (Status set = deps.accounts.set_name(call.account_id, name); !set)
    return tl::unexpected<Error>(set.error());
  const Result<model::Account> account = deps.accounts.account(call.account_id);
  if (!account) return tl::unexpected<Error>(account.error());
  return success_response(json::value(account_json(*account)));
}

Result<http::Reply> delete_account(const ControlDeps& deps, const Call& call) {
  const bool with_everything = call.request.query_value("with_everything").value_or("") == "true";
  if (Status gone = deps.accounts.delete_account(call.account_id, with_everything); !gone)
    return tl::unexpected<Error>(gone.error());
  return success_response(nullptr);
}

}  // namespace

void add_accounts(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("POST", "/kiln/v1/accounts", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return create_account(*deps, call); }));
  router.add("GET", "/kiln/v1/accounts", {},
             gate.guard(Needs::admin, [deps](const Call&) { return list_accounts(*deps); }));
  router.add("PATCH", "/kiln/v1/accounts/{account_id}", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return rename_account(*deps, call); }));
  router.add("DELETE", "/kiln/v1/accounts/{account_id}", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return delete_account(*deps, call); }));
  router.add("PUT", "/kiln/v1/accounts/{account_id}/limits", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return set_limit(*deps, call); }));
}

}  // namespace kiln::api::control
