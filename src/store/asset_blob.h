// The content of one static file of a Worker: by what its client calls it, and by where it is kept. A value;
// any thread.
#pragma once

#include <cstddef>
#include <string>

namespace kiln::store {

struct AssetBlob {
  std::string hash;          // the client's
  std::string content_type;  // empty: serve without one
  std::string blob;          // sha256 hex
  std::size_t size = 0;
};

}  // namespace kiln::store
