// Why something was or was not built: the deliveries that came, one of them, and what the triggers would make
// of a push now. Kiln's own.
#include <boost/json.hpp>
#include <utility>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "base/strings.h"
#include "model/branch_name.h"
#include "wire/delivery_json.h"
#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestAskedPath = 4'096;
constexpr std::size_t kLongestAskedMessage = 64U << 10U;
// 3,000 paths, and a message.
constexpr std::size_t kMatchBody = 16U << 20U;

Result<http::Reply> list_deliveries(const BuildsDeps& deps, const Call& call) {
  const Result<store::Page> page = page_of(call.request);
  if (!page) return tl::unexpected<Error>(page.error());
  store::DeliveryFilter filter;
  filter.worker_tag = to_lower(call.request.query_value("script_tag").value_or(""));
  filter.branch = call.request.query_value("branch").value_or("");
  filter.commit = to_lower(call.request.query_value("commit").value_or(""));
  filter.provider_id = call.request.query_value("provider_delivery_id").value_or("");
  if (filter.commit.find_first_not_of("0123456789abcdef") != std::string::npos)
    return fail(Errc::invalid, "Invalid request: commit must be the beginning of a commit's hash", "commit");
  const auto found = deps.deliveries.deliveries(call.account_id, filter, *page);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array deliveries;
  for (const model::Delivery& delivery : found->items) deliveries.push_back(wire::delivery_json(delivery));
  return list_response(std::move(deliveries), *page, found->total);
}

Result<http::Reply> one_delivery(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "delivery_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<model::Delivery> delivery = deps.deliveries.delivery(call.account_id, *uuid);
  if (!delivery) return tl::unexpected<Error>(delivery.error());
  return success_response(wire::delivery_json(*delivery));
}

struct AskedMatch {
  std::string tag;
  std::optional<Uuid> connection;
  model::PushEvent push;
  std::vector<std::string> unknown;
};

Result<AskedMatch> read_match(const json::object& body) {
  wire::Fields fields(body);
  AskedMatch asked;
  asked.tag = to_lower(fields.optional_text("script_tag", {1, 64, false}).value_or(""));
  if (const auto text = fields.optional_text("repo_connection_uuid", {1, 64, false})) {
    asked.connection = Uuid::parse(*text);
    if (!asked.connection) fields.refuse("repo_connection_uuid", "must be a UUID");
  }
  const std::string branch = fields.required_text("branch", {1, model::kLongestBranchName, false});
  if (const Status fits = model::check_branch_name(branch); !branch.empty() && !fits)
    fields.refuse("branch", fits.error().message);
  auto paths = fields.optional_list("paths", model::kMaxFilesLookedAt, {1, kLongestAskedPath, false});
  asked.push.head_message = fields.optional_text("message", {0, kLongestAskedMessage, true}).value_or("");
  if (asked.tag.empty() && !asked.connection && fields.status())
    fields.refuse("script_tag", "or repo_connection_uuid is required");
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  asked.push.ref = "refs/heads/" + branch;
  // Some commit: a push without one deletes the branch.
  asked.push.after = "0123456789abcdef0123456789abcdef01234567";
  if (paths) asked.push.changed = {true, std::move(*paths), 1};
  asked.unknown = fields.unknown();
  return asked;
}

// The triggers that the body means. Errors: Errc::invalid for what the account does not have.
Result<std::vector<model::Trigger>> triggers_for(const BuildsDeps& deps, const Call& call,
                                                 const AskedMatch& asked) {
  if (asked.connection) {
    const auto connection = deps.connections.connection(call.account_id, *asked.connection);
    if (!connection && connection.error().code != Errc::not_found)
      return tl::unexpected<Error>(connection.error());
    if (!connection)
      return tl::unexpected<Error>(as_body_error({Errc::not_found, "Not found", "repo_connection_uuid"}));
  }
  if (asked.tag.empty()) return deps.triggers.triggers_of_connection(*asked.connection);
  const Result<model::Worker> worker = deps.workers.worker_by_tag(call.account_id, asked.tag);
  if (!worker && worker.error().code != Errc::worker_not_found) return tl::unexpected<Error>(worker.error());
  if (!worker) return tl::unexpected<Error>(as_body_error({Errc::not_found, "Not found", "script_tag"}));
  auto triggers = deps.triggers.triggers_of_worker(call.account_id, asked.tag);
  if (triggers && asked.connection) {
    std::erase_if(*triggers, [&](const model::Trigger& t) { return t.connection.uuid != *asked.connection; });
  }
  return triggers;
}

Result<http::Reply> match(const BuildsDeps& deps, const Call& call) {
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  const Result<AskedMatch> asked = read_match(*object);
  if (!asked) return tl::unexpected<Error>(asked.error());
  const Result<std::vector<model::Trigger>> triggers = triggers_for(deps, call, *asked);
  if (!triggers) return tl::unexpected<Error>(triggers.error());
  Result<std::vector<model::Verdict>> verdicts = deps.queue.judge(call.account_id, *triggers, asked->push);
  if (!verdicts) return tl::unexpected<Error>(verdicts.error());
  for (model::Verdict& verdict : *verdicts) verdict.commit.clear();
  return success_with_unknown({{"verdicts", wire::verdicts_json(*verdicts)}}, asked->unknown);
}

}  // namespace

void add_deliveries(Adder& routes, const Deps& deps) {
  routes.add("GET", "/deliveries", Needs::ci_read,
             [deps](const Call& call) { return list_deliveries(*deps, call); });
  routes.add("GET", "/deliveries/{delivery_uuid}", Needs::ci_read,
             [deps](const Call& call) { return one_delivery(*deps, call); });
  routes.add("POST", "/deliveries/match", Needs::ci_read,
             [deps](const Call& call) { return match(*deps, call); },
             {.max_body = kMatchBody, .work = http::Work::read});
}

}  // namespace kiln::api::builds
