// Rows of builds as model values: the one place that knows their columns. Called inside a transaction;
// belongs to its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/build.h"
#include "store/build_store.h"
#include "store/sqlite/database.h"
#include "store/story_store.h"

namespace kiln::store::sqlite {

// The row as its readers get it; nothing when there is none.
[[nodiscard]] std::optional<BuildRow> load_row(Connection& db, std::int64_t number);
// Into a row whose memory is used again. False when there is none.
[[nodiscard]] bool load_row(Connection& db, std::int64_t number, BuildRow& out);
// The build with how it goes; nothing when there is none.
[[nodiscard]] std::optional<BuildNote> find_note(Connection& db, std::int64_t number);
// Of a build that an index has just named. Throws SqlError(SQLITE_CORRUPT) when it is missing.
[[nodiscard]] BuildNote load_note(Connection& db, std::int64_t number);

struct UploadedVersion {
  Uuid id;
  bool has_preview = false;
  std::string alias = {};
};

// Notes that the build, which must be there, uploaded this version: the build shows it, and the version leads
// to the build. False when some build has that version already; nothing is changed then.
[[nodiscard]] bool map_version(Connection& db, const UploadedVersion& version, const Uuid& build, TimeMs now);
void note_usage(Connection& db, std::int64_t number, const model::BuildUsage& usage);
[[nodiscard]] std::optional<std::int64_t> number_of_build(Connection& db, const Uuid& uuid);

// A build that something has just named, with its trigger. Throws SqlError(SQLITE_CORRUPT) when one is
// missing.
[[nodiscard]] BuildView load_view(Connection& db, std::int64_t number);

}  // namespace kiln::store::sqlite
