// Chunks of build logs. Called inside a write transaction; belongs to its thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/log_text.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Lines stored of this build.
[[nodiscard]] std::int64_t count_log_lines(Connection& db, const Uuid& build);
// The greatest chunk number of this writer (a lease's raw bytes, or empty for the server), or 0.
[[nodiscard]] std::int64_t last_log_seq(Connection& db, const Uuid& build, std::string_view writer);
void add_log_chunk(Connection& db, const Uuid& build, std::string_view writer, std::int64_t seq,
                   const model::LogChunk& chunk);
// Lines that the server itself has to say, after whatever is there; marked as the service's.
void add_server_lines(Connection& db, const Uuid& build, const std::vector<model::LogLine>& lines);

}  // namespace kiln::store::sqlite
