// Static assets on their way in. Uploads carry the session's token instead of an API token.
#include "workers/assets.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/acts.h"
#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/strings.h"
#include "workers/multipart.h"
#include "workers/names.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxManifest = std::size_t{32} << 20U;
constexpr std::size_t kMaxContentType = 256;

// The Worker need not exist yet.
Result<http::Reply> open_upload(const WorkersDeps& deps, const Call& call) {
  const std::string name = call.request.param("script_name");
  if (const Status may = check_may_write(call, name); !may) return tl::unexpected<Error>(may.error());
  if (const Status fits = workers::check_worker_name(name); !fits) return tl::unexpected<Error>(fits.error());
  const Result<json::object> body = body_object(call.request);
  if (!body) return tl::unexpected<Error>(body.error());
  Result<std::vector<model::AssetFile>> manifest = workers::parse_manifest(*body);
  if (!manifest) return tl::unexpected<Error>(manifest.error());
  const Result<workers::OpenedSession> opened =
      workers::open_session(deps.ports, call.account_id, name, *std::move(manifest),
                            call.who.build && call.who.build->previews_only());
  if (!opened) return tl::unexpected<Error>(opened.error());
  json::array buckets;
  for (const std::vector<std::string>& bucket : opened->buckets)
    buckets.emplace_back(json::array(bucket.begin(), bucket.end()));
  return success_response(json::object{{"jwt", opened->token}, {"buckets", std::move(buckets)}});
}

Result<store::AssetSession> session_of(const WorkersDeps& deps, const http::Request& request) {
  Result<store::AssetSession> session = workers::find_session(deps.ports, bearer_of(request));
  if (session && session->account_id != request.param("account_id")) {
    return fail(Errc::unauthenticated, "This asset upload is of another account.");
  }
  return session;
}

// An upload counts to the Worker that it is for, to which a build's token is bound.
Status check_session(const WorkersDeps& deps, const http::Request& request) {
  const Result<store::AssetSession> session = session_of(deps, request);
  if (!session) return tl::unexpected<Error>(session.error());
  Gate::counts_to(request, Gate::worker_share(session->account_id, session->worker_name));
  return {};
}

Status check_content_type(std::string_view content_type) {
  if (content_type.size() <= kMaxContentType && workers::is_valid_utf8(content_type)) return {};
  return fail(Errc::invalid, "A file's content type is too long or not UTF-8.", "content-type");
}

// 202 while files are missing; 201 with the completion token, the session's own, once all are there.
Result<http::Reply> take(const WorkersDeps& deps, const http::Request& request,
                         const store::AssetSession& session,
                         const std::vector<workers::IncomingAsset>& assets) {
  acts_as({"upload", "", session.worker_name}, session.account_id);
  const Result<bool> complete = workers::take_assets(deps.ports, session, assets);
  if (!complete) return tl::unexpected<Error>(complete.error());
  json::object result;
  if (*complete) result["jwt"] = bearer_of(request);
  http::Response response = success_response(std::move(result));
  response.status = *complete ? 201 : 202;
  return response;
}

Result<http::Reply> upload_bucket(const WorkersDeps& deps, const http::Request& request) {
  const Result<store::AssetSession> session = session_of(deps, request);
  if (!session) return tl::unexpected<Error>(session.error());
  const Result<std::vector<workers::Part>> parts =
      workers::parse_multipart(request.header("content-type"), request.body);
  if (!parts) return tl::unexpected<Error>(parts.error());
  const bool encoded = request.query_value("base64") == "true";
  std::vector<workers::IncomingAsset> assets;
  for (const workers::Part& part : *parts) {
    if (const Status fits = check_content_type(part.content_type); !fits)
      return tl::unexpected<Error>(fits.error());
    std::optional<std::string> bytes = encoded ? from_base64(part.content) : std::string(part.content);
    if (!bytes) return fail(Errc::invalid, "A file's content is not base64.", "hash");
    assets.push_back({part.name, part.content_type, *std::move(bytes)});
  }
  return take(deps, request, *session, assets);
}

Result<http::Reply> upload_one(const WorkersDeps& deps, const http::Request& request) {
  const Result<store::AssetSession> session = session_of(deps, request);
  if (!session) return tl::unexpected<Error>(session.error());
  const std::string content_type(request.header("content-type"));
  if (const Status fits = check_content_type(content_type); !fits) return tl::unexpected<Error>(fits.error());
  return take(deps, request, *session, {{request.param("hash"), content_type, request.body}});
}

}  // namespace

void add_asset_routes(http::Router& router, const AddRoute& add, const WorkersDeps& deps) {
  const std::string uploads = "/client/v4/accounts/{account_id}/workers/assets/upload";
  add("POST", script_path("/assets-upload-session"), Needs::preview_write,
      {.max_body = kMaxManifest, .work = http::Work::upload},
      [deps](const Call& call) { return open_upload(deps, call); });
  const auto check = [deps](const http::Request& request) { return check_session(deps, request); };
  router.add(
      "POST", uploads, {.max_body = kMaxUpload, .work = http::Work::upload},
      Gate::open(check, [deps](const http::Request& request) { return upload_bucket(deps, request); }));
  router.add("POST", uploads + "/{hash}", {.max_body = workers::kMaxAssetBytes, .work = http::Work::upload},
             Gate::open(check, [deps](const http::Request& request) { return upload_one(deps, request); }));
}

}  // namespace kiln::api
