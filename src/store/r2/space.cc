#include "store/r2/space.h"

#include <fmt/format.h>

#include <system_error>

#include "base/fs.h"
#include "base/log.h"

namespace kiln::store::r2 {
namespace {

namespace fs = std::filesystem;
using sqlite::Connection;
using sqlite::Database;

template <typename Take>
Status each_file(const fs::path& folder, Take take) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    take(entry->path());
  if (!error) return {};
  return fail(errc_of(error.value()), fmt::format("listing {}: {}", folder.string(), error.message()));
}

}  // namespace

Result<std::shared_ptr<Space>> Space::open(fs::path folder, const SpaceSettings& settings, bool first) {
  std::shared_ptr<Space> space(new Space(std::move(folder), settings));
  for (const char* below : {kBlobs, kIncoming}) {
    if (Status made = make_directory(space->folder_ / below, 0700); !made)
      return tl::unexpected<Error>(made.error());
  }
  // Without the index that names them, files of objects would be nobody's.
  bool has_objects = false;
  const Status looked = each_file(space->folder_ / kBlobs, [&](const fs::path&) { has_objects = true; });
  if (!looked) return tl::unexpected<Error>(looked.error());
  Result<std::unique_ptr<Database>> opened =
      Database::open(space->folder_ / kIndex, settings.clock,
                     has_objects ? Database::May::open : Database::May::open_or_make, settings.schema);
  if (!opened && has_objects && opened.error().code == Errc::corrupt)
    return fail(Errc::corrupt,
                fmt::format("the index of an R2 bucket is lost or damaged, and files of objects stand beside "
                            "it: put {} back from a backup ({})",
                            (space->folder_ / kIndex).string(), opened.error().message));
  if (!opened) return tl::unexpected<Error>(opened.error());
  space->database_ = *std::move(opened);
  space->has_left_overs_ = first;
  const Status counted = space->database_->read([&](Connection& db) -> Status {
    space->bytes_ = size_of(db).bytes;
    return {};
  });
  if (!counted) return tl::unexpected<Error>(counted.error());
  return space;
}

Status Space::ready() {
  std::call_once(cleared_once_, [this] {
    if (has_left_overs_) cleared_ = clear_left_overs();
  });
  return cleared_;
}

Status Space::clear_left_overs() {
  std::size_t cleared = 0;
  const auto remove = [&cleared](const fs::path& file) {
    std::error_code ignored;
    if (fs::remove(file, ignored)) ++cleared;
  };
  if (Status incoming = each_file(folder_ / kIncoming, remove); !incoming) return incoming;
  const Status named = database_->read([&](Connection& db) {
    return each_file(folder_ / kBlobs, [&](const fs::path& file) {
      if (!is_named(db, file.filename().string())) remove(file);
    });
  });
  if (cleared > 0)
    log::info("r2 took away what was not finished space={} files={}", folder_.filename().string(), cleared);
  return named;
}

tl::unexpected<Error> Space::none() const {
  return fail(Errc::not_found, fmt::format("there is no R2 space {}", folder_.filename().string()),
              kNoR2Space);
}

Status Space::check_size(Connection& db) const {
  if (settings_.bytes == 0 || size_of(db).bytes <= settings_.bytes) return {};
  return fail(Errc::disk_full, "the bucket has reached its limit");
}

Status Space::grow(std::int64_t bytes, std::int64_t replaced) {
  const std::int64_t coming = incoming_ += bytes;
  if (settings_.bytes == 0 || bytes_ + coming - replaced <= settings_.bytes) return {};
  return fail(Errc::disk_full, "the bucket has reached its limit");
}

// Under the lock: whoever takes the row away looks here afterwards.
Result<std::optional<Space::Visit>> Space::visit(const std::string& key) {
  const std::lock_guard lock(mutex_);
  Result<std::optional<Visit>> found = read([&](Connection& db) -> Result<std::optional<Visit>> {
    Result<std::optional<model::R2Object>> object = find_object(db, key);
    if (!object) return tl::unexpected<Error>(object.error());
    if (!*object) return std::optional<Visit>();
    std::vector<Blob> blobs = blobs_of(db, (*object)->version);
    return std::optional(Visit{**std::move(object), std::move(blobs)});
  });
  if (found && *found) ++visits_[(*found)->object.version];
  return found;
}

void Space::leave(const std::string& version) {
  std::vector<std::string> blobs;
  {
    const std::lock_guard lock(mutex_);
    const auto visit = visits_.find(version);
    if (--visit->second > 0) return;
    visits_.erase(visit);
    if (const auto doomed = doomed_.find(version); doomed != doomed_.end()) {
      blobs = std::move(doomed->second);
      doomed_.erase(doomed);
    }
  }
  let_go(blobs);
}

void Space::let_go(Gone gone) {
  {
    const std::lock_guard lock(mutex_);
    if (visits_.contains(gone.version)) {
      doomed_[gone.version] = std::move(gone.blobs);
      return;
    }
  }
  let_go(gone.blobs);
}

void Space::let_go(const std::vector<std::string>& blobs) {
  for (const std::string& name : blobs) settings_.bin->take(blob(name));
}

Status Space::end(bool only_empty) {
  const std::unique_lock alone(life_);
  if (gone_) return {};
  if (only_empty) {
    const Status empty = database_->read([](Connection& db) -> Status {
      if (size_of(db).objects == 0) return {};
      return fail(Errc::conflict, "The bucket you tried to delete is not empty.", kR2NotEmpty);
    });
    if (!empty) return empty;
  }
  gone_ = true;
  database_.reset();
  return {};
}

Status Space::sweep() {
  const TimeMs before = settings_.clock.now() - model::kR2UploadLifeMs;
  bool more = true;
  while (more) {
    std::vector<std::string> blobs;
    const Status swept = write([&](Connection& db) -> Status {
      const std::vector<std::string> old = uploads_before(db, before);
      for (const std::string& id : old) {
        for (PartRow& part : parts_of(db, id)) blobs.push_back(std::move(part.blob.name));
        drop_upload(db, id);
      }
      more = !old.empty();
      return {};
    });
    if (!swept) return swept.error().field == kNoR2Space ? Status() : swept;
    let_go(blobs);
  }
  return {};
}

}  // namespace kiln::store::r2
