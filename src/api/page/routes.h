// The page: its shell under every address that it has, its files, and ways to it from the hosted dashboard's
// addresses. Not part of the API, and so not in its document; on the public TCP listener alone, under host
// names that are known. Registered once by app; no state, any thread.
#pragma once

#include "api/sessions/origin_checks.h"
#include "http/router.h"

namespace kiln::api {

void add_page_routes(http::Router& router, const sessions::PageRules& rules);

}  // namespace kiln::api
