#include "cli/guide.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace kiln::cli {
namespace {

// Optimal string alignment distance: letters put in, left out, changed, or two neighbours swapped.
std::size_t distance(const std::string& one, const std::string& other) {
  std::vector<std::vector<std::size_t>> table(one.size() + 1, std::vector<std::size_t>(other.size() + 1));
  for (std::size_t i = 0; i <= one.size(); ++i) table[i][0] = i;
  std::iota(table[0].begin(), table[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= one.size(); ++i) {
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t changed = table[i - 1][j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
      table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, changed});
      if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
    }
  }
  return table[one.size()][other.size()];
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* /*command*/) { return true; });
}

// nullptr: none is called so.
const CLI::App* command_of(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : commands_of(app)) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

std::vector<std::string> names_of(const std::vector<const CLI::App*>& commands) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands) {
    if (!is_hidden(*command)) names.push_back(command->get_name());
  }
  return names;
}

// Every long name of an option, with its hyphens.
std::vector<std::string> long_names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

}  // namespace

std::string nearest(const std::vector<std::string>& known, const std::string& word) {
  constexpr std::size_t longest = 60;
  std::string found;
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& name : known) {
    const std::size_t far = word.size() > longest ? best : distance(word, name);
    if (far >= best) continue;
    best = far;
    found = name;
  }
  return found;
}

bool is_hidden(const CLI::App& command) {
  return command.get_group().empty();
}

std::vector<std::string> understood(const CLI::App& app, std::vector<std::string> words) {
  if (words.empty() || words.front() != "help") return words;
  words.erase(words.begin());
  const CLI::App* at = &app;
  for (const std::string& word : words) {
    at = command_of(*at, word);
    if (at == nullptr) return words;
  }
  words.emplace_back("--help");
  return words;
}

std::vector<std::string> with_empty_values(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* at = &app;
  std::vector<std::string> all;
  bool value = false;  // of the option before
  bool only_values = false;
  for (const std::string& word : words) {
    all.push_back(word);
    only_values = only_values || (!value && word == "--");
    if (std::exchange(value, false) || only_values) continue;
    if (!word.starts_with("--")) {
      if (const CLI::App* below = command_of(*at, word); below != nullptr) at = below;
      continue;
    }
    const std::string name = word.substr(0, word.find('='));
    const CLI::Option* option = at->get_option_no_throw(name);
    if (option == nullptr || option->get_items_expected_min() == 0) continue;
    value = name == word;
    if (name + "=" != word) continue;
    all.back() = name;
    all.emplace_back();
  }
  return all;
}

std::string suggestion(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* at = &app;
  std::string path = app.get_name();
  bool value = false;  // of the option before
  for (const std::string& word : words) {
    if (std::exchange(value, false) || word.empty()) continue;
    if (word.starts_with("--")) {
      const std::string name = word.substr(0, word.find('='));
      const CLI::Option* option = at->get_option_no_throw(name);
      if (option == nullptr) {
        const std::string meant = nearest(long_names_of(*at), name);
        return meant.empty() ? meant : path.append(" ").append(meant);
      }
      value = option->get_items_expected_min() > 0 && name == word;
      continue;
    }
    const std::vector<const CLI::App*> commands = commands_of(*at);
    if (commands.empty() || word.front() == '-') continue;
    at = command_of(*at, word);
    if (at == nullptr) {
      const std::string meant = nearest(names_of(commands), word);
      return meant.empty() ? meant : path.append(" ").append(meant);
    }
    path += " " + word;
  }
  return {};
}

}  // namespace kiln::cli
