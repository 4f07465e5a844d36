// The texts of stopped builds by id, the recently used ones up to a size: two halves, the older of which is
// dropped whole when the younger is full. A stopped build changes only when a pull request is noted on it,
// and then its texts are dropped. Owned by BuildTexts; safe from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "read_cache/kept_text.h"
#include "read_cache/text_arena.h"
#include "read_cache/text_ledger.h"
#include "read_cache/text_table.h"

namespace kiln::read_cache {

class TextCache {
 public:
  // About as many bytes of texts, their bookkeeping not counted, are kept at most.
  TextCache(std::size_t max_bytes, const store::ChangedBuilds& changed)
      : half_bytes_(max_bytes / 2), ledger_(changed) {}

  // Calls take(id, found), with an optional KeptText, for each id, in order: nothing unless it was put for
  // this account and is right still. Must not call the cache. Adds to `owners` what keeps the texts where
  // they are.
  template <typename Take>
  void find(std::span<const Uuid> ids, const std::string& account_id, Owners& owners, Take&& take) {
    const std::lock_guard lock(mutex_);
    ledger_.catch_up(young_, old_);
    const std::optional<std::uint32_t> account = ledger_.find_account(account_id);
    while (!ids.empty()) {
      // Heads lie anywhere in memory: all are on their way before the first is read.
      std::array<const TextHead*, kAtOnce> heads;
      const std::size_t count = std::min(ids.size(), kAtOnce);
      for (std::size_t i = 0; i < count; ++i) {
        const auto place = young_.table.find(ids[i]);
        heads[i] = place ? &young_.arena->head(*place) : nullptr;
        __builtin_prefetch(heads[i]);
      }
      for (std::size_t i = 0; i < count; ++i) {
        const TextHead* const head = heads[i];
        if (account && head != nullptr && head->is_of(ids[i], *account)) {
          fetch_begin_of(*head);
          take(ids[i], std::optional(kept_text(*head)));
        } else {
          take(ids[i], account && head == nullptr ? find_in_old(ids[i], *account, owners) : std::nullopt);
        }
      }
      ids = ids.subspan(count);
    }
    add_owners(owners);
  }
  // Whether another text can be kept without driving one out.
  [[nodiscard]] bool has_room();
  // Keeps `text` and answers where; one of unusual size is not kept, but copied, and so is one that may be no
  // longer right. `as_of`: store::ChangedBuilds::count() before the build was read.
  KeptText put(const Uuid& id, const std::string& account_id, std::uint64_t as_of, const KeptText& text,
               Owners& owners);

 private:
  struct Half {
    TextTable<TextArena::Place> table;
    std::shared_ptr<TextArena> arena = std::make_shared<TextArena>();
  };

  static constexpr std::size_t kAtOnce = 32;  // ids

  // Has the processor fetch the text's first lines of memory before it is sent. What follows it finds on its
  // own, but from the fifth or so: by then a short text is half over.
  static void fetch_begin_of(const TextHead& head) {
    for (std::size_t line = 1; line <= 4; ++line) __builtin_prefetch(&head + line);
  }

  // Moves what it finds to the young half.
  [[nodiscard]] std::optional<KeptText> find_in_old(const Uuid& id, std::uint32_t account, Owners& owners);
  // Nothing when the text is not kept. A half that is dropped goes to `owners`, who may be reading from it.
  [[nodiscard]] std::optional<std::string_view> put_locked(const TextHead& head, std::string_view json,
                                                           Owners& owners);
  void add_owners(Owners& owners) const;

  const std::size_t half_bytes_;
  std::mutex mutex_;
  Half young_;
  Half old_;
  TextLedger ledger_;
};

}  // namespace kiln::read_cache
