// GET /openapi.json: the description of every public route, made from api/openapi.yaml when Kiln is built and
// embedded in the program. No token. Registered once by app; keeps no state, any thread.
#pragma once

#include <string_view>

#include "http/router.h"

namespace kiln::api {

struct OpenApiDocument {
  std::string_view json;
  std::string_view etag;  // with its quotes; changes whenever the document does
};

// Defined in the source that tools/openapi_embed.py writes.
[[nodiscard]] OpenApiDocument openapi_document();

// 200 with the document, or 304 to an If-None-Match that names its ETag.
void add_openapi_route(http::Router& router);

}  // namespace kiln::api
