#include "base/strings.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "base/utf8.h"

namespace kiln {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Length of the well-formed sequence at `at` (1 to 4), or 0 with `bad` = how many bytes to give up.
std::size_t sequence_length(std::string_view text, std::size_t at, std::size_t& bad) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(at);
  bad = 1;
  if (first < 0x80) return 1;
  std::size_t need = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    need = 1;
  } else if (first >= 0xe0 && first <= 0xef) {
    need = 2;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    need = 3;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  for (std::size_t i = 1; i <= need; ++i) {
    if (at + i >= text.size() || byte(at + i) < low || byte(at + i) > high) return 0;
    bad = i + 1;
    low = 0x80;
    high = 0xbf;
  }
  return need + 1;
}

// How many bytes at the front are ASCII: most of what there is, so eight are looked at together.
std::size_t ascii_length(std::string_view bytes) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t at = 0;
  for (; at + sizeof kHighBits <= bytes.size(); at += sizeof kHighBits) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  while (at < bytes.size() && static_cast<unsigned char>(bytes[at]) < 0x80) ++at;
  return at;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<std::uint64_t> parse_whole(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::string> prefix_end(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool contains_ignoring_case(std::string_view text, std::string_view ascii_needle) {
  return std::search(text.begin(), text.end(), ascii_needle.begin(), ascii_needle.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

std::string to_valid_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  std::size_t at = 0;
  std::size_t kept = 0;  // what stands before is in `out`
  while (true) {
    at += ascii_length(bytes.substr(at));
    if (at == bytes.size()) break;
    std::size_t bad = 0;
    const std::size_t good = sequence_length(bytes, at, bad);
    at += good;
    if (good > 0) continue;
    out.append(bytes.substr(kept, at - kept)).append("\xef\xbf\xbd");
    at += bad;
    kept = at;
  }
  return out.append(bytes.substr(kept));
}

bool is_valid_utf8(std::string_view bytes) {
  std::size_t at = 0;
  while (true) {
    at += ascii_length(bytes.substr(at));
    if (at == bytes.size()) return true;
    std::size_t bad = 0;
    const std::size_t good = sequence_length(bytes, at, bad);
    if (good == 0) return false;
    at += good;
  }
}

bool is_dns_label(std::string_view text) {
  constexpr std::size_t kLongest = 63;
  if (text.empty() || text.size() > kLongest || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_domain_name(std::string_view text) {
  const std::vector<std::string> labels = split(text, '.');
  return std::all_of(labels.begin(), labels.end(), is_dns_label) &&
         labels.back().find_first_not_of("0123456789") != std::string::npos;
}

std::string shell_quote(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out.append("'\\''");
    } else {
      out.push_back(c);
    }
  }
  out.push_back('\'');
  return out;
}

}  // namespace kiln
