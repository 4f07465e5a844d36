#include "cli/table.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <numeric>
#include <set>

#include "base/ids.h"

namespace kiln::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kShortestId = 8;
constexpr std::size_t kCutSpare = 30;  // spare columns give way first, down to this
constexpr std::size_t kCutFirst = 12;  // columns no wider than this are cut only where nothing else helps
constexpr std::size_t kCutLast = 6;
constexpr std::size_t kNarrowest = 20;
constexpr std::size_t kWidest = 1'000;

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::none:
      return "";
    case Colour::dim:
      return "2";
    case Colour::red:
      return "31";
    case Colour::green:
      return "32";
    case Colour::yellow:
      return "33";
    case Colour::cyan:
      return "36";
  }
  return "";
}

bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// The rows of a table while it is made to fit.
class Fitting {
 public:
  explicit Fitting(std::vector<Row>& rows) : rows_(rows), columns_(rows.front().size()) { measure(); }

  [[nodiscard]] const std::vector<std::size_t>& widths() const { return widths_; }
  [[nodiscard]] bool is_line(const Row& row) const { return row.size() == 1 && columns_ > 1; }

  void fit(std::size_t width) {
    if (total() <= width) return;
    for (std::size_t column = 0; column < columns_; ++column) shorten_ids(column);
    while (least() > width && drop_last_spare()) {
    }
    cut(width, kCutSpare, [this](std::size_t column) { return rows_.front()[column].spare; });
    cut(width, kCutFirst);
    cut(width, kCutLast);
  }

 private:
  void measure() {
    widths_.assign(columns_, 0);
    for (const Row& row : rows_) {
      if (is_line(row)) continue;
      for (std::size_t i = 0; i < std::min(row.size(), columns_); ++i)
        widths_[i] = std::max(widths_[i], width_of(row[i].text));
    }
  }

  [[nodiscard]] std::size_t total() const {
    return std::accumulate(widths_.begin(), widths_.end(), kGap * (columns_ - 1));
  }
  [[nodiscard]] std::size_t least() const {
    return std::accumulate(
        widths_.begin(), widths_.end(), kGap * (columns_ - 1),
        [](std::size_t sum, std::size_t width) { return sum + std::min(width, kCutFirst); });
  }

  // To as many digits as tell those of this column apart.
  void shorten_ids(std::size_t column) {
    std::set<std::string> ids;
    for (const Row& row : rows_) {
      if (!is_line(row) && column < row.size() && Uuid::parse(row[column].text)) ids.insert(row[column].text);
    }
    std::size_t digits = kShortestId;
    for (auto one = ids.begin(); one != ids.end() && std::next(one) != ids.end(); ++one) {
      const auto differs = std::mismatch(one->begin(), one->end(), std::next(one)->begin()).first;
      digits = std::max(digits, static_cast<std::size_t>(differs - one->begin()) + 1);
    }
    for (Row& row : rows_) {
      if (!is_line(row) && column < row.size() && ids.contains(row[column].text))
        row[column].text.resize(digits);
    }
    measure();
  }

  bool drop_last_spare() {
    for (std::size_t column = columns_; column-- > 0;) {
      if (!rows_.front()[column].spare) continue;
      for (Row& row : rows_) {
        if (!is_line(row) && column < row.size())
          row.erase(row.begin() + static_cast<std::ptrdiff_t>(column));
      }
      --columns_;
      measure();
      return true;
    }
    return false;
  }

  // The widest of those that `may_go` a little at a time, none below `floor`.
  template <typename MayGo>
  void cut(std::size_t width, std::size_t floor, MayGo may_go) {
    std::vector<std::size_t> may = widths_;
    std::size_t sum = total();
    while (sum > width) {
      std::size_t* widest = nullptr;
      for (std::size_t i = 0; i < columns_; ++i) {
        if (may[i] > floor && may_go(i) && (widest == nullptr || may[i] > *widest)) widest = &may[i];
      }
      if (widest == nullptr) break;
      --*widest;
      --sum;
    }
    for (Row& row : rows_) {
      if (is_line(row)) continue;
      for (std::size_t i = 0; i < std::min(row.size(), columns_); ++i)
        row[i].text = cut_to(std::move(row[i].text), may[i]);
    }
    widths_ = may;
  }
  void cut(std::size_t width, std::size_t floor) {
    cut(width, floor, [](std::size_t) { return true; });
  }

  std::vector<Row>& rows_;
  std::size_t columns_;
  std::vector<std::size_t> widths_;
};

std::string line_of(Style style, const Row& row, const std::vector<std::size_t>& widths) {
  std::string out;
  for (std::size_t i = 0; i < row.size(); ++i) {
    out += paint(style, row[i].colour, row[i].text);
    if (i + 1 < row.size()) out.append(widths[i] - width_of(row[i].text) + kGap, ' ');
  }
  while (out.ends_with(' ')) out.pop_back();
  return out + '\n';
}

}  // namespace

std::string paint(Style style, Colour colour, std::string_view text) {
  if (!style.colours || colour == Colour::none || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(colour), text);
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string cut_to(std::string text, std::size_t width) {
  if (width_of(text) <= width) return text;
  if (width == 0) return {};
  std::size_t end = 0;
  for (std::size_t characters = 0; end < text.size(); ++end) {
    if (begins_character(text[end]) && characters++ == width - 1) break;
  }
  text.resize(end);
  return text + "…";
}

std::string table(Style style, std::vector<Row> rows) {
  if (rows.empty()) return {};
  Fitting fitting(rows);
  fitting.fit(style.width);
  std::string out;
  for (Row& row : rows) {
    if (fitting.is_line(row)) row.front().text = cut_to(std::move(row.front().text), style.width);
    out += line_of(style, row, fitting.widths());
  }
  return out;
}

std::string facts(Style style, const std::vector<Row>& rows) {
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, width_of(row.front().text));
  std::string out;
  for (const Row& row : rows) out += line_of(style, row, {width, 0});
  return out;
}

Row heading(const std::vector<std::string_view>& names) {
  Row row;
  for (std::string_view name : names) {
    const bool spare = name.ends_with('?');
    if (spare) name.remove_suffix(1);
    row.push_back({std::string(name), Colour::dim, spare});
  }
  return row;
}

std::size_t terminal_width() {
  std::size_t width = 0;
  if (const char* said = std::getenv("COLUMNS")) {
    const std::string_view text(said);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (error == std::errc() && end == text.data() + text.size() && width > 0)
      return std::clamp(width, kNarrowest, kWidest);
  }
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
  return std::clamp<std::size_t>(size.ws_col, kNarrowest, kWidest);
}

}  // namespace kiln::cli
