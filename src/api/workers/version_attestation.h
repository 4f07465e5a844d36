// How versions were made, as a signed statement, and what is stored of them now: Kiln's own routes.
// Registered once by app; handlers keep no state.
#pragma once

#include "api/auth.h"
#include "http/router.h"
#include "store/attestation_store.h"
#include "store/version_store.h"
#include "workers/blob_store.h"

namespace kiln::api {

// Everything in it outlives the router.
struct AttestationDeps {
  store::AttestationStore& attestations;
  store::VersionStore& versions;
  const workers::BlobStore& blobs;
};

void add_attestation_routes(http::Router& router, const Gate& gate, const AttestationDeps& deps);

}  // namespace kiln::api
