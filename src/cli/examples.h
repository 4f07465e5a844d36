// The examples that each command's help, manual page and reference show. Pure; any thread.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::cli {

// Of the command with that path ("token create"; "": kiln itself), as they are typed.
[[nodiscard]] std::vector<std::string_view> examples_of(std::string_view path);

// Every command below shows its own at the end of its help.
void show_examples(CLI::App& app);

}  // namespace kiln::cli
