// kiln-runner, the program beside this one, for the commands that need what only it can do. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kiln::cli {

// The folder of this program, where kiln-runner and kiln-agent stand too.
[[nodiscard]] std::filesystem::path program_folder();

// "kiln-runner --doctor --root … --agent …"; `config` may be empty.
[[nodiscard]] std::vector<std::string> runner_arguments(const std::string& work,
                                                        const std::filesystem::path& root,
                                                        const std::string& config);

// This process's environment, each "NAME=value".
[[nodiscard]] std::vector<std::string> own_environment();

// Runs it to its end: `input` on its standard input, each line of its standard output given to `on_line` as
// it comes, its standard error ours. When `on_line` says false, or at SIGINT, SIGTERM and SIGHUP, it is asked
// to stop, and this process goes on. Returns its exit code, 128 + the number of the signal that ended it.
// Errors: Errc::io when it cannot be started.
[[nodiscard]] Result<int> run_runner(const std::vector<std::string>& argv, std::string_view input,
                                     const std::function<bool(std::string_view)>& on_line);

}  // namespace kiln::cli
