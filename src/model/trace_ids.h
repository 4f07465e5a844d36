// The ids by which a build is told as a trace. They follow from the build's own, so that the server that
// tells of it and the runner whose commands go on with it agree, and a trace that is told again is the same.
// Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "model/build_story.h"

namespace kiln::model {

// 32 hex digits: the build's own.
[[nodiscard]] std::string trace_id(const Uuid& build);
// 16 hex digits, of a part of the build: "" is the build itself.
[[nodiscard]] std::string span_id(const Uuid& build, std::string_view part);
[[nodiscard]] std::string step_span_id(const Uuid& build, int attempt, StepName step);

// What a command of that step finds as TRACEPARENT, as W3C Trace Context has it; it is sampled.
[[nodiscard]] std::string trace_parent(const Uuid& build, int attempt, StepName step);

}  // namespace kiln::model
