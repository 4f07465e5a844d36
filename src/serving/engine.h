// Where workerd is and what each of its processes may use. Value: any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"

namespace kiln::serving {

struct Engine {
  // The program to start now, not its npm wrapper. A process that runs keeps its own.
  std::function<std::filesystem::path()> workerd;
  // The compatibility date that a version which asks for this one is run with; empty: as it asks.
  std::function<std::string(const std::string& asked)> run_date = {};
  int start_ms = 10'000;                               // from its start until it takes requests
  std::size_t memory_bytes = std::size_t{512} << 20U;  // private memory of one Worker
};

// Whether there is all that a start needs. Errors: Errc::unavailable, saying what to install.
[[nodiscard]] Status check_engine(const Engine& engine);

// Lets the processes of Workers that call others connect to this socket, and nobody else: as root by their
// group, mode 0660; otherwise they run as us, and its mode is 0600.
[[nodiscard]] Status open_to_callers(const std::filesystem::path& socket);

}  // namespace kiln::serving
