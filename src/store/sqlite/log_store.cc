#include "store/sqlite/log_store.h"

#include <algorithm>

#include "store/sqlite/log_rows.h"

namespace kiln::store::sqlite {
namespace {

// Of the lines, the last whose text is no more than that.
void keep_last(std::vector<model::LogLine>& lines, std::size_t max_bytes) {
  std::size_t bytes = 0;
  std::size_t kept = 0;
  while (kept < lines.size()) {
    bytes += lines[lines.size() - 1 - kept].text.size();
    if (kept > 0 && bytes > max_bytes) break;
    ++kept;
  }
  lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kept));
}

}  // namespace

Result<LogWindow> SqliteLogStore::lines(const Uuid& build, const LineRange& range, std::size_t max_bytes) {
  return database_.read([&](Connection& db) -> Result<LogWindow> {
    LogWindow window;
    window.total = count_log_lines(db, build);
    const std::int64_t at = std::clamp<std::int64_t>(range.at, 1, window.total + 1);
    const std::int64_t count = std::max<std::int64_t>(range.count, 0);
    if (range.side == LineRange::Side::from) {
      window.first = at;
      read_log_lines(db, build, at, std::min(at + count, window.total + 1), max_bytes, window.lines);
      return window;
    }
    // How long the lines are is known once they are read.
    constexpr std::size_t all = SIZE_MAX;
    read_log_lines(db, build, std::max<std::int64_t>(1, at - count), at, all, window.lines);
    keep_last(window.lines, max_bytes);
    window.first = at - static_cast<std::int64_t>(window.lines.size());
    return window;
  });
}

Result<std::int64_t> SqliteLogStore::count(const Uuid& build) {
  return database_.read([&](Connection& db) -> Result<std::int64_t> { return count_log_lines(db, build); });
}

Result<std::int64_t> SqliteLogStore::walk(const Uuid& build, std::int64_t from, const Visitor& visit) {
  return database_.read([&](Connection& db) -> Result<std::int64_t> {
    const std::int64_t total = count_log_lines(db, build);
    if (from > total) return total;
    LogChunks chunks(db, build, std::max<std::int64_t>(from, 1) - 1);
    while (chunks.next()) {
      if (!visit(chunks.first_line() + 1, chunks.text())) break;
    }
    return total;
  });
}

}  // namespace kiln::store::sqlite
