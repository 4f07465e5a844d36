// /livez and /healthz (the process answers) and /readyz (it can do its work). No token. Registered once by
// app.
#pragma once

#include <functional>

#include "base/result.h"
#include "http/router.h"

namespace kiln::api {

// `ready` is asked at every /readyz; its error's words are shown with a 503.
void add_health_routes(http::Router& router, std::function<Status()> ready);

}  // namespace kiln::api
