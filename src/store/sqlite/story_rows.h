// Rows of what builds went through. Called inside a transaction; belongs to its thread.
#pragma once

#include <cstdint>
#include <vector>

#include "model/build_story.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// What a runner told of this attempt, whose own lines begin behind `lines_before` others.
void keep_story(Connection& db, std::int64_t build_number, int attempt, std::int64_t lines_before,
                const model::StoryNotes& notes);
// Steps that run do no more.
void stop_steps(Connection& db, std::int64_t build_number, TimeMs now);
void keep_end_words(Connection& db, std::int64_t build_number, const model::EndWords& words);

// In their order.
[[nodiscard]] std::vector<model::BuildStep> load_steps(Connection& db, std::int64_t build_number);
[[nodiscard]] std::vector<model::ToolUsed> load_tools(Connection& db, std::int64_t build_number);
[[nodiscard]] std::vector<model::CacheUse> load_caches(Connection& db, std::int64_t build_number);
// The last step that any attempt entered.
[[nodiscard]] std::optional<model::BuildStep> load_last_step(Connection& db, std::int64_t build_number);

}  // namespace kiln::store::sqlite
