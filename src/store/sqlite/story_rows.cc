#include "store/sqlite/story_rows.h"

#include "base/strings.h"

namespace kiln::store::sqlite {
namespace {

// Of columns attempt, ordinal, step, state, started_on, stopped_on, command, exit_code, signal, first_line.
model::BuildStep step_of(const Query& row) {
  const auto step = model::parse_step_name(row.view(2));
  const auto state = model::parse_step_state(row.view(3));
  if (!step || !state) throw SqlError(SQLITE_CORRUPT, "a stored step of a build is damaged");
  const auto small = [&row](int column) {
    const std::optional<std::int64_t> number = row.maybe_integer(column);
    return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
  };
  return {.attempt = static_cast<int>(row.integer(0)),
          .ordinal = static_cast<int>(row.integer(1)),
          .step = *step,
          .state = *state,
          .started_on = row.integer(4),
          .stopped_on = row.maybe_integer(5),
          .command = row.text(6),
          .exit_code = small(7),
          .signal = small(8),
          .first_line = row.integer(9)};
}

}  // namespace

void keep_story(Connection& db, std::int64_t build_number, int attempt, std::int64_t lines_before,
                const model::StoryNotes& notes) {
  for (const model::BuildStep& step : notes.steps) {
    db.query(
          "INSERT INTO build_steps (build_number, attempt, ordinal, step, state, started_on, stopped_on, "
          "command, exit_code, signal, first_line) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
          "ON CONFLICT (build_number, attempt, ordinal) DO UPDATE SET state = excluded.state, stopped_on = "
          "excluded.stopped_on, command = excluded.command, exit_code = excluded.exit_code, signal = "
          "excluded.signal")
        .bind(build_number)
        .bind(attempt)
        .bind(step.ordinal)
        .bind(model::to_string(step.step))
        .bind(model::to_string(step.state))
        .bind(step.started_on)
        .bind(step.stopped_on)
        .bind(to_valid_utf8(step.command))
        .bind(step.exit_code)
        .bind(step.signal)
        .bind(lines_before + step.first_line)
        .run();
  }
  if (!notes.tools.empty())
    db.query("DELETE FROM build_tools WHERE build_number = ?").bind(build_number).run();
  int place = 0;
  for (const model::ToolUsed& tool : notes.tools) {
    db.query("INSERT INTO build_tools (build_number, place, name, version) VALUES (?, ?, ?, ?)")
        .bind(build_number)
        .bind(place++)
        .bind(to_valid_utf8(tool.name))
        .bind(to_valid_utf8(tool.version))
        .run();
  }
  for (const model::CacheUse& use : notes.caches) {
    db.query(
          "INSERT INTO build_caches (build_number, kind, restored, kept, bytes) VALUES (?, ?, ?, ?, ?) "
          "ON CONFLICT (build_number, kind) DO UPDATE SET restored = excluded.restored, kept = "
          "excluded.kept, bytes = excluded.bytes")
        .bind(build_number)
        .bind(model::to_string(use.kind))
        .bind(use.restored)
        .bind(model::to_string(use.kept))
        .bind(use.bytes)
        .run();
  }
}

void stop_steps(Connection& db, std::int64_t build_number, TimeMs now) {
  db.query(
        "UPDATE build_steps SET state = 'stopped', stopped_on = max(started_on, ?) WHERE build_number = ? "
        "AND state = 'running'")
      .bind(now)
      .bind(build_number)
      .run();
}

void keep_end_words(Connection& db, std::int64_t build_number, const model::EndWords& words) {
  db.query("UPDATE builds SET sentence = ?, failed_step = ?, end_cause = ? WHERE number = ?")
      .bind(to_valid_utf8(words.sentence))
      .bind(words.failed_step ? model::to_string(*words.failed_step) : std::string_view())
      .bind(model::to_string(words.cause))
      .bind(build_number)
      .run();
}

std::vector<model::BuildStep> load_steps(Connection& db, std::int64_t build_number) {
  std::vector<model::BuildStep> out;
  Query rows = db.query(
      "SELECT attempt, ordinal, step, state, started_on, stopped_on, command, exit_code, signal, first_line "
      "FROM build_steps WHERE build_number = ? ORDER BY attempt, ordinal");
  rows.bind(build_number);
  while (rows.step()) out.push_back(step_of(rows));
  return out;
}

std::vector<model::ToolUsed> load_tools(Connection& db, std::int64_t build_number) {
  std::vector<model::ToolUsed> out;
  Query rows = db.query("SELECT name, version FROM build_tools WHERE build_number = ? ORDER BY place");
  rows.bind(build_number);
  while (rows.step()) out.push_back({rows.text(0), rows.text(1)});
  return out;
}

std::vector<model::CacheUse> load_caches(Connection& db, std::int64_t build_number) {
  std::vector<model::CacheUse> out;
  Query rows =
      db.query("SELECT kind, restored, kept, bytes FROM build_caches WHERE build_number = ? ORDER BY kind");
  rows.bind(build_number);
  while (rows.step()) {
    const auto kind = model::parse_cache_kind(rows.view(0));
    const auto kept = model::parse_cache_kept(rows.view(2));
    if (!kind || !kept) throw SqlError(SQLITE_CORRUPT, "a stored cache of a build is damaged");
    out.push_back({*kind, rows.integer(1) != 0, *kept, rows.maybe_integer(3)});
  }
  return out;
}

std::optional<model::BuildStep> load_last_step(Connection& db, std::int64_t build_number) {
  Query row = db.query(
      "SELECT attempt, ordinal, step, state, started_on, stopped_on, command, exit_code, signal, first_line "
      "FROM build_steps WHERE build_number = ? ORDER BY attempt DESC, ordinal DESC LIMIT 1");
  if (!row.bind(build_number).step()) return std::nullopt;
  return step_of(row);
}

}  // namespace kiln::store::sqlite
