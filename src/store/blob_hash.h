// The name of an uploaded file: its SHA-256, 32 raw bytes, so that many are kept in little memory. A value;
// any thread.
#pragma once

#include <array>
#include <vector>

namespace kiln::store {

using BlobHash = std::array<unsigned char, 32>;

// Sorted, none twice.
using BlobHashes = std::vector<BlobHash>;

}  // namespace kiln::store
