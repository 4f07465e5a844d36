// The texts of stopped builds by id, the recently used ones up to a size: two halves, the older of which is
// dropped whole when the younger is full. A stopped build changes only when a pull request is noted on it,
// and then its texts are dropped. Owned by BuildTexts; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/builds/kept_text.h"
#include "api/builds/text_arena.h"
#include "api/builds/text_ledger.h"
#include "api/builds/text_table.h"
#include "base/ids.h"

namespace kiln::api::builds {

class TextCache {
 public:
  // About as many bytes of texts, their bookkeeping not counted, are kept at most.
  TextCache(std::size_t max_bytes, const store::ChangedBuilds& changed)
      : half_bytes_(max_bytes / 2), ledger_(changed) {}

  // Calls take(id, found) for each id, in order: a null pointer unless it was put for this account and is
  // right still. Must not call the cache. Adds to `owners` what keeps the texts where they are.
  template <typename Take>
  void find(std::span<const Uuid> ids, const std::string& account_id, Owners& owners, Take&& take) {
    const std::lock_guard lock(mutex_);
    ledger_.catch_up(young_, old_);
    const std::optional<std::uint32_t> account = ledger_.find_account(account_id);
    for (const Uuid& id : ids) {
      if (const auto place = young_.table.find(id)) young_.arena->prefetch(*place);
    }
    for (const Uuid& id : ids) {
      const std::optional<KeptText> found = account ? find_locked(id, *account, owners) : std::nullopt;
      take(id, found ? &*found : nullptr);
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

  [[nodiscard]] std::optional<KeptText> find_locked(const Uuid& id, std::uint32_t account, Owners& owners);
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

}  // namespace kiln::api::builds
