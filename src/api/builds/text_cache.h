// The texts of stopped builds by id, the recently used ones up to a size: two halves, the older of which is
// dropped whole when the younger is full. Whoever asks compares generations: a stopped build changes only
// when a pull request is noted on it. Owned by BuildTexts; safe from any thread.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

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
    std::uint64_t generation = 0;  // of store::Changes::stopped_builds, read before the build was
  };

  // About as many bytes of texts, their bookkeeping not counted, are kept at most.
  explicit TextCache(std::size_t max_bytes) : half_bytes_(max_bytes / 2) {}

  // Nothing unless it was put for this account.
  [[nodiscard]] std::optional<Found> find(const Uuid& id, std::string_view account_id);
  void put(const Uuid& id, std::string_view account_id, Found found);

 private:
  // The account's id inside: a look-up that finds its entry touches no memory but the entry.
  struct Entry {
    std::array<char, 32> account_id{};
    Found found;
  };
  // Ids are random already: eight of their bytes are as good as any hash. Nobody outside chooses them.
  struct IdHash {
    using is_avalanching = void;
    std::size_t operator()(const Uuid& id) const noexcept;
  };
  using Entries = boost::unordered_flat_map<Uuid, Entry, IdHash>;

  void put_locked(const Uuid& id, Entry entry);

  const std::size_t half_bytes_;
  std::mutex mutex_;
  Entries young_;
  Entries old_;
  std::size_t young_bytes_ = 0;
};

}  // namespace kiln::api::builds
