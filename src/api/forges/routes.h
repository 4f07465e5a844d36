// The source hosts that an account has set up: …/builds/forges, Kiln's own; and the two pages that walk a
// person through making an App there, which need no token but an unguessable, short-lived state. Registered
// once by app; handlers keep no state but the manifests that are under way, and ask the host on threads of
// http::Work::git.
#pragma once

#include <functional>
#include <string>

#include "api/auth.h"
#include "api/forges/manifests.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "forges/directory.h"
#include "http/router.h"
#include "store/forge_store.h"
#include "store/report_store.h"

namespace kiln::api {

struct ForgesDeps {
  store::ForgeStore& forges;
  forges::Directory& directory;
  store::ReportStore& reports;
  const Clock& clock;
  Entropy& entropy;
  PendingApps& pending;                     // the same of every router
  std::function<std::string()> public_url;  // how hosts and people reach this server
};

void add_forge_routes(http::Router& router, const Gate& gate, const ForgesDeps& deps);

}  // namespace kiln::api
