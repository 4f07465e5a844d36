#include "store/sqlite/log_rows.h"

namespace kiln::store::sqlite {

std::int64_t count_log_lines(Connection& db, const Uuid& build) {
  // An empty chunk stands where the next one begins, so the longest of the last ones counts.
  Query row = db.query(
      "SELECT first_line + line_count FROM build_logs WHERE build_uuid = ? "
      "ORDER BY first_line DESC, line_count DESC LIMIT 1");
  return row.bind(build).step() ? row.integer(0) : 0;
}

std::int64_t last_log_seq(Connection& db, const Uuid& build, std::string_view writer) {
  Query row = db.query("SELECT coalesce(max(seq), 0) FROM build_logs WHERE build_uuid = ? AND writer = ?");
  return row.bind(build).bind_blob(writer).step() ? row.integer(0) : 0;
}

void add_log_chunk(Connection& db, const Uuid& build, std::string_view writer, std::int64_t seq,
                   const model::LogChunk& chunk) {
  db.query(
        "INSERT INTO build_logs (build_uuid, first_line, writer, seq, line_count, lines_json, frame) "
        "VALUES (?, ?, ?, ?, ?, '', ?)")
      .bind(build)
      .bind(count_log_lines(db, build))
      .bind_blob(writer)
      .bind(seq)
      .bind(chunk.lines)
      .bind_blob(chunk.frame)
      .run();
}

void add_server_lines(Connection& db, const Uuid& build, const std::vector<model::LogLine>& lines) {
  if (lines.empty()) return;
  std::vector<model::LogLine> marked = lines;
  for (model::LogLine& line : marked) line.service = true;
  add_log_chunk(db, build, {}, last_log_seq(db, build, {}) + 1, model::pack(marked));
}

}  // namespace kiln::store::sqlite
