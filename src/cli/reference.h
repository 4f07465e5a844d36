// What the command line takes, out of its definitions: what the manual pages, the reference in docs/ and
// completion are made of. Pure but for reading the app; any thread.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace kiln::cli {

struct OptionFacts {
  std::vector<std::string> names;  // "--branch", "-f"; of a positional its name alone
  std::string type;                // "N", "success|fail"; empty: a flag, or any text of a positional
  std::string about;
  bool required = false;
  bool positional = false;
  bool repeats = false;
};

struct CommandFacts {
  std::string path;  // "kiln token create"
  std::string about;
  std::vector<OptionFacts> options;
  std::vector<std::string> examples;
  std::vector<CommandFacts> below;  // without hidden ones
};

[[nodiscard]] CommandFacts facts_of(const CLI::App& app);
[[nodiscard]] std::vector<OptionFacts> options_of(const CLI::App& app);

// "kiln logs [OPTIONS] BUILD|WORKER".
[[nodiscard]] std::string usage_of(const CommandFacts& command);

// "--branch BRANCH", "--follow, -f".
[[nodiscard]] std::string option_words(const OptionFacts& option);

// The commands with nothing below, in their order.
[[nodiscard]] std::vector<const CommandFacts*> leaves_of(const CommandFacts& command);

}  // namespace kiln::cli
