// Reads a backup from its beginning to its end and believes nothing of it: who sends one may be hostile. Only
// plain files with the names of facts.h are taken, each once, in that order, and no more bytes than the facts
// announce. Belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ops/archive/facts.h"

namespace kiln::ops {

struct BackupEntry {
  EntryKind kind = EntryKind::facts;
  std::string name;
  std::uint64_t size = 0;
};

// Whoever puts the entries somewhere, or nobody. What an entry holds is known to be right only once
// read_backup() has returned without an error. An error of one of these ends the reading.
class BackupSink {
 public:
  virtual ~BackupSink() = default;
  // Before anything else is read.
  [[nodiscard]] virtual Status facts(const BackupFacts& /*facts*/) { return {}; }
  // Of the database, the key, namespaces and uploads alone.
  [[nodiscard]] virtual Status begin(const BackupEntry& /*entry*/) { return {}; }
  [[nodiscard]] virtual Status piece(std::string_view /*bytes*/) { return {}; }
  [[nodiscard]] virtual Status end() { return {}; }
};

struct BackupContents {
  BackupFacts facts;
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;           // of all entries
  std::vector<std::string> missing;  // lines of MISSING
};

// The next bytes of the archive, good until the next call; empty at its end.
using BackupSource = std::function<Result<std::string_view>()>;

// Errors: Errc::corrupt for what is no backup, is damaged, cut short, or holds what no backup does;
// Errc::conflict for one that needs a newer Kiln; those of the source and of the sink.
[[nodiscard]] Result<BackupContents> read_backup(const BackupSource& source, BackupSink& sink);

// From a file.
[[nodiscard]] Result<BackupContents> read_backup_file(const std::string& file, BackupSink& sink);

}  // namespace kiln::ops
