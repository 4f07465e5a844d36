// Small text helpers. Pure functions: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

// "a,b,,c" → {"a","b","","c"}; "" → {""}.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
// Without the spaces, tabs, CR and LF at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);
// Without the U+FEFF that some editors begin a UTF-8 file with.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view text);
// ASCII only.
[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] bool contains_ignoring_case(std::string_view text, std::string_view ascii_needle);
// Empties the text and gives its memory back, which assigning an empty text does not (libstdc++ keeps the
// room for later).
inline void give_memory_back(std::string& text) {
  std::string().swap(text);
}

// Digits and nothing else, that fit.
[[nodiscard]] std::optional<std::uint64_t> parse_whole(std::string_view text);
// The first text behind every one that begins with `prefix`, byte by byte; nothing when there is none.
[[nodiscard]] std::optional<std::string> prefix_end(std::string prefix);
// Replaces every byte sequence that is not UTF-8 (RFC 3629) by U+FFFD, once per maximal bad part.
[[nodiscard]] std::string to_valid_utf8(std::string_view bytes);
// 1 to 63 of a-z, 0-9 and - within (RFC 1035 2.3.4, and digits in front as RFC 1123 has it).
[[nodiscard]] bool is_dns_label(std::string_view text);
// Labels with dots between them, of which the last is no number: that would be an IPv4 address.
[[nodiscard]] bool is_domain_name(std::string_view text);
// Whether `holds` is true of some byte. All are looked at, without a branch, so that the processor takes many
// at once: for what is looked through in every request.
template <typename Holds>
[[nodiscard]] bool any_byte(std::string_view text, Holds holds) {
  unsigned char any = 0;
  for (const char c : text) any |= static_cast<unsigned char>(holds(static_cast<unsigned char>(c)));
  return any != 0;
}
// `text` as one word for /bin/sh: quoted where it needs to be.
[[nodiscard]] std::string shell_quote(std::string_view text);

}  // namespace kiln
