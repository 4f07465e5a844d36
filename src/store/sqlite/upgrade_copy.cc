#include "store/sqlite/upgrade_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <vector>

#include "base/durable_rename.h"
#include "base/fs.h"
#include "base/sizes.h"
#include "store/sqlite/online_copy.h"

namespace kiln::store::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCopiesKept = 2;
constexpr std::string_view kBefore = ".before-";

// N of "kiln.db.before-N".
std::optional<std::int64_t> copy_number(const std::string& name, const std::string& database) {
  const std::string begin = database + std::string(kBefore);
  if (!name.starts_with(begin)) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data() + begin.size(), end, number);
  return error == std::errc() && stopped == end ? std::optional(number) : std::nullopt;
}

void drop_old_copies(const fs::path& file) {
  std::vector<std::pair<std::int64_t, fs::path>> copies;
  std::error_code error;
  for (fs::directory_iterator entry(file.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    if (const auto number = copy_number(entry->path().filename(), file.filename()))
      copies.emplace_back(*number, entry->path());
  }
  std::sort(copies.rbegin(), copies.rend());
  for (std::size_t i = kCopiesKept; i < copies.size(); ++i) fs::remove(copies[i].second, error);
}

}  // namespace

Status keep_before_upgrade(Connection& db, const fs::path& file, std::int64_t migrations_done) {
  const fs::path copy = fmt::format("{}{}{}", file.string(), kBefore, migrations_done);
  const fs::path unfinished = copy.string() + ".part";
  std::error_code error;
  if (fs::exists(copy, error)) return {};
  fs::remove(unfinished, error);
  Status done = copy_online(db, unfinished, {});
  if (done) done = rename_durably(unfinished, copy);
  if (!done && done.error().code == Errc::disk_full) {
    const std::uintmax_t size = fs::file_size(file, error);
    return fail(Errc::disk_full,
                fmt::format("this Kiln is newer than the data, and before it changes them it copies the "
                            "database to {}, for which there is no room: it needs {}. Make room and start "
                            "again; nothing was changed",
                            copy.string(), size_words(error ? 0 : size)));
  }
  if (!done) return context(done.error(), "copying the database before its upgrade");
  drop_old_copies(file);
  return {};
}

}  // namespace kiln::store::sqlite
