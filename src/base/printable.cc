#include "base/printable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/strings.h"
#include "base/utf8.h"

namespace kiln {
namespace {

constexpr std::string_view kEllipsis = "…";

struct Range {
  unsigned first;
  unsigned last;
};

constexpr std::array kHarmful = {Range{0x00, 0x1f},     Range{0x7f, 0x9f},     Range{0x61c, 0x61c},
                                 Range{0x200e, 0x200f}, Range{0x2028, 0x202e}, Range{0x2066, 0x2069}};
// Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties, but for what is harmful or stays.
constexpr std::array kUnseen = {Range{0xad, 0xad},       Range{0x34f, 0x34f},     Range{0x115f, 0x1160},
                                Range{0x17b4, 0x17b5},   Range{0x180b, 0x180f},   Range{0x200b, 0x200b},
                                Range{0x2060, 0x2065},   Range{0x206a, 0x206f},   Range{0x3164, 0x3164},
                                Range{0xfeff, 0xfeff},   Range{0xffa0, 0xffa0},   Range{0xfff0, 0xfffb},
                                Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a}, Range{0xe0000, 0xe0fff}};

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// Of a character by its first byte (RFC 3629); 0: none begins with it.
std::size_t length_by(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

// The code points of the characters that `text` begins or is: with the bits that are missing as 0 and as 1.
// None when it begins no character.
std::optional<Range> code_points(std::string_view text) {
  const std::size_t length = text.empty() ? 0 : length_by(byte_at(text, 0));
  if (length == 0) return std::nullopt;
  const unsigned lead = length == 1 ? 0x7fU : 0x7fU >> length;
  Range range{byte_at(text, 0) & lead, byte_at(text, 0) & lead};
  for (std::size_t at = 1; at < length; ++at) {
    const bool missing = at >= text.size();
    if (!missing && (byte_at(text, at) & 0xc0U) != 0x80U) return std::nullopt;
    range.first = range.first << 6U | (missing ? 0U : byte_at(text, at) & 0x3fU);
    range.last = range.last << 6U | (missing ? 0x3fU : byte_at(text, at) & 0x3fU);
  }
  // A longer form than a character needs is none of it.
  constexpr std::array<unsigned, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  range.first = std::max(range.first, least[length]);
  if (range.last < range.first) return std::nullopt;
  return range;
}

template <std::size_t size>
bool meets(const std::array<Range, size>& set, const Range& range) {
  return std::any_of(set.begin(), set.end(),
                     [&](const Range& one) { return range.first <= one.last && one.first <= range.last; });
}

template <std::size_t size>
std::size_t length_in(const std::array<Range, size>& set, std::string_view text) {
  const std::size_t length = text.empty() ? 0 : length_by(byte_at(text, 0));
  if (length == 0 || text.size() < length) return 0;
  const std::optional<Range> code = code_points(text.substr(0, length));
  return code && meets(set, *code) ? length : 0;
}

// `text` with every harmful character replaced, but for those that `keeps` names, and without the unseen.
std::string replaced(std::string_view text, std::string_view keeps) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t harmful = harmful_length(text);
    if (harmful == 0 || keeps.find(text.front()) != keeps.npos) {
      const std::size_t unseen = unseen_length(text);
      if (unseen == 0) out += text.front();
      text.remove_prefix(std::max<std::size_t>(unseen, 1));
    } else {
      out += kReplacement;
      text.remove_prefix(harmful);
    }
  }
  return out;
}

void cut(std::string& text, std::size_t most) {
  text.resize(utf8_beginning(text, most).size());
}

// As JSON says a code point: beyond U+FFFF as a pair (RFC 8259 7).
std::string escaped_point(unsigned code) {
  if (code <= 0xffff) return fmt::format("\\u{:04x}", code);
  code -= 0x10000;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (code >> 10U), 0xdc00 + (code & 0x3ffU));
}

}  // namespace

std::size_t harmful_length(std::string_view text) {
  if (text.empty() || (text.front() >= ' ' && text.front() <= '~')) return 0;
  return length_in(kHarmful, text);
}

std::size_t unseen_length(std::string_view text) {
  if (text.empty() || byte_at(text, 0) < 0x80) return 0;
  return length_in(kUnseen, text);
}

bool begins_hidden(std::string_view text) {
  if (text.empty() || text.size() >= length_by(byte_at(text, 0))) return false;
  const std::optional<Range> codes = code_points(text);
  return codes && (meets(kHarmful, *codes) || meets(kUnseen, *codes));
}

std::string printable(std::string_view name, std::size_t most) {
  std::string out = replaced(to_valid_utf8(name.substr(0, most + 1)), {});
  if (name.size() <= most) return out;
  cut(out, most);
  return out.append(kEllipsis);
}

std::string printable_lines(std::string_view text, std::size_t most) {
  std::string lines = to_valid_utf8(text.substr(0, most));
  for (std::size_t at = 0; (at = lines.find("\r\n", at)) != lines.npos;) lines.erase(at, 1);
  std::string out = replaced(lines, "\n\t");
  cut(out, most);
  return out;
}

std::string printable_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const std::size_t hidden = std::max(harmful_length(json), unseen_length(json));
    // JSON has its own breaks between values, and none of these inside a string.
    if (hidden == 0 || json.front() == '\n' || json.front() == '\t') {
      out += json.front();
      json.remove_prefix(1);
    } else {
      out += escaped_point(code_points(json.substr(0, hidden))->first);
      json.remove_prefix(hidden);
    }
  }
  return out;
}

}  // namespace kiln
