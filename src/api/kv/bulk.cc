// Many keys at once: each call is one transaction, all or nothing.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/kv/handlers.h"
#include "base/hex.h"
#include "workers/kv_bulk_get.h"
#include "workers/kv_rules.h"

namespace kiln::api::kv {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostBulk = std::size_t{100} << 20U;

Result<json::array> list_in(const std::string& body, const char* example) {
  boost::system::error_code error;
  json::value read = json::parse(body, error);
  if (!error && read.is_object() && read.get_object().contains("keys")) read = json::value(read.at("keys"));
  if (error || !read.is_array())
    return fail(Errc::invalid, fmt::format("The body must be a list, such as {}.", example));
  if (read.get_array().size() > static_cast<std::size_t>(model::kMostKvWritten))
    return fail(Errc::invalid, fmt::format("The list has {} keys; {} may go at once: send several lists.",
                                           read.get_array().size(), model::kMostKvWritten));
  return std::move(read.get_array());
}

// A number as the query would have it.
std::optional<std::string> seconds_in(const json::object& pair, std::string_view name) {
  const json::value* value = pair.if_contains(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_string()) return std::string(value->get_string());
  return json::serialize(*value);
}

Result<http::Reply> put_many(const KvDeps& deps, const Call& call) {
  const Result<std::string> space = space_of(deps, call);
  if (!space) return tl::unexpected<Error>(space.error());
  const auto pairs = read_pairs(call.request.body, deps.clock.now());
  if (!pairs) return tl::unexpected<Error>(pairs.error());
  if (const Status kept = deps.values.put(*space, *pairs); !kept) return tl::unexpected<Error>(kept.error());
  return success_response(
      json::object{{"successful_key_count", pairs->size()}, {"unsuccessful_keys", json::array()}});
}

Result<http::Reply> delete_many(const KvDeps& deps, const Call& call) {
  const Result<std::string> space = space_of(deps, call);
  if (!space) return tl::unexpected<Error>(space.error());
  const auto keys = read_keys(call.request.body);
  if (!keys) return tl::unexpected<Error>(keys.error());
  if (const Status gone = deps.values.remove(*space, *keys); !gone)
    return tl::unexpected<Error>(gone.error());
  return success_response(
      json::object{{"successful_key_count", keys->size()}, {"unsuccessful_keys", json::array()}});
}

Result<http::Reply> get_many(const KvDeps& deps, const Call& call) {
  const Result<std::string> space = space_of(deps, call);
  if (!space) return tl::unexpected<Error>(space.error());
  const Result<workers::KvBulkGet> asked = workers::read_kv_bulk_get(call.request.body);
  if (!asked) return tl::unexpected<Error>(asked.error());
  const auto found = deps.values.get(*space, asked->keys);
  if (!found) return tl::unexpected<Error>(found.error());
  Result<json::object> values = workers::kv_bulk_answer(*asked, *found);
  if (!values) return tl::unexpected<Error>(values.error());
  return success_response(json::object{{"values", *std::move(values)}});
}

}  // namespace

Result<store::KvEntry> read_pair(const json::object& pair, TimeMs now) {
  const json::value* key = pair.if_contains("key");
  const json::value* value = pair.if_contains("value");
  if (key == nullptr || !key->is_string() || value == nullptr || !value->is_string())
    return fail(Errc::invalid, R"(Each pair needs a key and a value: {"key": "a", "value": "1"}.)", "key");
  store::KvEntry out;
  out.key.name = key->get_string();
  out.value = value->get_string();
  if (const json::value* coded = pair.if_contains("base64");
      coded != nullptr && coded->is_bool() && coded->get_bool()) {
    std::optional<std::string> bytes = from_base64(out.value);
    if (!bytes)
      return fail(Errc::invalid, fmt::format("The value of '{}' is no base64.", out.key.name), "value");
    out.value = *std::move(bytes);
  }
  if (const json::value* metadata = pair.if_contains("metadata"); metadata != nullptr && !metadata->is_null())
    out.key.metadata = json::serialize(*metadata);
  if (const Status fits = workers::check_kv_entry(out); !fits) return tl::unexpected<Error>(fits.error());
  const Result<std::optional<TimeMs>> end =
      workers::kv_end(seconds_in(pair, "expiration_ttl"), seconds_in(pair, "expiration"), now);
  if (!end) return tl::unexpected<Error>(end.error());
  out.key.expires_on = *end;
  return out;
}

Result<std::vector<store::KvEntry>> read_pairs(const std::string& body, TimeMs now) {
  const Result<json::array> list = list_in(body, R"([{"key": "a", "value": "1"}])");
  if (!list) return tl::unexpected<Error>(list.error());
  std::vector<store::KvEntry> out;
  for (const json::value& item : *list) {
    const json::object none;
    Result<store::KvEntry> entry = read_pair(item.is_object() ? item.get_object() : none, now);
    if (!entry) return tl::unexpected<Error>(entry.error());
    out.push_back(*std::move(entry));
  }
  return out;
}

Result<std::vector<std::string>> read_keys(const std::string& body) {
  const Result<json::array> list = list_in(body, R"(["a", "b"])");
  if (!list) return tl::unexpected<Error>(list.error());
  std::vector<std::string> out;
  for (const json::value& item : *list) {
    const json::value* name = item.is_object() ? item.get_object().if_contains("name") : &item;
    if (name == nullptr || !name->is_string())
      return fail(Errc::invalid, R"(Keys must be texts: ["a", "b"].)", "keys");
    out.emplace_back(name->get_string());
  }
  return out;
}

void add_bulk(Routes& routes) {
  const http::RouteOptions upload{kMostBulk, http::Work::store};
  const http::RouteOptions large{std::size_t{16} << 20U, http::Work::store};
  routes.add("PUT", "/{namespace_id}/bulk", Needs::data_write, put_many, upload);
  routes.add("DELETE", "/{namespace_id}/bulk", Needs::data_write, delete_many, large);
  routes.add("POST", "/{namespace_id}/bulk/delete", Needs::data_write, delete_many, large);
  routes.add("POST", "/{namespace_id}/bulk/get", Needs::data_read, get_many,
             {std::size_t{1} << 20U, http::Work::read});
}

}  // namespace kiln::api::kv
