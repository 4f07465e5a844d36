// The bytes of objects, in and out, a piece at a time.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/r2/handlers.h"
#include "base/http_date.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "http/conditional.h"

namespace kiln::api::r2 {
namespace {

namespace json = boost::json;

constexpr std::string_view kOwnField = "x-amz-meta-";

// The bytes that come, on their way to the disk. What fails is told when all have come.
class Incoming final : public http::BodySink {
 public:
  explicit Incoming(Result<std::unique_ptr<store::R2Writer>> writer) {
    if (writer)
      writer_ = *std::move(writer);
    else
      status_ = tl::unexpected<Error>(writer.error());
  }
  void take(std::string_view piece) override {
    if (status_) status_ = writer_->add(piece);
  }
  [[nodiscard]] Result<model::R2Object> end() {
    // It goes with this call, not when the connection's next request comes.
    const std::unique_ptr<store::R2Writer> writer = std::move(writer_);
    if (!status_) return tl::unexpected<Error>(status_.error());
    return writer->end();
  }

 private:
  std::unique_ptr<store::R2Writer> writer_;
  Status status_;
};

Result<model::R2About> about_in(const http::Request& request, const model::R2Bucket& bucket) {
  model::R2About out;
  out.http.content_type = request.header("content-type");
  out.http.content_language = request.header("content-language");
  out.http.content_disposition = request.header("content-disposition");
  out.http.content_encoding = request.header("content-encoding");
  out.http.cache_control = request.header("cache-control");
  out.http.cache_expiry = parse_http_date(request.header("expires"));
  for (const auto& [name, value] : request.headers) {
    if (name.starts_with(kOwnField)) out.custom.emplace_back(name.substr(kOwnField.size()), value);
  }
  Result<std::string> storage_class = storage_class_in(request, bucket.storage_class);
  if (!storage_class) return tl::unexpected<Error>(storage_class.error());
  out.storage_class = *std::move(storage_class);
  if (const Status fits = model::check_r2_about(out); !fits) return tl::unexpected<Error>(fits.error());
  return out;
}

Result<std::unique_ptr<store::R2Writer>> begin(const R2Deps& deps, const http::Request& request,
                                               const std::string& account_id) {
  const Result<model::R2Bucket> bucket = bucket_of(deps, request, account_id);
  if (!bucket) return tl::unexpected<Error>(bucket.error());
  store::R2Put put;
  put.key = request.param("object_key");
  if (const Status fits = model::check_r2_key(put.key); !fits) return tl::unexpected<Error>(fits.error());
  Result<model::R2About> about = about_in(request, *bucket);
  if (!about) return tl::unexpected<Error>(about.error());
  put.about = *std::move(about);
  put.size = parse_whole(request.header("content-length"));
  return deps.objects.put(bucket->id, std::move(put));
}

std::shared_ptr<http::BodySink> open_body(const R2Deps& deps, const http::Request& request) {
  return std::make_shared<Incoming>(begin(deps, request, request.param("account_id")));
}

Result<http::Reply> put_object(const R2Deps& deps, const Call& call) {
  auto* incoming = dynamic_cast<Incoming*>(call.request.sink.get());
  Result<model::R2Object> object = [&]() -> Result<model::R2Object> {
    if (incoming != nullptr) return incoming->end();
    return Incoming(begin(deps, call.request, call.account_id)).end();
  }();
  if (!object) return tl::unexpected<Error>(object.error());
  json::object out = object_json(*object);
  out.erase("last_modified");
  out["uploaded"] = format_rfc3339(object->uploaded);
  out["version"] = object->version;
  out["size"] = std::to_string(object->size);
  return success_response(out);
}

bool is_not_modified(const http::Request& request, const model::R2Object& object) {
  if (const std::string_view tags = request.header("if-none-match"); !tags.empty())
    return http::names_tag(tags, '"' + object.etag + '"');
  const std::optional<TimeMs> since = parse_http_date(request.header("if-modified-since"));
  return since && object.uploaded / 1000 * 1000 <= *since;
}

// Bytes of anybody's making, from the API's own origin: a browser saves them and runs nothing.
http::Headers headers_of(const model::R2Object& object) {
  const model::R2HttpFields& fields = object.about.http;
  http::Headers out{
      {"etag", '"' + object.etag + '"'},
      {"last-modified", format_http_date(object.uploaded)},
      {"accept-ranges", "bytes"},
      {"content-type", fields.content_type.empty() ? "application/octet-stream" : fields.content_type},
      {"content-disposition", "attachment"},
      {"content-security-policy", "sandbox; default-src 'none'"},
      {"x-content-type-options", "nosniff"},
      {"cf-r2-storage-class", object.about.storage_class}};
  const auto add = [&out](const char* name, const std::string& value) {
    if (!value.empty()) out.emplace_back(name, value);
  };
  add("content-language", fields.content_language);
  add("content-encoding", fields.content_encoding);
  add("cache-control", fields.cache_control);
  if (fields.cache_expiry) out.emplace_back("expires", format_http_date(*fields.cache_expiry));
  return out;
}

Result<http::Reply> get_object(const R2Deps& deps, const Call& call) {
  const Result<model::R2Bucket> bucket = bucket_of(deps, call.request, call.account_id);
  if (!bucket) return tl::unexpected<Error>(bucket.error());
  Result<std::unique_ptr<store::R2Reader>> opened =
      deps.objects.open(bucket->id, call.request.param("object_key"));
  if (!opened) return tl::unexpected<Error>(opened.error());
  if (!*opened) return fail(Errc::not_found, "The specified key does not exist.", model::kR2Key);
  const std::shared_ptr<store::R2Reader> reader = *std::move(opened);
  const model::R2Object& object = reader->object();
  http::Headers headers = headers_of(object);
  if (is_not_modified(call.request, object)) return http::Response{304, std::move(headers), {}};
  const auto size = static_cast<std::uint64_t>(object.size);
  const std::optional<model::R2Range> range = model::read_r2_range(call.request.header("range"));
  Result<model::R2Span> span = model::r2_span(range.value_or(model::R2Range{}), size);
  if (!span) return http::Response{416, {{"content-range", fmt::format("bytes */{}", size)}}, {}};
  if (span->length == 0) return http::Response{200, std::move(headers), {}};
  if (range)
    headers.emplace_back("content-range",
                         fmt::format("bytes {}-{}/{}", span->offset, span->offset + span->length - 1, size));
  http::Stream out{range ? 206 : 200, std::move(headers), {}, span->length};
  out.next = [reader, left = *span]() mutable -> http::StreamStep {
    Result<std::string> bytes = store::read_on(*reader, left);
    if (!bytes) return {{}, std::nullopt, true};
    return {*std::move(bytes), std::nullopt, left.length == 0};
  };
  return out;
}

}  // namespace

void add_contents(Routes& routes) {
  routes.add("GET", "/{bucket_name}/objects/{object_key}", Needs::data_read, get_object,
             {std::size_t{64} << 10U, http::Work::read, false, true});
  routes.add("PUT", "/{bucket_name}/objects/{object_key}", Needs::data_write, put_object,
             {model::kLargestR2Object, http::Work::upload, false, true}, open_body);
}

}  // namespace kiln::api::r2
