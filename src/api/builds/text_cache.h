// The texts of stopped builds by id, the recently used ones up to a size: two halves, the older of which is
// dropped whole when the younger is full. Whoever asks compares generations: a stopped build changes only
// when a pull request is noted on it. Owned by BuildTexts; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/builds/kept_text.h"
#include "api/builds/text_arena.h"
#include "api/builds/text_table.h"
#include "base/ids.h"

namespace kiln::api::builds {

class TextCache {
 public:
  // About as many bytes of texts, their bookkeeping not counted, are kept at most.
  explicit TextCache(std::size_t max_bytes) : half_bytes_(max_bytes / 2) {}

  // Calls take(id, found) for each id, in order: a null pointer unless it was put for this account at this
  // `generation` of store::Changes::stopped_builds. Must not call the cache. Adds to `owners` what keeps the
  // texts where they are.
  template <typename Take>
  void find(std::span<const Uuid> ids, const std::string& account_id, std::uint64_t generation,
            Owners& owners, Take&& take) {
    const std::lock_guard lock(mutex_);
    const auto account = accounts_.find(account_id);
    for (const Uuid& id : ids) {
      if (const auto place = young_.table.find(id)) young_.arena->prefetch(*place);
    }
    for (const Uuid& id : ids) {
      const std::optional<KeptText> found =
          account == accounts_.end() ? std::nullopt : find_locked(id, {account->second, generation}, owners);
      take(id, found ? &*found : nullptr);
    }
    add_owners(owners);
  }
  // Keeps `text` and answers where; one of unusual size is not kept, but copied. `generation`: read before
  // the build was.
  KeptText put(const Uuid& id, const std::string& account_id, std::uint64_t generation, const KeptText& text,
               Owners& owners);

 private:
  struct Half {
    TextTable<TextArena::Place> table;
    std::shared_ptr<TextArena> arena = std::make_shared<TextArena>();
  };

  // Whose text is wanted, and as of when.
  struct Wanted {
    std::uint32_t account;
    std::uint64_t generation;
  };
  [[nodiscard]] std::optional<KeptText> find_locked(const Uuid& id, Wanted wanted, Owners& owners);
  // Nothing when the text is not kept. A half that is dropped goes to `owners`, who may be reading from it.
  [[nodiscard]] std::optional<std::string_view> put_locked(const TextHead& head, std::string_view json,
                                                           Owners& owners);
  void add_owners(Owners& owners) const;

  const std::size_t half_bytes_;
  std::mutex mutex_;
  Half young_;
  Half old_;
  std::unordered_map<std::string, std::uint32_t> accounts_;
};

}  // namespace kiln::api::builds
