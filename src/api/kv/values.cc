// One key at a time, and the list of keys.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "api/error_table.h"
#include "api/kv/handlers.h"
#include "base/hex.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "workers/kv_rules.h"
#include "workers/multipart.h"

namespace kiln::api::kv {
namespace {

namespace json = boost::json;

constexpr int kFewestListed = 1;  // the hosted API says 10, and takes less
constexpr std::size_t kRoomForParts = 64U << 10U;

Result<store::KvEntry> entry_of(const KvDeps& deps, const Call& call) {
  const Result<std::string> space = space_of(deps, call);
  if (!space) return tl::unexpected<Error>(space.error());
  auto found = deps.values.get(*space, {call.request.param("key_name")});
  if (!found) return tl::unexpected<Error>(found.error());
  if (found->front()) return *std::move(found->front());
  return fail(Errc::kv_key_not_found, "get: 'key not found'", "key_name");
}

Result<http::Reply> get_value(const KvDeps& deps, const Call& call) {
  Result<store::KvEntry> entry = entry_of(deps, call);
  if (!entry) return tl::unexpected<Error>(entry.error());
  // Bytes of anybody's making, from the API's own origin: nothing that a browser would run.
  http::Response out{200,
                     {{"content-type", "application/octet-stream"}, {"x-content-type-options", "nosniff"}},
                     std::move(entry->value)};
  if (entry->key.expires_on)
    out.headers.emplace_back("expiration", std::to_string(*entry->key.expires_on / 1000));
  return out;
}

Result<http::Reply> get_metadata(const KvDeps& deps, const Call& call) {
  const Result<store::KvEntry> entry = entry_of(deps, call);
  if (!entry) return tl::unexpected<Error>(entry.error());
  return success_response(metadata_json(entry->key.metadata));
}

// The body is the value; a form holds it beside its metadata.
Status take_body(const Call& call, store::KvEntry& entry) {
  const std::string_view type = call.request.header("content-type");
  if (!to_lower(type).starts_with("multipart/form-data")) {
    entry.value = call.request.body;
    return {};
  }
  const auto parts = workers::parse_multipart(type, call.request.body);
  if (!parts) return tl::unexpected<Error>(parts.error());
  const workers::Part* value = workers::find_part(*parts, "value");
  if (value == nullptr) return fail(Errc::invalid, "The form has no part named value.", "value");
  entry.value = value->content;
  if (const workers::Part* metadata = workers::find_part(*parts, "metadata"))
    entry.key.metadata = metadata->content;
  return {};
}

Result<http::Reply> put_value(const KvDeps& deps, const Call& call) {
  const Result<std::string> space = space_of(deps, call);
  if (!space) return tl::unexpected<Error>(space.error());
  store::KvEntry entry;
  entry.key.name = call.request.param("key_name");
  if (const Status body = take_body(call, entry); !body) return tl::unexpected<Error>(body.error());
  if (const Status fits = workers::check_kv_entry(entry); !fits) return tl::unexpected<Error>(fits.error());
  const Result<std::optional<TimeMs>> end = workers::kv_end(
      call.request.query_value("expiration_ttl"), call.request.query_value("expiration"), deps.clock.now());
  if (!end) return tl::unexpected<Error>(end.error());
  entry.key.expires_on = *end;
  if (const Status kept = deps.values.put(*space, {std::move(entry)}); !kept)
    return tl::unexpected<Error>(kept.error());
  return success_response(json::object());
}

Result<http::Reply> delete_value(const KvDeps& deps, const Call& call) {
  const Result<std::string> space = space_of(deps, call);
  if (!space) return tl::unexpected<Error>(space.error());
  if (const Status gone = deps.values.remove(*space, {call.request.param("key_name")}); !gone)
    return tl::unexpected<Error>(gone.error());
  return success_response(json::object());
}

Result<store::KvListing> listing_of(const http::Request& request) {
  store::KvListing out{request.query_value("prefix").value_or(""), {}, model::kMostKvListed};
  if (const std::optional<std::string> limit = request.query_value("limit")) {
    const auto [end, error] = std::from_chars(limit->data(), limit->data() + limit->size(), out.limit);
    if (error != std::errc() || end != limit->data() + limit->size() || out.limit < kFewestListed ||
        out.limit > model::kMostKvListed)
      return fail(Errc::invalid, "limit must be a number of keys from 1 to 1000.", "limit");
  }
  const std::string cursor = request.query_value("cursor").value_or("");
  const std::optional<std::string> after = from_base64(cursor);
  if (!after)
    return fail(Errc::invalid, "cursor is none that a list of keys gave: begin without one.", "cursor");
  out.after = *after;
  return out;
}

Result<http::Reply> list_keys(const KvDeps& deps, const Call& call) {
  const Result<std::string> space = space_of(deps, call);
  if (!space) return tl::unexpected<Error>(space.error());
  const Result<store::KvListing> listing = listing_of(call.request);
  if (!listing) return tl::unexpected<Error>(listing.error());
  const Result<store::KvKeys> found = deps.values.list(*space, *listing);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array keys;
  for (const store::KvKey& key : found->keys) {
    json::object& one = keys.emplace_back(json::object{{"name", key.name}}).get_object();
    if (key.expires_on) one["expiration"] = *key.expires_on / 1000;
    if (!key.metadata.empty()) one["metadata"] = metadata_json(key.metadata);
  }
  const std::string cursor = found->complete ? std::string() : to_base64(found->keys.back().name);
  const std::size_t count = keys.size();
  return success_response(std::move(keys), json::object{{"count", count}, {"cursor", cursor}});
}

}  // namespace

json::value metadata_json(const std::string& metadata) {
  boost::system::error_code error;
  return metadata.empty() ? json::value() : json::parse(metadata, error);
}

void add_values(Routes& routes) {
  const http::RouteOptions upload{model::kLargestKvValue + kRoomForParts, http::Work::store};
  routes.add("GET", "/{namespace_id}/keys", Needs::data_read, list_keys);
  routes.add("GET", "/{namespace_id}/values/{key_name}", Needs::data_read, get_value);
  routes.add("PUT", "/{namespace_id}/values/{key_name}", Needs::data_write, put_value, upload);
  routes.add("DELETE", "/{namespace_id}/values/{key_name}", Needs::data_write, delete_value);
  routes.add("GET", "/{namespace_id}/metadata/{key_name}", Needs::data_read, get_metadata);
}

}  // namespace kiln::api::kv
