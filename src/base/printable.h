// What text that strangers chose may contain where people read it: names (branches, authors, files), messages
// of several lines. Terminals and browsers obey some characters instead of showing them; those are harmful:
// controls (C0, DEL, C1: ECMA-48), the marks that turn the direction of writing (U+061C, U+200E, U+200F,
// U+202A to U+202E, U+2066 to U+2069: Unicode Standard Annex 9) and the line breaks U+2028 and U+2029.
// Others nobody sees at all, and with them one text looks like another: Unicode's default ignorable code
// points and U+FFF9 to U+FFFB. The joiners U+200C and U+200D and the variation selectors U+FE00 to U+FE0F are
// left as they are, since words and emoji are written with them.
// terminal_filter.h does the same for output that may have colours. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

namespace kiln {

// U+FFFD in UTF-8: what stands where something could not be shown.
inline constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// How many bytes the harmful character takes that `text` begins with; 0 when it begins with none.
[[nodiscard]] std::size_t harmful_length(std::string_view text);
// The same of a character that nobody sees.
[[nodiscard]] std::size_t unseen_length(std::string_view text);
// Whether more bytes could make `text`, which is neither yet, one of them.
[[nodiscard]] bool begins_hidden(std::string_view text);

// One line: valid UTF-8 of at most about `most` bytes, with every harmful character as U+FFFD, so that no
// line break and no terminal escape survives, and without those that nobody sees.
[[nodiscard]] std::string printable(std::string_view name, std::size_t most = 256);

// Several lines: the same, but line feeds and tabs stay, and CR LF is a line feed. At most `most` bytes.
[[nodiscard]] std::string printable_lines(std::string_view text, std::size_t most);

// JSON whose strings say harmful and unseen characters as \uXXXX: the same value, fit for a terminal.
[[nodiscard]] std::string printable_json(std::string_view json);

}  // namespace kiln
