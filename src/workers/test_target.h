// What the tests of this room stand on: a store in a temporary folder, and uploads in a line. Only for tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/fs.h"
#include "testing/memory_store.h"
#include "workers/ports_for_test.h"
#include "workers/upload.h"

namespace kiln::workers {

struct TestTarget {
  testing::TestStore store;
  BlobStore blobs{store.folder.path() / "blobs"};
  AccountHosts hosts{store.accounts, "localhost"};
  Ports ports = ports_of(store, blobs, hosts);
  model::Account account = store.add_account();
  model::Worker worker = store.add_worker(account.id, "hello");
  Actor actor{account.id, "dev@localhost", "wrangler", {}};

  // A module Worker with this metadata and main module.
  Result<model::Version> upload(const std::string& metadata = "{\"main_module\":\"index.js\"}",
                                const std::string& code = "export default {}", bool deploy = false,
                                bool strict = true) {
    const std::vector<Part> parts = {{"metadata", {}, "", metadata},
                                     {"index.js", "index.js", "application/javascript+module", code}};
    return upload_version(ports, actor, {worker, false, parts, strict, deploy});
  }
  std::string deployed() {
    const auto found = store.versions.deployments(worker.tag, {1, 10});
    if (!found || found->items.empty()) return {};
    return found->items[0].versions[0].version_id.str();
  }
};

}  // namespace kiln::workers
