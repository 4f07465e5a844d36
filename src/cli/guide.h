// Help for whoever mistypes a command or asks for one's help in words. Pure but for reading the app.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace kiln::cli {

// `help token create` as `token create --help`, `help` before anything that is no command as that alone; any
// other words as they are.
[[nodiscard]] std::vector<std::string> understood(const CLI::App& app, std::vector<std::string> words);

// `--path=` as `--path` and an empty word, where that option takes a value: an empty value is one, and the
// next word is none of its.
[[nodiscard]] std::vector<std::string> with_empty_values(const CLI::App& app,
                                                         const std::vector<std::string>& words);

// Of the names that there are, the one that was probably meant: no further from the word than a third of its
// letters; empty: none is.
[[nodiscard]] std::string nearest(const std::vector<std::string>& known, const std::string& word);

// Of a command that is for programs: neither help nor suggestions name it.
[[nodiscard]] bool is_hidden(const CLI::App& command);

// "kiln token create" for `kiln token creat`, "kiln builds --branch" for `kiln builds --brnch`: what was
// probably meant by the first word that is none; empty when all are, or nothing is near.
[[nodiscard]] std::string suggestion(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace kiln::cli
