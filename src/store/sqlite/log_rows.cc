#include "store/sqlite/log_rows.h"

#include <utility>

#include "store/sqlite/rows_json.h"

namespace kiln::store::sqlite {
namespace {

// The lines of the chunk in a row of (first_line, frame, lines_json), whichever way they are kept.
std::string chunk_text(const Query& row) {
  if (row.is_null(1)) {
    model::LogText text;
    for (const model::LogLine& line : lines_from_json(row.text(2)))
      text.add(line.time, line.text, line.service);
    return text.text();
  }
  Result<std::string> text = model::expand(row.view(1));
  if (!text) throw SqlError(SQLITE_CORRUPT, "a stored log chunk: " + text.error().message);
  return std::move(*text);
}

}  // namespace

LogChunks::LogChunks(Connection& db, const Uuid& build, std::int64_t lines_before)
    : rows_(db.query(
          "SELECT first_line, frame, lines_json FROM build_logs WHERE build_uuid = ?1 AND first_line >= "
          "(SELECT coalesce(max(first_line), 0) FROM build_logs WHERE build_uuid = ?1 AND first_line <= ?2) "
          "ORDER BY first_line")) {
  rows_.bind(build).bind(lines_before);
}

bool LogChunks::next() {
  if (!rows_.step()) return false;
  first_line_ = rows_.integer(0);
  text_ = chunk_text(rows_);
  return true;
}

void read_log_lines(Connection& db, const Uuid& build, std::int64_t first, std::int64_t end,
                    std::size_t max_bytes, std::vector<model::LogLine>& out) {
  LogChunks chunks(db, build, first - 1);
  std::size_t bytes = 0;
  std::int64_t next = first;
  while (next < end && chunks.next()) {
    model::LogTextReader lines(chunks.text());
    for (std::int64_t skip = next - 1 - chunks.first_line(); skip > 0 && lines.next(); --skip) {
    }
    while (next < end) {
      const auto line = lines.next();
      if (!line) break;
      if (!out.empty() && bytes + line->text.size() > max_bytes) return;
      bytes += line->text.size();
      out.push_back({line->time, std::string(line->text), line->service});
      ++next;
    }
  }
}

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

std::int64_t lines_before_writer(Connection& db, const Uuid& build, std::string_view writer) {
  {
    Query row = db.query("SELECT first_line FROM build_logs WHERE build_uuid = ? AND writer = ? AND seq = 1");
    if (row.bind(build).bind_blob(writer).step()) return row.integer(0);
  }
  return count_log_lines(db, build);
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
