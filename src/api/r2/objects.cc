// What is said of objects: lists of them, and taking them away.
#include <boost/json.hpp>
#include <charconv>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "api/r2/handlers.h"
#include "base/time_format.h"

namespace kiln::api::r2 {
namespace {

namespace json = boost::json;

Result<store::R2Listing> listing_of(const http::Request& request) {
  store::R2Listing out;
  out.prefix = request.query_value("prefix").value_or("");
  out.delimiter = request.query_value("delimiter").value_or("");
  out.after = request.query_value("start_after").value_or("");
  out.cursor = request.query_value("cursor").value_or("");
  if (const std::optional<std::string> limit = request.query_value("per_page")) {
    const auto [end, error] = std::from_chars(limit->data(), limit->data() + limit->size(), out.limit);
    if (error != std::errc() || end != limit->data() + limit->size() || out.limit < 1 ||
        out.limit > model::kMostR2Listed)
      return fail(Errc::invalid, "per_page must be a number of objects from 1 to 1000.", "per_page");
  }
  return out;
}

Result<http::Reply> list_objects(const R2Deps& deps, const Call& call) {
  const Result<model::R2Bucket> bucket = bucket_of(deps, call.request, call.account_id);
  if (!bucket) return tl::unexpected<Error>(bucket.error());
  const Result<store::R2Listing> listing = listing_of(call.request);
  if (!listing) return tl::unexpected<Error>(listing.error());
  const Result<store::R2Page> page = deps.objects.list(bucket->id, *listing);
  if (!page) return tl::unexpected<Error>(page.error());
  json::array objects;
  json::array delimited;
  for (const store::R2Entry& entry : page->entries) {
    if (const auto* object = std::get_if<model::R2Object>(&entry.what))
      objects.push_back(object_json(*object));
    else
      delimited.emplace_back(std::get<std::string>(entry.what));
  }
  json::object info{{"count", objects.size()}, {"per_page", listing->limit}};
  info["is_truncated"] = !page->complete;
  info["cursor"] = page->complete ? std::string() : page->entries.back().cursor;
  info["delimited"] = std::move(delimited);
  return success_response(std::move(objects), info);
}

Result<http::Reply> delete_object(const R2Deps& deps, const Call& call) {
  const Result<model::R2Bucket> bucket = bucket_of(deps, call.request, call.account_id);
  if (!bucket) return tl::unexpected<Error>(bucket.error());
  const std::string key = call.request.param("object_key");
  if (const Status fits = model::check_r2_key(key); !fits) return tl::unexpected<Error>(fits.error());
  if (const Status gone = deps.objects.remove(bucket->id, {key}); !gone)
    return tl::unexpected<Error>(gone.error());
  return success_response(json::object{{"key", key}});
}

}  // namespace

json::object object_json(const model::R2Object& object) {
  json::object http;
  const model::R2HttpFields& fields = object.about.http;
  for (const auto& [name, field] : model::kR2HttpTexts) {
    if (!(fields.*field).empty()) http[name] = fields.*field;
  }
  if (fields.cache_expiry) http["cacheExpiry"] = format_rfc3339(*fields.cache_expiry);
  json::object custom;
  for (const auto& [name, value] : object.about.custom) custom[name] = value;
  return {{"key", object.key},
          {"etag", object.etag},
          {"size", object.size},
          {"last_modified", format_rfc3339(object.uploaded)},
          {"storage_class", object.about.storage_class},
          {"http_metadata", std::move(http)},
          {"custom_metadata", std::move(custom)}};
}

void add_objects(Routes& routes) {
  routes.add("GET", "/{bucket_name}/objects", Needs::data_read, list_objects);
  routes.add("DELETE", "/{bucket_name}/objects/{object_key}", Needs::data_write, delete_object,
             {std::size_t{64} << 10U, http::Work::store, false, true});
}

}  // namespace kiln::api::r2
