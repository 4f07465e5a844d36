// Answers by id, the recently used ones up to a size: two halves, the older of which is dropped whole when
// the younger is full. Owned by BuildTexts; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"

namespace kiln::api::builds {

using Text = std::shared_ptr<const std::string>;

class TextCache {
 public:
  // About as many bytes of texts, their bookkeeping not counted, are kept at most.
  explicit TextCache(std::size_t max_bytes) : half_bytes_(max_bytes / 2) {}

  // Nothing unless it was put for this account and at this generation.
  [[nodiscard]] Text find(const Uuid& id, std::string_view account_id, std::uint64_t generation);
  void put(const Uuid& id, const std::string& account_id, std::uint64_t generation, Text text);

 private:
  struct Entry {
    std::string account_id;
    std::uint64_t generation = 0;
    Text text;
  };
  // Ids are random already: eight of their bytes are as good as any hash. Nobody outside chooses them.
  struct IdHash {
    std::size_t operator()(const Uuid& id) const noexcept;
  };
  using Entries = std::unordered_map<Uuid, Entry, IdHash>;

  void put_locked(const Uuid& id, Entry entry);

  const std::size_t half_bytes_;
  std::mutex mutex_;
  Entries young_;
  Entries old_;
  std::size_t young_bytes_ = 0;
};

}  // namespace kiln::api::builds
