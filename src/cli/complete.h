// What could stand where somebody presses Tab, out of the definitions of the commands. One thread; what is
// asked of a server comes through `names`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace kiln::cli {

struct Candidate {
  std::string word;
  std::string about;
};

// Names of things of a kind ("WORKER", "BUILD", "TRIGGER"), where somebody knows them.
using NamesOf = std::function<std::vector<Candidate>(const std::string& kind)>;

struct Completion {
  std::vector<Candidate> candidates;
  bool files = false;  // names of files and folders fit
};

// `words` are those behind "kiln", the last being the one that is written, maybe still empty.
[[nodiscard]] Completion complete(const CLI::App& app, const std::vector<std::string>& words,
                                  const NamesOf& names);

}  // namespace kiln::cli
