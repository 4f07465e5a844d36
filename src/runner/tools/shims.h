// Programs that every build finds at the end of its PATH, or where its system's Python would be: pnpm, yarn
// and bun, which fetch themselves into the build's home when they are first called, and a Python that sees
// none of the host's own packages, with a pip that makes the build's own virtual environment. Scripts in the
// tool cache's folder, which builds see read-only. Any thread.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace kiln::runner {

// Below the tool cache.
inline constexpr const char* kManagerShims = "shims/managers";
inline constexpr const char* kPythonShims = "shims/python/bin";
// Inside a build: its virtual environment, once there is one.
inline constexpr const char* kPythonHome = "/opt/buildhome/.kiln-python";

// Writes what is not there or not as it should be.
[[nodiscard]] Status make_shims(const std::filesystem::path& tools);

}  // namespace kiln::runner
