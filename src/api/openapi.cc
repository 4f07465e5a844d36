#include "api/openapi.h"

#include <string>

#include "base/strings.h"

namespace kiln::api {
namespace {

// Whether an If-None-Match value names this ETag; a weak one compares like a strong one (RFC 9110, 13.1.2).
bool names_etag(std::string_view value, std::string_view etag) {
  for (const std::string& part : split(value, ',')) {
    std::string_view word = trim(part);
    if (word == "*") return true;
    if (word.starts_with("W/")) word.remove_prefix(2);
    if (word == etag) return true;
  }
  return false;
}

}  // namespace

void add_openapi_route(http::Router& router) {
  router.add("GET", "/openapi.json", {}, [](const http::Request& request) -> http::Reply {
    const OpenApiDocument document = openapi_document();
    const http::Headers headers = {{"content-type", "application/json"},
                                   {"etag", std::string(document.etag)},
                                   {"cache-control", "no-cache"}};
    if (names_etag(request.header("if-none-match"), document.etag)) return http::Response{304, headers, {}};
    return http::Response{200, headers, std::string(document.json)};
  });
}

}  // namespace kiln::api
