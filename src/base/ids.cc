#include "base/ids.h"

#include <algorithm>
#include <cstring>

namespace kiln {
namespace {

constexpr std::size_t kTextSize = 36;

// Ids are read by the dozen in one request, so eight digits are read at once, each in a byte of a word.
static_assert(std::endian::native == std::endian::little);
constexpr std::uint64_t kEach = 0x0101010101010101U;
constexpr std::uint64_t kHighBits = 0x80 * kEach;

template <typename Word>
Word load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// The high bit of each byte, all of which are below 0x80, that is at least `least`.
constexpr std::uint64_t at_least(std::uint64_t bytes, char least) {
  return (bytes + (0x80 - static_cast<std::uint64_t>(least)) * kEach) & kHighBits;
}

// Four bytes of eight hex digits in either case. `bad` gets bits when something else is among them.
constexpr std::uint32_t bytes_of_digits(std::uint64_t digits, std::uint64_t& bad) {
  const std::uint64_t ascii = digits & ~kHighBits;
  const std::uint64_t lower = ascii | 0x20 * kEach;
  const std::uint64_t decimal = at_least(ascii, '0') & ~at_least(ascii, '9' + 1);
  const std::uint64_t letter = at_least(lower, 'a') & ~at_least(lower, 'f' + 1);
  bad |= (digits & kHighBits) | (~(decimal | letter) & kHighBits);
  const std::uint64_t values = (ascii & 0x0f * kEach) + (letter >> 7U) * 9;  // 'a' ends in 1
  // The first of two digits is the higher half of their byte.
  const std::uint64_t pairs = (values << 4U | values >> 8U) & 0x00ff00ff00ff00ffU;
  const std::uint64_t fours = (pairs | pairs >> 8U) & 0x0000ffff0000ffffU;
  return static_cast<std::uint32_t>(fours | fours >> 16U);
}

// Eight digits in two groups of four.
std::uint64_t load_halves(const char* first, const char* second) {
  return load<std::uint32_t>(first) | std::uint64_t{load<std::uint32_t>(second)} << 32U;
}

bool is_hyphen_place(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  const char* const at = text.data();
  std::uint64_t bad = 0;
  const std::array<std::uint32_t, 4> words{bytes_of_digits(load<std::uint64_t>(at), bad),
                                           bytes_of_digits(load_halves(at + 9, at + 14), bad),
                                           bytes_of_digits(load_halves(at + 19, at + 24), bad),
                                           bytes_of_digits(load<std::uint64_t>(at + 28), bad)};
  const bool hyphens = text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
  if (bad != 0 || !hyphens) return std::nullopt;
  return Uuid{std::bit_cast<std::array<std::uint8_t, 16>>(words)};
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
