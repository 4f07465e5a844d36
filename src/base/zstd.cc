#include "base/zstd.h"

#include <fmt/format.h>
#include <zstd.h>

#include <new>

namespace kiln {
namespace {

constexpr int kLevel = 1;

struct FreeExpander {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

void ZstdCompressor::Free::operator()(ZSTD_CCtx* context) const {
  ZSTD_freeCCtx(context);
}

ZstdCompressor::ZstdCompressor() : context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
}

std::string ZstdCompressor::compress(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size = ZSTD_compress2(context_.get(), out.data(), out.size(), bytes.data(), bytes.size());
  // With room for the worst case, only memory can be missing.
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();
  out.resize(size);
  out.shrink_to_fit();
  return out;
}

Result<std::string> zstd_expand(std::string_view frame, std::size_t most) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_ERROR) return fail(Errc::invalid, "the bytes are no zstd frame");
  if (size == ZSTD_CONTENTSIZE_UNKNOWN) return fail(Errc::invalid, "the zstd frame does not tell its size");
  if (size > most) {
    return fail(Errc::invalid,
                fmt::format("the zstd frame holds {} bytes; at most {} are allowed", size, most));
  }
  if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) {
    return fail(Errc::invalid, "the zstd frame is cut off, or something follows it");
  }
  // Its tables are large beside a small piece, so each thread keeps its own.
  static thread_local const std::unique_ptr<ZSTD_DCtx, FreeExpander> context(ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  std::string out(static_cast<std::size_t>(size), '\0');
  const std::size_t got =
      ZSTD_decompressDCtx(context.get(), out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) != 0 || got != out.size()) return fail(Errc::invalid, "the zstd frame is damaged");
  return out;
}

}  // namespace kiln
