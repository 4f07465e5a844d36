#include "api/page/routes.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "api/error_table.h"
#include "api/page/assets.h"
#include "base/ids.h"
#include "base/strings.h"
#include "http/conditional.h"

namespace kiln::api {
namespace {

using page::Asset;

// Nothing is loaded from elsewhere, nobody frames the page, and no text becomes a script.
const http::Headers& page_headers() {
  static const http::Headers headers = {
      {"content-security-policy",
       "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
       "require-trusted-types-for 'script'"},
      {"x-content-type-options", "nosniff"},
      {"referrer-policy", "no-referrer"},
      {"cross-origin-opener-policy", "same-origin"},
      {"cross-origin-resource-policy", "same-origin"}};
  return headers;
}

http::Response send_asset(const http::Request& request, const Asset& asset, bool immutable) {
  http::Response response{200, page_headers(), {}};
  response.headers.emplace_back("content-type", asset.content_type);
  response.headers.emplace_back("cache-control",
                                immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.emplace_back("etag", asset.etag);
  response.headers.emplace_back("vary", "accept-encoding");
  if (http::names_tag(request.header("if-none-match"), asset.etag)) {
    response.status = 304;
    return response;
  }
  const bool gzip = !asset.gzip.empty() && http::accepts_gzip(request.header("accept-encoding"));
  if (gzip) response.headers.emplace_back("content-encoding", "gzip");
  response.shared.add_lasting(gzip ? asset.gzip : asset.bytes);
  return response;
}

// "/<account>/workers/services/view/<worker>/production/builds/<uuid>", where the hosted dashboard shows a
// build: the id, or nothing.
std::optional<Uuid> build_of_hosted_path(const std::string& path) {
  const std::vector<std::string> parts = split(path, '/');
  const bool fits = parts.size() == 9 && parts[0].empty() && parts[2] == "workers" &&
                    parts[3] == "services" && parts[4] == "view" && parts[6] == "production" &&
                    parts[7] == "builds";
  return fits ? Uuid::parse(parts[8]) : std::nullopt;
}

http::Response redirect(const Uuid& build) {
  http::Response response{302, page_headers(), {}};
  response.headers.emplace_back("location", "/builds/" + build.str());
  response.headers.emplace_back("cache-control", "no-cache");
  return response;
}

using PageHandler = http::Response (*)(const http::Request&);

http::Response shell(const http::Request& request) {
  if (const std::optional<std::string> to = request.query_value("to")) {
    if (const std::optional<Uuid> build = build_of_hosted_path(*to)) return redirect(*build);
  }
  return send_asset(request, page::assets().front(), false);
}

http::Response hosted(const http::Request& request) {
  if (const std::optional<Uuid> build = build_of_hosted_path(request.path)) return redirect(*build);
  return shell(request);
}

http::Response file(const http::Request& request) {
  for (const Asset& asset : page::assets()) {
    if (asset.path == request.path) return send_asset(request, asset, true);
  }
  return error_response(request, Error{Errc::no_route, "there is no such file of the page", {}});
}

}  // namespace

void add_page_routes(http::Router& router, const sessions::PageRules& rules) {
  const auto known = std::make_shared<const sessions::PageRules>(rules);
  const http::RouteOptions quick{.max_body = 0, .work = http::Work::quick};
  const auto add = [&](const char* pattern, PageHandler handler) {
    router.add("GET", pattern, quick, [known, handler](const http::Request& request) -> http::Reply {
      if (const auto host = sessions::check_host(request, *known); !host)
        return error_response(request, host.error());
      return handler(request);
    });
  };
  for (const char* address : {"/", "/login", "/start", "/connect", "/queue", "/account/{rest*}",
                              "/builds/{rest*}", "/workers/{rest*}", "/pushes/{rest*}"})
    add(address, shell);
  add("/assets/{rest*}", file);
  add("/{account_id}/workers/services/view/{script_name}/production/builds/{build_uuid}", hosted);
}

}  // namespace kiln::api
