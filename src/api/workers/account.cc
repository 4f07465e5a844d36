// What the Workers of an account have in common: the subdomain of their hosts, and settings.
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "base/strings.h"
#include "wire/json.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsageModel = "standard";

Result<http::Reply> get_subdomain(const WorkersDeps& deps, const Call& call) {
  return success_response(json::object{{"subdomain", deps.ports.hosts.of(call.account_id).subdomain}});
}

// Whoever asks for the one that is there gets it; another one would move every address of the account.
Result<http::Reply> put_subdomain(const WorkersDeps& deps, const Call& call) {
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  wire::Fields fields(*body);
  const std::string wanted = fields.required_text("subdomain", {1, 63, false});
  if (const Status read = fields.status(); !read) return tl::unexpected<Error>(read.error());
  const std::string is = deps.ports.hosts.of(call.account_id).subdomain;
  if (to_lower(wanted) == is) return get_subdomain(deps, call);
  return fail(Errc::conflict,
              "This account has the subdomain '" + is +
                  "', and its Workers' addresses name it. The server's operator chooses it: the setting "
                  "workers.subdomain, or `kiln account create --subdomain`.",
              "subdomain");
}

json::object account_settings() {
  return {{"default_usage_model", kUsageModel}, {"green_compute", false}};
}

Result<http::Reply> put_account_settings(const Call& call) {
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  wire::Fields fields(*body);
  const auto model = fields.optional_text("default_usage_model", {0, 64, false});
  if (model && *model != kUsageModel)
    fields.refuse("default_usage_model", "must be \"standard\": Kiln has no other usage model");
  if (fields.optional_bool("green_compute").value_or(false))
    fields.refuse("green_compute", "must be false: Kiln runs Workers where it runs itself");
  if (const Status read = fields.status(); !read) return tl::unexpected<Error>(read.error());
  return success_response(account_settings());
}

}  // namespace

void add_account_routes(const AddRoute& add, const WorkersDeps& deps) {
  const std::string workers = "/accounts/{account_id}/workers";
  add("GET", workers + "/subdomain", Needs::scripts_read, {},
      [deps](const Call& call) { return get_subdomain(deps, call); });
  add("PUT", workers + "/subdomain", Needs::scripts_write, {},
      [deps](const Call& call) { return put_subdomain(deps, call); });
  add("GET", workers + "/account-settings", Needs::scripts_read, {},
      [](const Call&) -> Result<http::Reply> { return success_response(account_settings()); });
  add("PUT", workers + "/account-settings", Needs::scripts_write, {}, put_account_settings);
}

}  // namespace kiln::api
