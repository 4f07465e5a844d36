#include "cli/help_format.h"

#include <algorithm>

#include "cli/table.h"

namespace kiln::cli {
namespace {

constexpr std::size_t kNames = 28;        // columns, of what stands before a description
constexpr std::size_t kWidestHelp = 100;  // wider lines are read badly

}  // namespace

std::string wrapped(std::string_view text, std::size_t width) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t length = width_of(word);
    if (column > 0 && column + 1 + length > width) {
      out += '\n';
      column = 0;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += length;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

HelpFormat::HelpFormat(std::size_t width) : width_(std::min(width, kWidestHelp)) {
  column_width(kNames);
}

std::string HelpFormat::beside_names(const std::string& text) const {
  return wrapped(text, width_ > kNames + kNames ? width_ - kNames : kNames);
}

std::string HelpFormat::make_description(const CLI::App* app) const {
  return wrapped(app->get_description(), width_) + "\n";
}

std::string HelpFormat::make_subcommand(const CLI::App* sub) const {
  std::stringstream out;
  CLI::detail::format_help(out, sub->get_name(), beside_names(sub->get_description()), kNames);
  return out.str();
}

std::string HelpFormat::make_option_desc(const CLI::Option* option) const {
  return beside_names(option->get_description());
}

}  // namespace kiln::cli
