// Options that take one of some words, or are a flag with its contrary. Internal to cli; any thread.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kiln::cli {

// The option takes one of these words, which help shows and completion offers. Anything else is wrong usage,
// in words that name them all, and which was probably meant.
void take_one_of(CLI::Option* option, const std::vector<std::string>& words);

// A flag and its contrary ("--cache,!--no-cache"), of which the last one counts; nothing while neither is
// given.
void add_choice(CLI::App& command, const char* names, std::optional<bool>& choice, const char* about);

}  // namespace kiln::cli
