// Where workerd is and what each of its processes may use. Value: any thread.
#pragma once

#include <cstddef>
#include <filesystem>

#include "base/result.h"

namespace kiln::serving {

struct Engine {
  std::filesystem::path workerd;                       // the program itself, not its npm wrapper
  unsigned first_uid = 62000;                          // when we are root, process n runs as first_uid + n
  int start_ms = 10'000;                               // from its start until it takes requests
  std::size_t memory_bytes = std::size_t{512} << 20U;  // private memory of one Worker
};

// Whether there is all that a start needs. Errors: Errc::unavailable, saying what to install.
[[nodiscard]] Status check_engine(const Engine& engine);

}  // namespace kiln::serving
