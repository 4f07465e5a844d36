// GET /openapi.json: the description of every public route, made from api/openapi.yaml when Kiln is built and
// embedded in the program. No token. Registered once by app; keeps no state, any thread.
#pragma once

#include <span>
#include <string_view>

#include "http/router.h"

namespace kiln::api {

struct OpenApiDocument {
  std::string_view json;
  std::string_view etag;  // with its quotes; changes whenever the document does
};

// Defined in the source that tools/openapi_embed.py writes.
[[nodiscard]] OpenApiDocument openapi_document();

// Which successes of an operation that writes leave a row in the audit: each; those that changed something in
// the store; none, since it only reads (x-kiln-audit).
enum class Audited { always, changes, never };

struct OperationName {
  std::string_view route;  // "PATCH /client/v4/accounts/{account_id}/…", as the router has it
  std::string_view name;   // operationId
  Audited audited = Audited::always;
};

// Of all that are no GET, and of GETs that write all the same (x-kiln-audit). In the same source.
[[nodiscard]] std::span<const OperationName> operation_names();

// 200 with the document, or 304 to an If-None-Match that names its ETag.
void add_openapi_route(http::Router& router);

}  // namespace kiln::api
