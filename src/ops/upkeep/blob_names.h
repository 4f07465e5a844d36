// Names of uploads as bytes and as text. Pure functions; any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

#include "base/hex.h"
#include "store/blob_hash.h"

namespace kiln::ops {

// Larger than any upload: what is longer is none of ours.
inline constexpr std::size_t kLargestBlob = std::size_t{512} << 20U;

[[nodiscard]] inline std::string hex_of(const store::BlobHash& hash) {
  return to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

// Whether the hash, as hex, is among these.
[[nodiscard]] inline bool is_named(const store::BlobHashes& names, const std::string& hash) {
  const std::optional<std::string> raw = from_hex(hash);
  store::BlobHash name{};
  if (!raw || raw->size() != name.size()) return false;
  std::memcpy(name.data(), raw->data(), name.size());
  return std::binary_search(names.begin(), names.end(), name);
}

}  // namespace kiln::ops
