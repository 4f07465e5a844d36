// What a process said when it did not start or ended by itself, as people should read it. Pure functions: any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "serving/engine.h"
#include "serving/process_kind.h"
#include "serving/spawn.h"

namespace kiln::serving {

// Without the names of our own services before the runtime's messages, at most 8 KiB of valid UTF-8.
[[nodiscard]] std::string runtime_words(std::string_view err);

// `words` for the log: one line, without control characters.
[[nodiscard]] std::string in_one_line(std::string_view words);

// Why a process ended before it listened. Errc::unavailable when its sandbox is to blame, else
// Errc::script_invalid.
[[nodiscard]] Error why_not_started(const Engine& engine, const Ending& ending, std::string_view err);

// Why a process ended that had listened, as one sentence for its log and its tails. `hung_ms`: it was killed
// because it had taken nothing in for so long; 0: it was not.
[[nodiscard]] std::string why_it_ended(const Engine& engine, const Ending& ending, std::string_view err,
                                       int hung_ms, ProcessKind kind = ProcessKind::version);

// Why a start was given up at its limit.
[[nodiscard]] Error started_too_slowly(const Engine& engine);

}  // namespace kiln::serving
