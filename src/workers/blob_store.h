// Immutable files named by their SHA-256, below one folder: <folder>/ab/<hash>. What put() has returned
// survives kill -9 and power loss, so rows may point at it. Owned by app; safe from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kiln::workers {

class BlobStore {
 public:
  explicit BlobStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Stores the bytes unless they are there, and returns their lower-case hex hash. Errors: Errc::io.
  [[nodiscard]] Result<std::string> put(std::string_view bytes);
  // The bytes of a hash. Errors: Errc::not_found, Errc::too_large, Errc::corrupt when the file is not what
  // its name says.
  [[nodiscard]] Result<std::string> get(const std::string& hash, std::size_t max_bytes) const;
  [[nodiscard]] std::filesystem::path path_of(const std::string& hash) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace kiln::workers
