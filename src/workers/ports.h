// What the functions of this room work on, and on whose behalf. Owned by the routes' wiring; passed by
// reference.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/entropy.h"
#include "store/worker_store.h"
#include "workers/account_hosts.h"
#include "workers/blob_store.h"
#include "workers/validator.h"

namespace kiln::workers {

struct Ports {
  store::WorkerStore& store;
  BlobStore& blobs;
  const Clock& clock;
  Entropy& entropy;
  const AccountHosts& hosts;
  int max_aliases = 1000;          // of one Worker; the least recently uploaded gives way
  Validator* validator = nullptr;  // null: uploads are taken without being started
};

struct Actor {
  std::string account_id;
  std::string author_email;
  std::string source;         // "wrangler", "api", "workersci"
  std::optional<Uuid> build;  // set when a build's own token acts
};

}  // namespace kiln::workers
