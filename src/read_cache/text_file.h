// The texts of stopped builds on disk, behind a TextCache: a history that is read all over does not fit into
// memory, and reading a text back takes one call of the system, where assembling it anew takes a search of
// the database. A file without a name that goes with the process: nothing is lost with it, and no text of
// another version of Kiln is ever found in it. Its pages are the system's, which takes them when memory is
// short.
//
// In two halves, like the cache: the older one is dropped whole when the younger is full. Owned by
// BuildTexts; safe from any thread. Blocks on disk as the store does, a reader for nobody but himself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/ids.h"
#include "read_cache/kept_text.h"
#include "read_cache/text_ledger.h"
#include "read_cache/text_table.h"

namespace kiln::read_cache {

class TextFile {
 public:
  static constexpr std::size_t kLargestText = 64U << 10U;
  // More than builds leave by default (runner.min_free_disk), whose own caches would give way to this one.
  static constexpr std::uint64_t kLeaveFree = std::uint64_t{4} << 30U;

  // In `folder`, which nothing is asked of before the first text; at most `max_bytes` (0: keeps nothing).
  // Where less than `leave_free` is left on that disk, nothing more is written.
  TextFile(std::filesystem::path folder, std::uint64_t max_bytes, const store::ChangedBuilds& changed,
           std::uint64_t leave_free = kLeaveFree);

  // For each id, in order: nothing unless it was put for this account and is right still. Adds to `owners`.
  [[nodiscard]] std::vector<std::optional<KeptText>> find(std::span<const Uuid> ids,
                                                          const std::string& account_id, Owners& owners);
  // `as_of`: store::ChangedBuilds::count() before the build was read; what may be no longer right is not
  // kept. When the disk takes no more, a warning says so once, the room is given back, and nothing is kept
  // from then on.
  void put(const Uuid& id, const std::string& account_id, std::uint64_t as_of, const KeptText& text);
  // What is on disk and on its way there.
  [[nodiscard]] std::uint64_t bytes();

 private:
  // Where a record lies in its half, and its bytes with its head.
  struct Place {
    std::uint32_t unit = 0;
    std::uint32_t size = 0;
  };
  struct Half {
    std::shared_ptr<const Fd> file;  // stays open as long as somebody reads from it
    std::uint64_t written = 0;       // bytes in the file; pending ones come behind
    std::string pending;
    TextTable<Place> table;
  };

  [[nodiscard]] bool begin_half();
  // False when it is in the file already.
  [[nodiscard]] static bool copy_pending(const Half& half, Place place, char* into);
  // False when not all of it could be read.
  [[nodiscard]] static bool read(const Fd& file, Place place, char* into);
  void write_pending(Half& half);
  void give_up(const Error& error);

  const std::filesystem::path folder_;
  const std::uint64_t half_bytes_;
  const std::uint64_t leave_free_;
  std::mutex mutex_;  // not held while the disk is read
  bool off_;
  Half young_;
  Half old_;
  TextLedger ledger_;
};

}  // namespace kiln::read_cache
