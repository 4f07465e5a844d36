#include "api/progress/overview.h"

#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/progress/handlers.h"
#include "api/progress/queue_now.h"
#include "api/progress/summary.h"
#include "base/time_format.h"
#include "wire/or_null.h"

namespace kiln::api::progress {
namespace {

namespace json = boost::json;

constexpr int kRecentBuilds = 10;

json::array live_json(const std::vector<store::LiveVersion>& live) {
  json::array shown;
  for (const store::LiveVersion& version : live) {
    const auto known = [&version](const std::string& text) {
      return version.build_uuid ? json::value(text) : json::value(nullptr);
    };
    shown.push_back({{"version_id", version.version_id.str()},
                     {"percentage", version.percentage},
                     {"deployed_on", format_rfc3339(version.deployed_on)},
                     {"build_uuid", known(version.build_uuid ? version.build_uuid->str() : "")},
                     {"branch", known(version.branch)},
                     {"commit_hash", known(version.commit_hash)},
                     {"commit_message", known(version.commit_message)},
                     {"author", known(version.author)}});
  }
  return shown;
}

json::object glance_json(const ProgressDeps& deps, const std::string& account_id,
                         const store::WorkerGlance& glance) {
  json::array recent;
  for (const auto& outcome : glance.recent) recent.push_back(wire::word_or_null(outcome));
  const bool answers = deps.hosts.served() && glance.subdomain_enabled;
  return json::object{
      {"script_tag", glance.tag},
      {"worker_name", glance.name},
      {"url",
       answers ? json::value(deps.hosts.of(account_id).worker_url(glance.name)) : json::value(nullptr)},
      {"connected", glance.connected},
      {"latest_build",
       glance.latest ? json::value(summary_json(*glance.latest, deps.clock.now())) : json::value(nullptr)},
      {"recent", std::move(recent)},
      {"live", live_json(glance.live)}};
}

}  // namespace

Result<std::optional<json::object>> overview_worker_json(const ProgressDeps& deps,
                                                         const std::string& account_id,
                                                         const std::string& worker_tag) {
  const auto glance = deps.glances.glance(account_id, worker_tag, kRecentBuilds);
  if (!glance) return tl::unexpected<Error>(glance.error());
  if (!*glance) return std::nullopt;
  return glance_json(deps, account_id, **glance);
}

namespace {

Result<http::Reply> overview(const ProgressDeps& deps, const Call& call) {
  // Read first: whoever follows from there misses nothing.
  const Result<std::int64_t> event = deps.events.last_event();
  if (!event) return tl::unexpected<Error>(event.error());
  const auto workers = deps.glances.glances(call.account_id, kRecentBuilds);
  if (!workers) return tl::unexpected<Error>(workers.error());
  json::array shown;
  for (const store::WorkerGlance& worker : *workers)
    shown.push_back(glance_json(deps, call.account_id, worker));
  Result<json::object> queue = strip_json(deps, call.account_id);
  if (!queue) return tl::unexpected<Error>(queue.error());
  const Result<model::BuildMinutes> minutes = deps.queue.build_minutes(call.account_id);
  if (!minutes) return tl::unexpected<Error>(minutes.error());
  return success_response({{"workers", std::move(shown)},
                           {"queue", std::move(*queue)},
                           {"limits", limits_json(*minutes)},
                           {"event_id", std::to_string(*event)}});
}

}  // namespace

void add_overview(Adder& routes, const Deps& deps) {
  routes.add(
      "GET", "/overview", Needs::ci_read, [deps](const Call& call) { return overview(*deps, call); },
      kPolled);
}

}  // namespace kiln::api::progress
