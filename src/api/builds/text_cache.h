// The texts of stopped builds by id, the recently used ones up to a size: two halves, the older of which is
// dropped whole when the younger is full. Whoever asks compares generations: a stopped build changes only
// when a pull request is noted on it. Owned by BuildTexts; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/builds/text_arena.h"
#include "api/builds/text_table.h"
#include "api/http/conditional.h"
#include "api/http/message.h"
#include "base/ids.h"

namespace kiln::api::builds {

// JSON that is kept to be sent again, and what stands for it in an entity tag.
struct Text {
  http::SharedBytes json;
  http::Digest digest{};

  [[nodiscard]] static Text of(std::string_view json) {
    return {http::SharedBytes::copy_of(json), http::digest_of(json)};
  }
};

class TextCache {
 public:
  struct Found {
    Text text;
    Uuid trigger;
  };

  // About as many bytes of texts, their bookkeeping not counted, are kept at most.
  explicit TextCache(std::size_t max_bytes) : half_bytes_(max_bytes / 2) {}

  // Calls take(id, found) for each id, in order: nothing unless it was put for this account at this
  // `generation` of store::Changes::stopped_builds. Must not call the cache.
  template <typename Take>
  void find(std::span<const Uuid> ids, const std::string& account_id, std::uint64_t generation, Take&& take) {
    const std::lock_guard lock(mutex_);
    const auto account = accounts_.find(account_id);
    for (const Uuid& id : ids) {
      young_.table.prefetch(id);
      old_.table.prefetch(id);
    }
    for (const Uuid& id : ids) {
      take(id, account == accounts_.end() ? std::nullopt : find_locked(id, account->second, generation));
    }
  }
  [[nodiscard]] std::optional<Found> find(const Uuid& id, const std::string& account_id,
                                          std::uint64_t generation);
  // Keeps `json` and answers where; one of unusual size is not kept. `generation`: read before the build was.
  [[nodiscard]] Text put(const Uuid& id, const std::string& account_id, std::uint64_t generation,
                         std::string_view json, const Uuid& trigger);

 private:
  struct Half {
    TextTable table;
    TextArena arena;
  };

  [[nodiscard]] std::optional<Found> find_locked(const Uuid& id, std::uint32_t account,
                                                 std::uint64_t generation);
  // Nothing when the text is not kept.
  [[nodiscard]] std::optional<http::SharedBytes> put_locked(TextTable::Entry entry, std::string_view json);

  const std::size_t half_bytes_;
  std::mutex mutex_;
  Half young_;
  Half old_;
  std::unordered_map<std::string, std::uint32_t> accounts_;
};

}  // namespace kiln::api::builds
