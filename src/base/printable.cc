#include "base/printable.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace kiln {
namespace {

constexpr std::string_view kEllipsis = "…";

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool is_within(unsigned value, unsigned first, unsigned last) {
  return value >= first && value <= last;
}

// `text` with every harmful character replaced, but for those that `keeps` names.
std::string replaced(std::string_view text, std::string_view keeps) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t harmful = harmful_length(text);
    if (harmful == 0 || keeps.find(text.front()) != keeps.npos) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += kReplacement;
      text.remove_prefix(harmful);
    }
  }
  return out;
}

// At most `most` bytes, cut between characters.
void cut(std::string& text, std::size_t most) {
  if (text.size() <= most) return;
  while (most > 0 && (byte_at(text, most) & 0xc0U) == 0x80U) --most;
  text.resize(most);
}

// The code point of a harmful character.
unsigned code_point(std::string_view character) {
  if (character.size() == 1) return byte_at(character, 0);
  unsigned code = byte_at(character, 0) & (character.size() == 2 ? 0x1fU : 0x0fU);
  for (const char c : character.substr(1)) code = code << 6U | (static_cast<unsigned char>(c) & 0x3fU);
  return code;
}

}  // namespace

std::size_t harmful_length(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned char first = byte_at(text, 0);
  if (first < 0x20 || first == 0x7f) return 1;
  if (first < 0xc2 || text.size() < 2) return 0;
  const unsigned char second = byte_at(text, 1);
  if (first == 0xc2) return is_within(second, 0x80, 0x9f) ? 2 : 0;
  if (first == 0xd8) return second == 0x9c ? 2 : 0;
  if (text.size() < 3) return 0;
  const unsigned char third = byte_at(text, 2);
  if (first == 0xef) return second == 0xbb && third == 0xbf ? 3 : 0;  // U+FEFF
  if (first != 0xe2) return 0;
  const bool harmful = second == 0x80 ? third == 0x8b || is_within(third, 0x8e, 0x8f) ||
                                            is_within(third, 0xa8, 0xae)  // U+200B, U+200E, U+2028
                                      : second == 0x81 && (is_within(third, 0xa0, 0xa4) ||
                                                           is_within(third, 0xa6, 0xa9));  // U+2060, U+2066
  return harmful ? 3 : 0;
}

bool begins_harmful(std::string_view text) {
  return text == "\xc2" || text == "\xd8" || text == "\xe2" || text == "\xe2\x80" || text == "\xe2\x81" ||
         text == "\xef" || text == "\xef\xbb";
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
    const std::size_t harmful = harmful_length(json);
    // JSON has its own breaks between values, and none of these inside a string.
    if (harmful == 0 || json.front() == '\n' || json.front() == '\t') {
      out += json.front();
      json.remove_prefix(1);
    } else {
      out += fmt::format("\\u{:04x}", code_point(json.substr(0, harmful)));
      json.remove_prefix(harmful);
    }
  }
  return out;
}

}  // namespace kiln
