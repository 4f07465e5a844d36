// Chunks of build logs, and their lines. Called inside a transaction; belongs to its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/log_text.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Lines stored of this build.
[[nodiscard]] std::int64_t count_log_lines(Connection& db, const Uuid& build);
// The greatest chunk number of this writer (a lease's raw bytes, or empty for the server), or 0.
[[nodiscard]] std::int64_t last_log_seq(Connection& db, const Uuid& build, std::string_view writer);
// How many lines stood in the log when this writer began; all there are when it has not.
[[nodiscard]] std::int64_t lines_before_writer(Connection& db, const Uuid& build, std::string_view writer);
void add_log_chunk(Connection& db, const Uuid& build, std::string_view writer, std::int64_t seq,
                   const model::LogChunk& chunk);
// Lines that the server itself has to say, after whatever is there; marked as the service's.
void add_server_lines(Connection& db, const Uuid& build, const std::vector<model::LogLine>& lines);

// The chunks of a log, from the one that holds the line behind `lines_before` on, expanded one by one.
class LogChunks {
 public:
  LogChunks(Connection& db, const Uuid& build, std::int64_t lines_before);
  // False behind the last. Throws SqlError(SQLITE_CORRUPT) for a damaged one.
  [[nodiscard]] bool next();
  // How many lines stand in front of the chunk, and its own lines (model/log_text.h); good until next().
  [[nodiscard]] std::int64_t first_line() const { return first_line_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  Query rows_;
  std::int64_t first_line_ = 0;
  std::string text_;
};

// The lines from number `first` to before `end` are put behind `out`, as far as `max_bytes` of text go; one
// at least.
void read_log_lines(Connection& db, const Uuid& build, std::int64_t first, std::int64_t end,
                    std::size_t max_bytes, std::vector<model::LogLine>& out);

}  // namespace kiln::store::sqlite
