// The buckets themselves. `objects` and `bytes` are Kiln's own: how full a bucket is.
#include <boost/json.hpp>
#include <mutex>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "api/r2/handlers.h"
#include "api/workers/handlers.h"
#include "base/hex.h"
#include "base/time_format.h"

namespace kiln::api::r2 {
namespace {

namespace json = boost::json;

json::object bucket_json(const model::R2Bucket& bucket) {
  return {{"name", bucket.name},
          {"creation_date", format_rfc3339(bucket.created_on)},
          {"location", nullptr},
          {"jurisdiction", "default"},
          {"storage_class", bucket.storage_class}};
}

// What comes and goes under one name does so one after the other.
std::mutex& names_mutex() {
  static std::mutex mutex;
  return mutex;
}

Result<http::Reply> list_buckets(const R2Deps& deps, const Call& call) {
  const auto cursor = from_base64(call.request.query_value("cursor").value_or(""));
  if (!cursor)
    return fail(Errc::invalid, "cursor is none that a list of buckets gave: begin without one.", "cursor");
  const store::Page page = page_of(call.request, model::kMostR2Buckets, model::kMostR2Buckets);
  const store::R2BucketStore::Listing listing{call.request.query_value("name_contains").value_or(""), *cursor,
                                              page.per_page};
  auto found = deps.buckets.buckets(call.account_id, listing);
  if (!found) return tl::unexpected<Error>(found.error());
  const bool more = static_cast<int>(found->size()) > listing.limit;
  if (more) found->pop_back();
  json::array out;
  for (const model::R2Bucket& bucket : *found) out.push_back(bucket_json(bucket));
  json::object info{{"count", out.size()}, {"per_page", listing.limit}};
  info["cursor"] = more ? to_base64(found->back().name) : std::string();
  return success_response(json::object{{"buckets", std::move(out)}}, info);
}

// The folder first: a row without one would be a bucket that takes nothing.
Result<http::Reply> create_bucket(const R2Deps& deps, const Call& call) {
  const Result<json::object> body = builds::object_body(call);
  if (!body) return tl::unexpected<Error>(body.error());
  const auto text = [&body](const char* field) {
    const json::value* value = body->if_contains(field);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  const std::string name = text("name");
  if (!model::is_r2_bucket_name(name))
    return fail(Errc::invalid,
                "The specified bucket name is not valid: 3 to 63 lower-case letters, digits and hyphens, a "
                "letter or digit first and last.",
                "name");
  std::string storage_class = text("storageClass");
  if (storage_class.empty()) storage_class = model::kR2Standard;
  if (!model::is_r2_storage_class(storage_class))
    return fail(Errc::invalid, "The storage class must be Standard or InfrequentAccess.", "storageClass");
  const model::R2Bucket bucket{model::r2_bucket_id(call.account_id, name), call.account_id, name,
                               storage_class, deps.clock.now()};
  const std::lock_guard lock(names_mutex());
  if (const Status made = deps.objects.make(bucket.id); !made) return tl::unexpected<Error>(made.error());
  if (const Status added = deps.buckets.add(bucket); !added) {
    if (!deps.buckets.find(call.account_id, name)) (void)deps.objects.drop_empty(bucket.id);
    return tl::unexpected<Error>(added.error());
  }
  return success_response(bucket_json(bucket));
}

Result<http::Reply> get_bucket(const R2Deps& deps, const Call& call) {
  const Result<model::R2Bucket> bucket = bucket_of(deps, call.request, call.account_id);
  if (!bucket) return tl::unexpected<Error>(bucket.error());
  const Result<store::R2Size> size = deps.objects.size(bucket->id);
  if (!size) return tl::unexpected<Error>(size.error());
  json::object out = bucket_json(*bucket);
  out["objects"] = size->objects;
  out["bytes"] = size->bytes;
  return success_response(out);
}

Result<http::Reply> change_bucket(const R2Deps& deps, const Call& call) {
  Result<model::R2Bucket> bucket = bucket_of(deps, call.request, call.account_id);
  if (!bucket) return tl::unexpected<Error>(bucket.error());
  const Result<std::string> storage_class = storage_class_in(call.request, "");
  if (!storage_class) return tl::unexpected<Error>(storage_class.error());
  if (storage_class->empty())
    return fail(Errc::invalid, "The header cf-r2-storage-class says what new objects' storage class is.",
                "cf-r2-storage-class");
  const Status set = deps.buckets.set_storage_class(call.account_id, bucket->name, *storage_class);
  if (!set) return tl::unexpected<Error>(set.error());
  bucket->storage_class = *storage_class;
  return success_response(bucket_json(*bucket));
}

// The folder first, and from then on nothing is put there: what was acknowledged is never taken away with a
// bucket that was said to be empty. Copies that previews have of it go with it.
Result<http::Reply> delete_bucket(const R2Deps& deps, const Call& call) {
  const std::lock_guard lock(names_mutex());
  const auto bucket = deps.buckets.find(call.account_id, call.request.param("bucket_name"));
  if (!bucket) return tl::unexpected<Error>(bucket.error());
  if (const Status dropped = deps.objects.drop_empty(bucket->id); !dropped)
    return tl::unexpected<Error>(dropped.error());
  if (const Status gone = deps.buckets.remove(call.account_id, bucket->name); !gone)
    return tl::unexpected<Error>(gone.error());
  const Result<std::vector<std::string>> spaces = deps.objects.spaces();
  for (const std::string& space : spaces.value_or(std::vector<std::string>())) {
    if (space.starts_with(bucket->id + '.')) (void)deps.objects.drop(space);
  }
  return success_response(json::object());
}

}  // namespace

void add_buckets(Routes& routes) {
  routes.add("GET", "", Needs::scripts_read, list_buckets);
  routes.add("POST", "", Needs::data_write, create_bucket);
  routes.add("GET", "/{bucket_name}", Needs::scripts_read, get_bucket);
  routes.add("PATCH", "/{bucket_name}", Needs::data_write, change_bucket);
  routes.add("DELETE", "/{bucket_name}", Needs::data_write, delete_bucket);
}

}  // namespace kiln::api::r2
