#include "cli/guide.h"

#include <algorithm>
#include <numeric>

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

// No further away than a third of its letters.
std::string nearest(const std::vector<const CLI::App*>& commands, const std::string& word) {
  constexpr std::size_t longest = 40;
  std::string found;
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const CLI::App* command : commands) {
    const std::size_t far = word.size() > longest ? best : distance(word, command->get_name());
    if (far >= best) continue;
    best = far;
    found = command->get_name();
  }
  return found;
}

}  // namespace

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

std::string suggestion(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* at = &app;
  std::string path = app.get_name();
  for (const std::string& word : words) {
    const std::vector<const CLI::App*> commands = commands_of(*at);
    if (commands.empty() || word.empty() || word.front() == '-') return {};
    at = command_of(*at, word);
    if (at == nullptr) {
      const std::string meant = nearest(commands, word);
      return meant.empty() ? meant : path.append(" ").append(meant);
    }
    path += " " + word;
  }
  return {};
}

}  // namespace kiln::cli
