#include "http/request_ids.h"

#include <algorithm>

#include "base/entropy.h"

namespace kiln::http {
namespace {

constexpr std::size_t kLongestForeignId = 64;
constexpr std::size_t kIdDigits = 16;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

}  // namespace

RequestIds::RequestIds() : state_(0) {
  for (const char byte : SystemEntropy().bytes(sizeof state_)) {
    state_ = state_ << 8U | static_cast<unsigned char>(byte);
  }
}

// SplitMix64: every number once before any comes again.
void RequestIds::next(std::string& id) {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
  mixed ^= mixed >> 31U;
  id.resize(kIdDigits);
  for (std::size_t i = 0; i < kIdDigits; ++i) id[i] = "0123456789abcdef"[mixed >> (60U - 4U * i) & 0xfU];
}

bool RequestIds::is_fine(std::string_view id) {
  return !id.empty() && id.size() <= kLongestForeignId && std::all_of(id.begin(), id.end(), is_plain);
}

}  // namespace kiln::http
