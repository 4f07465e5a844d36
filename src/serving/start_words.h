// What a process said when it did not start, as people should read it. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

#include "serving/engine.h"
#include "serving/spawn.h"

namespace kiln::serving {

// Without the names of our own services before the runtime's messages, at most 8 KiB of valid UTF-8.
[[nodiscard]] std::string runtime_words(std::string_view err);

// `words` for the log: one line, without control characters.
[[nodiscard]] std::string in_one_line(std::string_view words);

// Why a process ended before it listened. Errc::unavailable when its sandbox is to blame, else
// Errc::script_invalid.
[[nodiscard]] Error why_not_started(const Engine& engine, const Ending& ending, std::string_view err);

// The same for one that was still starting at its limit.
[[nodiscard]] Error started_too_slowly(const Engine& engine);

}  // namespace kiln::serving
