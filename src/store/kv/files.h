// store::KvValues in one SQLite file a space: what one Worker writes waits for no other's disk, a deleted
// space gives its disk back at once, and a limit is its file's. Files are opened by use; those used longest
// ago are closed again.
//
// Owned by app; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "store/kv_values.h"
#include "store/sqlite/database.h"
#include "store/sqlite/migrations.h"

namespace kiln::store::kv {

struct FileLimits {
  std::size_t open = 128;  // files kept open
  std::int64_t bytes = 0;  // of one space; 0: no bound
};

class Files final : public KvValues {
 public:
  // `folder` is there, and ours alone. The clock outlives it.
  Files(std::filesystem::path folder, const Clock& clock, const FileLimits& limits);

  [[nodiscard]] Status make(const std::string& space) override;
  [[nodiscard]] Status drop(const std::string& space) override;
  [[nodiscard]] Result<std::vector<std::string>> spaces() override;
  [[nodiscard]] Result<std::vector<std::optional<KvEntry>>> get(
      const std::string& space, const std::vector<std::string>& names) override;
  [[nodiscard]] Status put(const std::string& space, const std::vector<KvEntry>& entries) override;
  [[nodiscard]] Status remove(const std::string& space, const std::vector<std::string>& names) override;
  [[nodiscard]] Result<KvKeys> list(const std::string& space, const KvListing& listing) override;
  [[nodiscard]] Result<KvSize> size(const std::string& space) override;
  [[nodiscard]] Status sweep() override;

 private:
  using File = std::shared_ptr<sqlite::Database>;
  using May = sqlite::Database::May;
  struct Open {
    File file;
    std::list<std::string>::iterator place;
  };

  [[nodiscard]] Result<File> open(const std::string& space, May may);
  [[nodiscard]] Status sweep_one(const std::string& space);
  [[nodiscard]] std::filesystem::path path_of(const std::string& space) const;

  std::filesystem::path folder_;
  const Clock& clock_;
  std::size_t most_open_;
  sqlite::Schema schema_;
  std::mutex mutex_;
  std::list<std::string> used_;  // the last used comes first
  std::unordered_map<std::string, Open> open_;
};

}  // namespace kiln::store::kv
