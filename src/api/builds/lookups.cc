// Reading builds: by version, by Worker, one by one; and stopping one.
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/builds/id_lists.h"
#include "api/error_table.h"
#include "base/time_format.h"

namespace kiln::api::builds {
namespace {

// {"builds": {key: Build}} with the page info that the batch look-ups carry. Keys are ids and need no
// escapes.
http::Response batch_response(const std::vector<std::pair<std::string, Text>>& builds) {
  std::size_t size = 16;
  for (const auto& [key, text] : builds) size += key.size() + text->size() + 4;
  std::string result;
  result.reserve(size);
  result.append("{\"builds\":{");
  for (const auto& [key, text] : builds) {
    result.append(&key == &builds.front().first ? "\"" : ",\"").append(key).append("\":").append(*text);
  }
  result.append("}}");
  return success_text(result, page_info(1, static_cast<int>(kMostIds), builds.size(), builds.size()));
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
  const auto found = deps.texts.by_versions(call.account_id, *ids);
  if (!found) return tl::unexpected<Error>(found.error());
  std::vector<std::pair<std::string, Text>> builds;
  builds.reserve(found->size());
  for (const auto& [version, text] : *found) builds.emplace_back(version.str(), text);
  return batch_response(builds);
}

Result<http::Reply> latest(const BuildsDeps& deps, const Call& call) {
  const Result<std::vector<std::string>> tags =
      parse_worker_tags(joined_query(call.request, "external_script_ids"));
  if (!tags) return tl::unexpected<Error>(tags.error());
  const auto found = deps.builds.latest_builds(call.account_id, *tags);
  if (!found) return tl::unexpected<Error>(found.error());
  std::vector<std::pair<std::string, Text>> builds;
  for (const auto& [tag, row] : *found) {
    Result<Text> text = deps.texts.of_row(row);
    if (!text) return tl::unexpected<Error>(text.error());
    builds.emplace_back(tag, std::move(*text));
  }
  return batch_response(builds);
}

Result<http::Reply> by_uuid(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<Text> text = deps.texts.by_uuid(call.account_id, *uuid);
  if (!text) return tl::unexpected<Error>(text.error());
  return success_text(**text, nullptr);
}

Result<http::Reply> of_worker(const BuildsDeps& deps, const Call& call) {
  const Result<store::Page> page = page_of(call.request);
  if (!page) return tl::unexpected<Error>(page.error());
  const auto found =
      deps.builds.builds_of_worker(call.account_id, call.request.param("external_script_id"), *page);
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<std::vector<Text>> builds = texts_of(deps, found->items);
  if (!builds) return tl::unexpected<Error>(builds.error());
  return list_response(*builds, *page, found->total);
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
  http::RouteOptions polled;
  polled.conditional = true;
  routes.add(
      "GET", "/builds", Needs::ci_read, [deps](const Call& call) { return by_versions(*deps, call); },
      polled);
  routes.add(
      "GET", "/builds/latest", Needs::ci_read, [deps](const Call& call) { return latest(*deps, call); },
      polled);
  routes.add(
      "GET", "/builds/{build_uuid}", Needs::ci_read,
      [deps](const Call& call) { return by_uuid(*deps, call); }, polled);
  routes.add("PUT", "/builds/{build_uuid}/cancel", Needs::ci_write,
             [deps](const Call& call) { return cancel(*deps, call); });
  routes.add(
      "GET", "/workers/{external_script_id}/builds", Needs::ci_read,
      [deps](const Call& call) { return of_worker(*deps, call); }, polled);
}

}  // namespace kiln::api::builds
