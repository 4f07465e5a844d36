// Snapshots of the database as files of their own. Owned by app; safe from any thread.
#pragma once

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/snapshot_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// The uploads that the rows name.
[[nodiscard]] BlobHashes load_named_blobs(Connection& db);

class SqliteSnapshotStore final : public SnapshotStore {
 public:
  // The key is for what settle_restored() attests.
  SqliteSnapshotStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  [[nodiscard]] Status write_snapshot(const std::filesystem::path& file,
                                      const std::function<bool()>& go_on) override;
  [[nodiscard]] Status write_space(const std::filesystem::path& space, const std::filesystem::path& file,
                                   const std::function<bool()>& go_on) override;
  [[nodiscard]] Result<SnapshotFacts> read_snapshot(const std::filesystem::path& file) override;
  [[nodiscard]] Result<Settled> settle_restored(const std::string& reason) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
