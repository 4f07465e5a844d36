// What text that strangers chose may contain where people read it: names (branches, authors, files), messages
// of several lines. Terminals and browsers obey some characters instead of showing them; those are harmful:
// controls (C0, DEL, C1: ECMA-48), the marks that turn the direction of writing (U+061C, U+200E, U+200F,
// U+202A to U+202E, U+2066 to U+2069: Unicode Standard Annex 9), the line breaks U+2028 and U+2029, and what
// nobody sees and no writing needs (U+200B, U+2060 to U+2064, U+FEFF). The joiners U+200C and U+200D stay:
// Persian and families of emoji are written with them.
// terminal_filter.h does the same for output that may have colours. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

namespace kiln {

// U+FFFD in UTF-8: what stands where something could not be shown.
inline constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// How many bytes the harmful character takes that `text` begins with; 0 when it begins with none.
[[nodiscard]] std::size_t harmful_length(std::string_view text);
// Whether more bytes could make `text`, which is no harmful character yet, one.
[[nodiscard]] bool begins_harmful(std::string_view text);

// One line: valid UTF-8 of at most about `most` bytes, with every harmful character as U+FFFD, so that no
// line break and no terminal escape survives.
[[nodiscard]] std::string printable(std::string_view name, std::size_t most = 256);

// Several lines: the same, but line feeds and tabs stay, and CR LF is a line feed. At most `most` bytes.
[[nodiscard]] std::string printable_lines(std::string_view text, std::size_t most);

// JSON whose strings say harmful characters as \uXXXX: the same value, fit for a terminal.
[[nodiscard]] std::string printable_json(std::string_view json);

}  // namespace kiln
