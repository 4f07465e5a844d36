#include "read_cache/text_arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace kiln::read_cache {
namespace {

constexpr std::size_t kHugePage = 2U << 20U;
constexpr std::size_t kFirstBlock = 64U << 10U;  // of a server that hardly anyone reads from

}  // namespace

std::shared_ptr<char[]> map_memory(std::size_t size) {
  const bool huge = size >= kHugePage;
  // A huge page begins at a multiple of its size, so what lies around is given back.
  const std::size_t mapped = huge ? size + kHugePage : size;
  void* const got = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (got == MAP_FAILED) throw std::bad_alloc();
  char* begin = static_cast<char*>(got);
  if (huge) {
    const std::size_t before = -reinterpret_cast<std::uintptr_t>(begin) % kHugePage;
    if (before > 0) munmap(begin, before);
    begin += before;
    munmap(begin + size, kHugePage - before);
    madvise(begin, size, MADV_HUGEPAGE);  // a kernel that cannot serves small pages
  }
  return {begin, [size](char* bytes) { munmap(bytes, size); }};
}

std::optional<TextArena::Place> TextArena::keep(const TextHead& head, std::string_view text) {
  constexpr std::size_t kLargestBlock = std::size_t{1} << kOffsetBits;
  constexpr std::size_t kMostBlocks = std::size_t{1} << (32 - kOffsetBits);
  if (text.empty() || text.size() > kLargestText) return std::nullopt;
  // Heads begin at lines of memory, so that one fetch brings a whole one.
  const std::size_t bytes = (sizeof head + text.size() + alignof(TextHead) - 1) & ~(alignof(TextHead) - 1);
  if (blocks_.empty() || size_of_last_ - used_of_last_ < bytes) {
    if (blocks_.size() == kMostBlocks) return std::nullopt;
    const std::size_t next = blocks_.empty() ? kFirstBlock : std::min(2 * size_of_last_, kLargestBlock);
    const std::size_t size = std::max(next, bytes > next ? kLargestBlock : 0);
    blocks_.push_back(map_memory(size));
    full_ += size_of_last_;
    size_of_last_ = size;
    used_of_last_ = 0;
  }
  char* const at = blocks_.back().get() + used_of_last_;
  std::memcpy(at, &head, sizeof head);
  std::memcpy(at + sizeof head, text.data(), text.size());
  const auto place = static_cast<Place>(((blocks_.size() - 1) << kOffsetBits) | used_of_last_);
  used_of_last_ += bytes;
  return place;
}

}  // namespace kiln::read_cache
