// A stopped build's text as the caches of BuildTexts hand it out, and as they keep it. Values; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "api/http/conditional.h"
#include "base/ids.h"

namespace kiln::api::builds {

// Good as long as its owner, which the cache has added to the caller's list of owners.
struct KeptText {
  std::string_view json;
  http::Digest digest{};  // of the text
  Uuid trigger;
};

using Owners = std::vector<std::shared_ptr<const void>>;

// In front of each text that is kept: whose it is, and as of when.
struct alignas(64) TextHead {
  Uuid id;
  Uuid trigger;
  http::Digest digest{};
  std::uint32_t account = 0;     // a number of the cache's own
  std::uint32_t generation = 0;  // of store::Changes::stopped_builds
  std::uint32_t size = 0;        // of the text

  [[nodiscard]] static TextHead of(const Uuid& id, std::uint32_t account, std::uint64_t generation,
                                   const KeptText& text) {
    return {id,
            text.trigger,
            text.digest,
            account,
            static_cast<std::uint32_t>(generation),
            static_cast<std::uint32_t>(text.json.size())};
  }
  [[nodiscard]] bool is_of(const Uuid& wanted, std::uint32_t account_number, std::uint64_t now) const {
    return id == wanted && account == account_number && generation == static_cast<std::uint32_t>(now);
  }
};
static_assert(sizeof(TextHead) == 64);

}  // namespace kiln::api::builds
