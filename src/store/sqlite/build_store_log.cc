// The part of the build store that reads logs. A cursor is the number of lines read so far, in decimal.
#include <algorithm>
#include <charconv>

#include "store/sqlite/build_store.h"
#include "store/sqlite/log_rows.h"

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

}  // namespace

Result<LogPage> SqliteBuildStore::log(const Uuid& build, const std::string& cursor, std::size_t max_bytes) {
  const std::optional<std::int64_t> start = parse_cursor(cursor);
  if (!start) return bad_cursor();
  const std::size_t budget = std::clamp<std::size_t>(max_bytes, 1, kMostBytes);
  return database_.read([&](Connection& db) -> Result<LogPage> {
    const std::int64_t total = count_log_lines(db, build);
    if (*start > total) return bad_cursor();
    LogPage page;
    read_log_lines(db, build, *start + 1, total + 1, budget, page.lines);
    const std::int64_t next = *start + static_cast<std::int64_t>(page.lines.size());
    page.cursor = std::to_string(next);
    page.more = next < total;
    return page;
  });
}

}  // namespace kiln::store::sqlite
