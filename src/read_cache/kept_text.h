// A stopped build's text as the caches of BuildTexts hand it out, and as they keep it. Values; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "http/conditional.h"

namespace kiln::read_cache {

// Good as long as its owner, which the cache has added to the caller's list of owners.
struct KeptText {
  std::string_view json;
  http::Digest digest{};  // of the text
  Uuid trigger;
};

using Owners = std::vector<std::shared_ptr<const void>>;

// `json` as the text of `text`, kept by `owners` alone.
[[nodiscard]] inline KeptText own_text(std::string json, const KeptText& text, Owners& owners) {
  auto own = std::make_shared<const std::string>(std::move(json));
  const KeptText out{*own, text.digest, text.trigger};
  owners.push_back(std::move(own));
  return out;
}

// In front of each text that is kept: whose it is.
struct alignas(64) TextHead {
  Uuid id;
  Uuid trigger;
  http::Digest digest{};
  std::uint32_t account = 0;  // a number of the TextLedger
  std::uint32_t size = 0;     // of the text

  [[nodiscard]] static TextHead of(const Uuid& id, std::uint32_t account, const KeptText& text) {
    return {id, text.trigger, text.digest, account, static_cast<std::uint32_t>(text.json.size())};
  }
  [[nodiscard]] bool is_of(const Uuid& wanted, std::uint32_t account_number) const {
    return id == wanted && account == account_number;
  }
};
static_assert(sizeof(TextHead) == 64);

// Of a head in front of its text.
[[nodiscard]] inline std::string_view text_behind(const TextHead& head) {
  return {reinterpret_cast<const char*>(&head + 1), head.size};
}
[[nodiscard]] inline KeptText kept_text(const TextHead& head) {
  return {text_behind(head), head.digest, head.trigger};
}

}  // namespace kiln::read_cache
