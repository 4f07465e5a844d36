// Who am I: what `wrangler whoami` and the SDK ask. Tokens stand for users, so the answers speak of the
// token.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "base/hash.h"
#include "base/time_format.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

std::string user_id(const model::Principal& who) {
  return sha256_hex("user " + who.token_id).substr(0, 32);
}

Result<http::Reply> verify(const Call& call) {
  std::string id = call.who.token_id;
  std::erase(id, '-');
  return success_response(json::object{{"id", id}, {"status", "active"}});
}

Result<http::Reply> user(const Call& call) {
  return success_response(json::object{{"id", user_id(call.who)},
                                       {"email", email_of(call.who)},
                                       {"first_name", nullptr},
                                       {"last_name", nullptr},
                                       {"username", call.who.name},
                                       {"two_factor_authentication_enabled", false},
                                       {"suspended", false},
                                       {"organizations", json::array()}});
}

// The accounts that the caller may act in.
Result<std::vector<model::Account>> accounts_of(const WorkersDeps& deps, const Call& call) {
  Result<std::vector<model::Account>> accounts = deps.accounts.accounts();
  if (accounts && !call.who.is_admin) {
    std::erase_if(*accounts,
                  [&](const model::Account& account) { return account.id != call.who.account_id; });
  }
  return accounts;
}

json::object account_record(const model::Account& account) {
  return {{"id", account.id},
          {"name", account.name},
          {"type", "standard"},
          {"created_on", format_rfc3339(account.created_on)},
          {"settings", {{"enforce_twofactor", false}}}};
}

json::object membership_record(const model::Account& account, const Call& call) {
  return {{"id", sha256_hex("membership " + account.id + call.who.token_id).substr(0, 32)},
          {"status", "accepted"},
          {"account", {{"id", account.id}, {"name", account.name}}},
          {"roles", json::array{"Administrator"}},
          {"permissions", json::object()}};
}

template <typename Write>
Result<http::Reply> list_accounts(const WorkersDeps& deps, const Call& call, Write write) {
  const Result<std::vector<model::Account>> accounts = accounts_of(deps, call);
  if (!accounts) return tl::unexpected<Error>(accounts.error());
  const store::Page page = page_of(call.request, 20, 50);
  const std::size_t first = static_cast<std::size_t>(page.page - 1) * static_cast<std::size_t>(page.per_page);
  json::array list;
  for (std::size_t i = first; i < accounts->size() && list.size() < static_cast<std::size_t>(page.per_page);
       ++i) {
    list.push_back(write((*accounts)[i]));
  }
  const std::size_t count = list.size();
  return success_response(std::move(list), page_info(page.page, page.per_page, count, accounts->size()));
}

Result<http::Reply> one_account(const WorkersDeps& deps, const Call& call) {
  const Result<std::vector<model::Account>> accounts = accounts_of(deps, call);
  if (!accounts) return tl::unexpected<Error>(accounts.error());
  for (const model::Account& account : *accounts) {
    if (account.id == call.account_id) return success_response(account_record(account));
  }
  return fail(Errc::not_found, "There is no such account.");
}

}  // namespace

void add_user_routes(const AddRoute& add, const WorkersDeps& deps) {
  add("GET", "/user/tokens/verify", Needs::any, {}, verify);
  add("GET", "/accounts/{account_id}/tokens/verify", Needs::any, {}, verify);
  add("GET", "/user", Needs::any, {}, user);
  add("GET", "/accounts", Needs::any, {},
      [deps](const Call& call) { return list_accounts(deps, call, account_record); });
  add("GET", "/accounts/{account_id}", Needs::any, {},
      [deps](const Call& call) { return one_account(deps, call); });
  add("GET", "/memberships", Needs::any, {}, [deps](const Call& call) {
    return list_accounts(deps, call,
                         [&](const model::Account& account) { return membership_record(account, call); });
  });
}

}  // namespace kiln::api
