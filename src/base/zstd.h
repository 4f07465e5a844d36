// zstd (RFC 8878) for pieces that fit in memory: one piece, one frame that tells its size. The compressor
// keeps its tables between pieces and belongs to one thread at a time; zstd_expand may be called from any
// thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct ZSTD_CCtx_s;

namespace kiln {

class ZstdCompressor {
 public:
  ZstdCompressor();
  // One frame of `bytes`, at the level that costs the least time.
  [[nodiscard]] std::string compress(std::string_view bytes);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
};

// What exactly one frame holds. Errc::invalid: it is none, tells no size, is damaged, or holds more than
// `most` bytes, which is known before anything of it is expanded.
[[nodiscard]] Result<std::string> zstd_expand(std::string_view frame, std::size_t most);

}  // namespace kiln
