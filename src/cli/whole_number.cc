#include "cli/whole_number.h"

#include <fmt/format.h>

#include <charconv>

namespace kiln::cli {

CLI::Validator whole_number(std::string what, std::int64_t least, std::int64_t most) {
  const auto check = [what = std::move(what), least, most](const std::string& text) -> std::string {
    std::int64_t number = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    const bool too_large = error == std::errc::result_out_of_range || number > most;
    if (error == std::errc() && end == last && number >= least && !too_large) return {};
    return fmt::format("{} is a number from {}{}", what, least, too_large ? fmt::format(" to {}", most) : "");
  };
  // Without a description, which the help would show beside the option's type.
  return {check, ""};
}

}  // namespace kiln::cli
