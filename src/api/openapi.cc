#include "api/openapi.h"

#include <string>

#include "http/conditional.h"

namespace kiln::api {

void add_openapi_route(http::Router& router) {
  router.add("GET", "/openapi.json", {.max_body = 0, .work = http::Work::quick},
             [](const http::Request& request) -> http::Reply {
               const OpenApiDocument document = openapi_document();
               const http::Headers headers = {{"content-type", "application/json"},
                                              {"etag", std::string(document.etag)},
                                              {"cache-control", "no-cache"}};
               if (http::names_tag(request.header("if-none-match"), document.etag))
                 return http::Response{304, headers, {}};
               http::Response response{200, headers, {}};
               response.shared.add_lasting(document.json);
               return response;
             });
}

}  // namespace kiln::api
