// The part of the build store that reads logs. A cursor is the number of lines read so far, in decimal.
#include <algorithm>
#include <charconv>

#include "store/sqlite/build_store.h"
#include "store/sqlite/log_rows.h"
#include "store/sqlite/rows_json.h"

namespace kiln::store::sqlite {
namespace {

constexpr std::size_t kMostBytes = std::size_t{8} << 20U;

tl::unexpected<Error> bad_cursor() {
  return fail(Errc::invalid,
              "cursor is none that this build's log has given; leave it out to read from the start",
              "cursor");
}

std::optional<std::int64_t> parse_cursor(const std::string& cursor) {
  if (cursor.empty()) return 0;
  std::int64_t line = 0;
  const char* end = cursor.data() + cursor.size();
  const auto [at, error] = std::from_chars(cursor.data(), end, line);
  if (error != std::errc() || at != end || line < 0) return std::nullopt;
  return line;
}

// The lines of the chunk in a row of (first_line, frame, lines_json), whichever way they are kept.
std::string text_of(const Query& row) {
  if (row.is_null(1)) {
    model::LogText text;
    for (const model::LogLine& line : lines_from_json(row.text(2)))
      text.add(line.time, line.text, line.service);
    return text.text();
  }
  Result<std::string> text = model::expand(row.text(1));
  if (!text) throw SqlError(SQLITE_CORRUPT, "a stored log chunk: " + text.error().message);
  return std::move(*text);
}

}  // namespace

Result<LogPage> SqliteBuildStore::log(const Uuid& build, const std::string& cursor, std::size_t max_bytes) {
  const std::optional<std::int64_t> start = parse_cursor(cursor);
  if (!start) return bad_cursor();
  const std::size_t budget = std::clamp<std::size_t>(max_bytes, 1, kMostBytes);
  return database_.read([&](Connection& db) -> Result<LogPage> {
    const std::int64_t total = count_log_lines(db, build);
    if (*start > total) return bad_cursor();
    // From the chunk that holds the line on.
    Query chunk = db.query(
        "SELECT first_line, frame, lines_json FROM build_logs WHERE build_uuid = ?1 AND first_line >= "
        "(SELECT coalesce(max(first_line), 0) FROM build_logs WHERE build_uuid = ?1 AND first_line <= ?2) "
        "ORDER BY first_line");
    chunk.bind(build).bind(*start);
    LogPage page;
    std::size_t bytes = 0;
    std::int64_t next = *start;
    while (bytes < budget && chunk.step()) {
      const std::string text = text_of(chunk);
      model::LogTextReader lines(text);
      for (std::int64_t skip = next - chunk.integer(0); skip > 0 && lines.next(); --skip) {
      }
      while (const auto line = lines.next()) {
        if (!page.lines.empty() && bytes + line->text.size() > budget) {
          bytes = budget;
          break;
        }
        bytes += line->text.size();
        page.lines.push_back({line->time, std::string(line->text), line->service});
        ++next;
      }
    }
    page.cursor = std::to_string(next);
    page.more = next < total;
    return page;
  });
}

}  // namespace kiln::store::sqlite
