// Reading builds: by version, by Worker, one by one; and stopping one.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <span>

#include "api/builds/handlers.h"
#include "api/builds/id_lists.h"
#include "api/error_table.h"
#include "base/strings.h"
#include "base/time_format.h"

namespace kiln::api::builds {
namespace {

// An answer of so many is large enough to go out with others.
constexpr std::size_t kManyBuilds = 8;

// The tag of an answer made of these texts, which need not be read again for it.
std::string tag_of(std::span<const http::Digest> digests) {
  const auto bytes = std::as_bytes(digests);
  return http::entity_tag(http::digest_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
}

// The texts behind `begin`, with their tag.
http::Response json_response(std::string_view begin, BuildParts& texts) {
  http::Response response;
  response.headers.reserve(4);
  response.headers.emplace_back("content-type", "application/json");
  response.headers.emplace_back("etag", tag_of(texts.digests));
  response.body = begin;
  response.shared = std::move(texts.parts);
  response.with_others = texts.from_disk || texts.builds() >= kManyBuilds;
  return response;
}

// {"builds": {…}} of members that begin with `},"key":`, with the page info that the batch look-ups carry.
// The texts go out as they are kept.
http::Response batch_response(BuildParts members) {
  const std::size_t count = members.builds();
  http::Response response = json_response(R"({"result":{"builds":{)", members);
  if (count > 0) response.shared.parts.front().remove_prefix(2);
  // page_info(1, 20, n, n), which is always one page.
  static_assert(kMostIds == 20);
  const fmt::format_int digits(count);
  const std::string_view number(digits.data(), digits.size());
  response.tail.reserve(160);
  response.tail.append(count > 0 ? "}}}" : "}}")
      .append(R"(,"success":true,"errors":[],"messages":[],"result_info":{"page":1,"per_page":20,"count":)")
      .append(number)
      .append(R"(,"total_count":)")
      .append(number)
      .append(R"(,"total_pages":1,"next_page":false}})");
  return response;
}

// Every value of a parameter that may be repeated, as one list. `room` holds it where no single value does.
std::string_view joined_query(const http::Request& request, std::string_view name, std::string& room) {
  const std::string* only = nullptr;
  for (const auto& [key, value] : request.query) {
    if (key != name) continue;
    if (only == nullptr) {
      only = &value;
      continue;
    }
    if (room.empty()) room = *only;
    room.append(",").append(value);
  }
  if (!room.empty()) return room;
  return only == nullptr ? std::string_view() : std::string_view(*only);
}

Result<http::Reply> by_versions(const BuildsDeps& deps, const Call& call) {
  std::string room;
  const Result<std::vector<Uuid>> ids = parse_version_ids(joined_query(call.request, "version_ids", room));
  if (!ids) return tl::unexpected<Error>(ids.error());
  Result<BuildParts> members = deps.texts.by_versions(call.account_id, *ids, form_for(deps, call));
  if (!members) return tl::unexpected<Error>(members.error());
  return batch_response(std::move(*members));
}

Result<http::Reply> latest(const BuildsDeps& deps, const Call& call) {
  std::string room;
  const Result<std::vector<std::string>> tags =
      parse_worker_tags(joined_query(call.request, "external_script_ids", room));
  if (!tags) return tl::unexpected<Error>(tags.error());
  const auto found = deps.builds.latest_builds(call.account_id, *tags);
  if (!found) return tl::unexpected<Error>(found.error());
  BuildParts members;
  for (const auto& [tag, row] : *found) {
    Result<BuildText> text = deps.texts.of_row(row, form_for(deps, call));
    if (!text) return tl::unexpected<Error>(text.error());
    text->build = Text::of(fmt::format("}},\"{}\":{}", tag, text->build.json.view()));
    members.add(std::move(*text));
  }
  return batch_response(std::move(members));
}

Result<http::Reply> by_uuid(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  Result<BuildParts> build = deps.texts.by_uuid(call.account_id, *uuid, form_for(deps, call));
  if (!build) return tl::unexpected<Error>(build.error());
  http::Response response = json_response(R"({"result":)", *build);
  response.tail = R"(},"success":true,"errors":[],"messages":[]})";
  return response;
}

Result<http::Reply> of_worker(const BuildsDeps& deps, const Call& call) {
  const Result<store::Page> page = page_of(call.request);
  if (!page) return tl::unexpected<Error>(page.error());
  const std::string tag = to_lower(call.request.param("external_script_id"));
  const auto found = deps.builds.builds_of_worker(call.account_id, tag, *page);
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<std::vector<BuildText>> builds = texts_of(deps, found->items, form_for(deps, call));
  if (!builds) return tl::unexpected<Error>(builds.error());
  return list_response(*builds, *page, found->total);
}

// As a build's log says who ended or approved it.
std::string whom_of(const model::Principal& who) {
  if (who.is_person) return who.name;
  return who.token_id.empty() ? "the administrator" : "the API token " + who.name;
}

Result<http::Reply> cancel(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const std::string whom = whom_of(call.who);
  const Result<TimeMs> stopped = deps.queue.cancel(call.account_id, *uuid, whom);
  if (!stopped) return tl::unexpected<Error>(stopped.error());
  return success_response({{"build_uuid", uuid->str()},
                           {"build_outcome", to_string(model::BuildOutcome::cancelled)},
                           {"stopped_on", format_rfc3339(*stopped)}});
}

Result<http::Reply> approve(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const std::string whom = whom_of(call.who);
  if (const Status approved = deps.queue.approve(call.account_id, *uuid, whom); !approved)
    return tl::unexpected<Error>(approved.error());
  return success_response({{"build_uuid", uuid->str()}, {"approved", true}});
}

}  // namespace

void add_lookups(Adder& routes, const Deps& deps) {
  // Of a few builds whose text is at hand, or a few rows away.
  const http::RouteOptions quick{.work = http::Work::quick, .conditional = true};
  const http::RouteOptions polled{.work = http::Work::read, .conditional = true};
  routes.add(
      "GET", "/builds", Needs::ci_read, [deps](const Call& call) { return by_versions(*deps, call); }, quick);
  routes.add(
      "GET", "/builds/latest", Needs::ci_read, [deps](const Call& call) { return latest(*deps, call); },
      polled);
  routes.add(
      "GET", "/builds/{build_uuid}", Needs::ci_read,
      [deps](const Call& call) { return by_uuid(*deps, call); }, quick);
  routes.add("PUT", "/builds/{build_uuid}/cancel", Needs::ci_write,
             [deps](const Call& call) { return cancel(*deps, call); });
  routes.add("POST", "/builds/{build_uuid}/approve", Needs::ci_write,
             [deps](const Call& call) { return approve(*deps, call); });
  routes.add(
      "GET", "/workers/{external_script_id}/builds", Needs::ci_read,
      [deps](const Call& call) { return of_worker(*deps, call); }, polled);
}

}  // namespace kiln::api::builds
