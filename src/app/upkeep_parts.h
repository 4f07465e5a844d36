// What keeps a server for years: backups, checks, and what takes old things away, by itself too. Owned by
// Service, as one of its parts; start() and stop() from its thread.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "api/control/routes.h"
#include "base/clock.h"
#include "events/hub.h"
#include "model/retention.h"
#include "ops/upkeep/backup.h"
#include "ops/upkeep/check.h"
#include "ops/upkeep/pieces.h"
#include "ops/upkeep/prune.h"
#include "store/sqlite/upkeep/check_store.h"
#include "store/sqlite/upkeep/retention_store.h"
#include "store/sqlite/upkeep/snapshot_store.h"

namespace kiln::app {

class UpkeepParts {
 public:
  // All outlive it. `box`: opens what the database holds sealed; `key`: the file of the key; `kv`, `d1`,
  // `r2_folder`: the folders of KV namespaces, D1 databases and R2 buckets; `sweep_bindings`: a prune's last
  // step, what bindings kept for versions that are gone.
  UpkeepParts(store::sqlite::Database& database, const SecretBox& box, Entropy& entropy,
              workers::BlobStore& blobs, events::Hub& hub, const Clock& clock, std::filesystem::path data_dir,
              std::filesystem::path key, const std::filesystem::path& kv, const std::filesystem::path& d1,
              store::R2Objects& r2, const std::filesystem::path& r2_folder, const model::Retention& retention,
              std::function<Status()> sweep_bindings);
  ~UpkeepParts() { stop(); }
  UpkeepParts(const UpkeepParts&) = delete;
  UpkeepParts& operator=(const UpkeepParts&) = delete;

  // Takes old things away by itself from now on.
  void start();
  // Ends what is under way.
  void stop();

  [[nodiscard]] api::UpkeepDeps deps();

 private:
  using Started = Result<std::shared_ptr<api::UpkeepAnswer>>;
  [[nodiscard]] Started answer(ops::Jobs::Kind kind, std::function<void(ops::Pieces&)> work);
  void prune(bool trial, ops::Pieces& out);
  void prune_by_itself();

  store::sqlite::SqliteSnapshotStore snapshots_;
  store::sqlite::SqliteCheckStore checks_;
  store::sqlite::SqliteRetentionStore retained_;
  workers::BlobStore& blobs_;
  events::Hub& hub_;
  const Clock& clock_;
  std::filesystem::path key_;
  model::Retention retention_;
  std::function<Status()> sweep_bindings_;
  ops::BlobHold hold_;
  ops::BackupPorts backup_;
  ops::CheckPorts check_;
  ops::PrunePorts prune_;
  ops::Jobs jobs_;
  std::mutex mutex_;  // for the pause alone
  std::condition_variable_any pause_;
  std::jthread pruner_;
};

}  // namespace kiln::app
