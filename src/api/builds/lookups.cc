// Reading builds: by version, by Worker, one by one; and stopping one.
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/builds/id_lists.h"
#include "api/error_table.h"
#include "base/time_format.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

json::value json_of(const BuildsDeps& deps, const store::BuildView& view) {
  return wire::build_json(view.build, view.trigger, deps.form);
}

// {"builds": {key: Build}} with the page info that the batch look-ups carry.
http::Response batch_response(json::object builds) {
  const std::size_t count = builds.size();
  return success_response({{"builds", std::move(builds)}},
                          page_info(1, static_cast<int>(kMostIds), count, count));
}

// Every value of a parameter that may be repeated, as one list.
std::string joined_query(const http::Request& request, std::string_view name) {
  std::string joined;
  for (const auto& [key, value] : request.query) {
    if (key == name) joined += (joined.empty() ? "" : ",") + value;
  }
  return joined;
}

Result<http::Reply> by_versions(const BuildsDeps& deps, const Call& call) {
  const Result<std::vector<Uuid>> ids = parse_version_ids(joined_query(call.request, "version_ids"));
  if (!ids) return tl::unexpected<Error>(ids.error());
  const auto found = deps.builds.builds_by_versions(call.account_id, *ids);
  if (!found) return tl::unexpected<Error>(found.error());
  json::object builds;
  for (const auto& [version, view] : *found) builds[version.str()] = json_of(deps, view);
  return batch_response(std::move(builds));
}

Result<http::Reply> latest(const BuildsDeps& deps, const Call& call) {
  const Result<std::vector<std::string>> tags =
      parse_worker_tags(joined_query(call.request, "external_script_ids"));
  if (!tags) return tl::unexpected<Error>(tags.error());
  const auto found = deps.builds.latest_builds(call.account_id, *tags);
  if (!found) return tl::unexpected<Error>(found.error());
  json::object builds;
  for (const auto& [tag, view] : *found) builds[tag] = json_of(deps, view);
  return batch_response(std::move(builds));
}

Result<http::Reply> by_uuid(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<store::BuildView> view = deps.builds.build(call.account_id, *uuid);
  if (!view) return tl::unexpected<Error>(view.error());
  return success_response(json_of(deps, *view));
}

Result<http::Reply> of_worker(const BuildsDeps& deps, const Call& call) {
  const Result<store::Page> page = page_of(call.request);
  if (!page) return tl::unexpected<Error>(page.error());
  const auto found =
      deps.builds.builds_of_worker(call.account_id, call.request.param("external_script_id"), *page);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array builds;
  for (const store::BuildView& view : found->items) builds.push_back(json_of(deps, view));
  return list_response(std::move(builds), *page, found->total);
}

Result<http::Reply> cancel(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const std::string whom = call.who.is_admin ? "the administrator" : "the API token " + call.who.name;
  const Result<TimeMs> stopped = deps.queue.cancel(call.account_id, *uuid, whom);
  if (!stopped) return tl::unexpected<Error>(stopped.error());
  return success_response({{"build_uuid", uuid->str()},
                           {"build_outcome", to_string(model::BuildOutcome::cancelled)},
                           {"stopped_on", format_rfc3339(*stopped)}});
}

}  // namespace

void add_lookups(Adder& routes, const Deps& deps) {
  routes.add("GET", "/builds", Needs::ci_read, [deps](const Call& call) { return by_versions(*deps, call); });
  routes.add("GET", "/builds/latest", Needs::ci_read,
             [deps](const Call& call) { return latest(*deps, call); });
  routes.add("GET", "/builds/{build_uuid}", Needs::ci_read,
             [deps](const Call& call) { return by_uuid(*deps, call); });
  routes.add("PUT", "/builds/{build_uuid}/cancel", Needs::ci_write,
             [deps](const Call& call) { return cancel(*deps, call); });
  routes.add("GET", "/workers/{external_script_id}/builds", Needs::ci_read,
             [deps](const Call& call) { return of_worker(*deps, call); });
}

}  // namespace kiln::api::builds
