// Help for whoever mistypes a command or asks for one's help in words. Pure but for reading the app.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace kiln::cli {

// `help token create` as `token create --help`, `help` before anything that is no command as that alone; any
// other words as they are.
[[nodiscard]] std::vector<std::string> understood(const CLI::App& app, std::vector<std::string> words);

// "kiln token create" for `kiln token creat`: the command that was probably meant by the first word that is
// none; empty when all are, or nothing is near.
[[nodiscard]] std::string suggestion(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace kiln::cli
