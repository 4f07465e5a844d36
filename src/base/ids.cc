#include "base/ids.h"

#include <algorithm>
#include <cstring>

#include "base/hex.h"

namespace kiln {
namespace {

constexpr std::size_t kTextSize = 36;

// Ids are read by the dozen in one request.
constexpr std::array<int, 256> kHexValues = [] {
  std::array<int, 256> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = hex_value(static_cast<char>(i));
  return values;
}();

bool is_hyphen_place(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  constexpr std::array<std::uint8_t, 16> at{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
  if (text.size() != kTextSize) return std::nullopt;
  Uuid id;
  int all = 0;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const int high = kHexValues[static_cast<std::uint8_t>(text[at[i]])];
    const int low = kHexValues[static_cast<std::uint8_t>(text[at[i] + 1U])];
    all |= high | low;  // negative when one of them is
    id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  const bool hyphens = text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
  if (all < 0 || !hyphens) return std::nullopt;
  return id;
}

std::optional<Uuid> Uuid::from_raw(std::string_view raw) {
  if (raw.size() != 16) return std::nullopt;
  Uuid id;
  std::memcpy(id.bytes.data(), raw.data(), 16);
  return id;
}

std::string Uuid::str() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(kTextSize);
  for (const std::uint8_t byte : bytes) {
    if (is_hyphen_place(out.size())) out.push_back('-');
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 0xfU]);
  }
  return out;
}

bool is_hex32(std::string_view text) {
  return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace kiln
