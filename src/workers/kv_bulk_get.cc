#include "workers/kv_bulk_get.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "base/strings.h"
#include "workers/kv_rules.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

// workerd writes withMetadata and cacheTtl as numbers or booleans.
bool is_set(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr) return false;
  return value->is_bool() ? value->get_bool() : value->is_number() && value->to_number<double>() != 0;
}

Result<json::value> value_of(const store::KvEntry& entry, bool as_json) {
  if (!as_json) return json::value(to_valid_utf8(entry.value));
  boost::system::error_code error;
  json::value value = json::parse(entry.value, error);
  if (error)
    return fail(Errc::invalid, "At least one of the requested keys corresponds to a non-json value", "keys");
  return value;
}

}  // namespace

Result<KvBulkGet> read_kv_bulk_get(std::string_view body) {
  boost::system::error_code error;
  const json::value read = json::parse(body, error);
  const json::object* object = error ? nullptr : read.if_object();
  if (object == nullptr) return fail(Errc::invalid, "Invalid JSON");
  KvBulkGet out;
  const json::value* keys = object->if_contains("keys");
  if (keys != nullptr && keys->is_array()) {
    for (const json::value& key : keys->get_array()) {
      if (!key.is_string()) return fail(Errc::invalid, "keys must be a list of texts", "keys");
      out.keys.emplace_back(key.get_string());
    }
  }
  if (out.keys.empty()) return fail(Errc::invalid, "You must request a minimum of 1 key", "keys");
  if (out.keys.size() > static_cast<std::size_t>(model::kMostKvRead))
    return fail(Errc::invalid, fmt::format("You can request a maximum of {} keys", model::kMostKvRead),
                "keys");
  for (const std::string& key : out.keys) {
    if (const Status fits = check_kv_key(key); !fits) return tl::unexpected<Error>(fits.error());
  }
  const json::value* type = object->if_contains("type");
  const std::string_view kind =
      type != nullptr && type->is_string() ? std::string_view(type->get_string()) : "text";
  if (kind != "text" && kind != "json")
    return fail(Errc::invalid,
                fmt::format("\"{}\" is not a valid type. Use \"json\" or \"text\"", to_valid_utf8(kind)),
                "type");
  out.as_json = kind == "json";
  out.with_metadata = is_set(*object, "withMetadata");
  return out;
}

Result<json::object> kv_bulk_answer(const KvBulkGet& asked,
                                    const std::vector<std::optional<store::KvEntry>>& found) {
  json::object out;
  std::size_t all = 0;
  for (std::size_t i = 0; i < asked.keys.size() && i < found.size(); ++i) {
    json::value& place = out[asked.keys[i]];
    if (!found[i]) continue;
    all += found[i]->value.size();
    if (all > model::kLargestKvValue)
      return fail(Errc::too_large, fmt::format("Total size of request exceeds the limit of {}MB",
                                               model::kLargestKvValue >> 20U));
    Result<json::value> value = value_of(*found[i], asked.as_json);
    if (!value) return tl::unexpected<Error>(value.error());
    if (!asked.with_metadata) {
      place = *std::move(value);
      continue;
    }
    boost::system::error_code error;
    const std::string& metadata = found[i]->key.metadata;
    place = json::object{{"value", *std::move(value)},
                         {"metadata", metadata.empty() ? json::value() : json::parse(metadata, error)}};
  }
  return out;
}

}  // namespace kiln::workers
