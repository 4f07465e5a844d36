#include "api/badges/routes.h"

#include <boost/json.hpp>
#include <memory>

#include "api/badges/picture.h"
#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "base/time_format.h"
#include "connect/connect.h"
#include "model/branch_name.h"
#include "wire/json.h"
#include "wire/or_null.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

using Deps = std::shared_ptr<const BadgeDeps>;

json::value badge_json(const BadgeDeps& deps, const model::Badge& badge) {
  const std::string url = deps.public_url + "/badges/" + badge.uuid.str() + "/badge.svg";
  return {{"external_script_id", badge.worker_tag},
          {"branch", wire::text_or_null(badge.branch)},
          {"url", url},
          {"markdown", "![build](" + url + ")"},
          {"created_on", format_rfc3339(badge.created_on)}};
}

Result<model::Worker> worker_of(const BadgeDeps& deps, const Call& call) {
  return deps.workers.worker(call.account_id, call.request.param("script_name"));
}

Result<http::Reply> show_badge(const BadgeDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_of(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const auto badge = deps.badges.badge(call.account_id, worker->tag);
  if (!badge) return tl::unexpected<Error>(badge.error());
  return success_response(*badge ? badge_json(deps, **badge) : json::value(nullptr));
}

// The branch that is deployed, where one is.
Result<std::string> production_branch(const BadgeDeps& deps, const model::Worker& worker) {
  const auto triggers = deps.triggers.triggers_of_worker(worker.account_id, worker.tag);
  if (!triggers) return tl::unexpected<Error>(triggers.error());
  const std::optional<model::Trigger> production = connect::pair_of(*triggers).production;
  return production ? production->branch_includes.front() : std::string();
}

struct AskedBadge {
  std::optional<std::string> branch;
  bool replace = false;
};

Result<AskedBadge> read_body(const Call& call) {
  const Result<json::object> body = builds::object_body(call);
  if (!body) return tl::unexpected<Error>(body.error());
  wire::Fields fields(*body);
  AskedBadge asked;
  asked.branch = fields.optional_text("branch", {0, model::kLongestBranchName, false});
  asked.replace = fields.optional_bool("replace").value_or(false);
  if (const Status fits = model::check_branch_name(asked.branch.value_or("main"));
      !fits && !asked.branch.value_or("").empty())
    fields.refuse("branch", fits.error().message);
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  return asked;
}

Result<http::Reply> put_badge(const BadgeDeps& deps, const Call& call) {
  const Result<AskedBadge> asked = read_body(call);
  if (!asked) return tl::unexpected<Error>(asked.error());
  const Result<model::Worker> worker = worker_of(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<std::string> production = production_branch(deps, *worker);
  if (!production) return tl::unexpected<Error>(production.error());
  const model::Badge fresh{deps.entropy.uuid(), call.account_id, worker->tag, *production, deps.clock.now()};
  const Result<model::Badge> badge = deps.badges.put_badge({fresh, asked->branch, asked->replace});
  if (!badge) return tl::unexpected<Error>(badge.error());
  return success_response(badge_json(deps, *badge));
}

Result<http::Reply> remove_badge(const BadgeDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_of(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Status gone = deps.badges.delete_badge(call.account_id, worker->tag);
  if (!gone) return tl::unexpected<Error>(gone.error());
  return success_response(nullptr);
}

Result<badges::Words> words_for(const BadgeDeps& deps, const model::Badge& badge, const std::string& of) {
  if (of == "build") {
    const auto outcome = deps.badges.latest_outcome(badge);
    if (!outcome) return tl::unexpected<Error>(outcome.error());
    return badges::words_of(*outcome);
  }
  if (of != "live") return fail(Errc::invalid, "of must be build or live", "of");
  const auto glance = deps.glances.glance(badge.account_id, badge.worker_tag, 1);
  if (!glance) return tl::unexpected<Error>(glance.error());
  return badges::words_of(*glance ? (*glance)->live : std::vector<store::LiveVersion>());
}

// Caches between here and a reader ask anew each time (GitHub's proxy of images too), and get a 304 while it
// says the same. As a document of its own it may do nothing.
Result<http::Reply> draw(const BadgeDeps& deps, const http::Request& request) {
  const std::optional<Uuid> uuid = Uuid::parse(request.param("badge_uuid"));
  if (!uuid) return fail(Errc::not_found, "there is no such badge");
  const Result<model::Badge> badge = deps.badges.badge_at(*uuid);
  if (!badge) return tl::unexpected<Error>(badge.error());
  const Result<badges::Words> words = words_for(deps, *badge, request.query_value("of").value_or("build"));
  if (!words) return tl::unexpected<Error>(words.error());
  return http::Response{200,
                        {{"content-type", "image/svg+xml; charset=utf-8"},
                         {"cache-control", "no-cache"},
                         {"content-security-policy", "default-src 'none'; sandbox"},
                         {"x-content-type-options", "nosniff"},
                         {"cross-origin-resource-policy", "cross-origin"}},
                        badges::picture_of(*words)};
}

}  // namespace

void add_badge_routes(http::Router& router, const Gate& gate, const BadgeDeps& given) {
  const auto deps = std::make_shared<const BadgeDeps>(given);
  const std::string of_worker = "/client/v4/accounts/{account_id}/builds/workers/{script_name}/badge";
  router.add("GET", of_worker, {},
             gate.guard(Needs::ci_read, [deps](const Call& call) { return show_badge(*deps, call); }));
  router.add("PUT", of_worker, {},
             gate.guard(Needs::ci_write, [deps](const Call& call) { return put_badge(*deps, call); }));
  router.add("DELETE", of_worker, {},
             gate.guard(Needs::ci_write, [deps](const Call& call) { return remove_badge(*deps, call); }));
  router.add("GET", "/badges/{badge_uuid}/badge.svg", {.max_body = 0, .conditional = true},
             Gate::open([deps](const http::Request& request) { return draw(*deps, request); }));
}

}  // namespace kiln::api
