#include "cli/choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/guide.h"
#include "cli/print.h"

namespace kiln::cli {

void take_one_of(CLI::Option* option, const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : "|") + word;
  const auto check = [words](const std::string& text) -> std::string {
    if (std::find(words.begin(), words.end(), text) != words.end()) return {};
    std::string listed;
    for (std::size_t i = 0; i < words.size(); ++i)
      listed += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
    const std::string meant = nearest(words, text);
    return fmt::format("{} is none of {}{}", safe_line(text, false), listed,
                       meant.empty() ? "" : "; did you mean " + meant + "?");
  };
  option->type_name(all)->check(CLI::Validator(check, ""));
}

void add_choice(CLI::App& command, const char* names, std::optional<bool>& choice, const char* about) {
  command.add_flag_function(
      names, [&choice](std::int64_t count) { choice = count > 0; }, about);
}

}  // namespace kiln::cli
