#include "api/health.h"

namespace kiln::api {
namespace {

http::Response text(int status, std::string words) {
  return {status,
          {{"content-type", "text/plain; charset=utf-8"}, {"cache-control", "no-store"}},
          std::move(words)};
}

}  // namespace

void add_health_routes(http::Router& router, std::function<Status()> ready) {
  for (const char* path : {"/livez", "/healthz"}) {
    router.add("GET", path, {.max_body = 0, .work = http::Work::quick},
               [](const http::Request&) -> http::Reply { return text(200, "ok\n"); });
  }
  router.add("GET", "/readyz", {.max_body = 0},
             [ready = std::move(ready)](const http::Request&) -> http::Reply {
               const Status state = ready();
               return state ? text(200, "ready\n") : text(503, "not ready: " + state.error().message + "\n");
             });
}

}  // namespace kiln::api
