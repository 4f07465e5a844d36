// A build in short, and its sentence: what became of it, or what it does, for people. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "model/build_minutes.h"
#include "store/story_store.h"

namespace kiln::api::progress {

[[nodiscard]] std::string sentence_of(const store::BuildNote& note, TimeMs now);
// BuildSummary of the API's document.
[[nodiscard]] boost::json::object summary_json(const store::BuildNote& note, TimeMs now);
[[nodiscard]] boost::json::object step_json(const model::BuildStep& step);
// BuildUsage of it: what the build used, so far as it was measured.
[[nodiscard]] boost::json::object usage_json(const store::BuildNote& note, TimeMs now);
// AccountLimits of the API's document.
[[nodiscard]] boost::json::object limits_json(const model::BuildMinutes& minutes);

}  // namespace kiln::api::progress
