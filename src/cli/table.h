// Tables and lists of facts as a terminal has room for them. Pure functions but for terminal_width(); any
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::cli {

enum class Colour { none, dim, red, green, yellow, cyan };

inline constexpr std::size_t kUsualWidth = 80;

struct Style {
  bool colours = false;
  std::size_t width = kUsualWidth;  // characters that a line has room for
};

[[nodiscard]] std::string paint(Style style, Colour colour, std::string_view text);

// How many characters a text shows; bytes and colours do not count.
[[nodiscard]] std::size_t width_of(std::string_view text);
// At most `width` characters, the last of them "…" where there were more.
[[nodiscard]] std::string cut_to(std::string text, std::size_t width);

struct Cell {
  std::string text;
  Colour colour = Colour::none;
  bool spare = false;  // of a heading: its column is left out where there is no room for all
};
using Row = std::vector<Cell>;

// Columns two spaces apart, the last one not padded; the first row is the heading. What is wider than the
// line has room for is made to fit: UUIDs are shortened to the digits that tell them apart, spare columns
// left out, the last first, and the widest columns cut. A row of one cell, where the heading has more, is a
// line of its own.
[[nodiscard]] std::string table(Style style, std::vector<Row> rows);

// A name and a value a line, the values whole.
[[nodiscard]] std::string facts(Style style, const std::vector<Row>& rows);

// A table's heading: dim, the names with a "?" at their end being spare columns.
[[nodiscard]] Row heading(const std::vector<std::string_view>& names);

// COLUMNS where it says so, else the terminal's, else kUsualWidth.
[[nodiscard]] std::size_t terminal_width();

}  // namespace kiln::cli
