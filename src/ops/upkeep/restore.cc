#include "ops/upkeep/restore.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/durable_rename.h"
#include "base/fs.h"
#include "base/sizes.h"
#include "base/time_format.h"
#include "ops/upkeep/blob_names.h"

namespace kiln::ops {
namespace {

namespace fs = std::filesystem;

// In this order: the database last, so that there is one only where all else is.
constexpr std::array kPutBack = {"blobs", "kv", "d1", "r2", "secrets.key", "kiln.db"};

tl::unexpected<Error> file_error(const std::string& doing, const fs::path& path) {
  return fail(errc_of(errno), fmt::format("{} {}: {}", doing, path.string(), std::strerror(errno)));
}

// Writes the entries below one folder.
class FolderSink final : public BackupSink {
 public:
  explicit FolderSink(fs::path folder) : folder_(std::move(folder)) {}

  Status facts(const BackupFacts& facts) override {
    struct statvfs disk {};
    if (statvfs(folder_.c_str(), &disk) != 0) return file_error("asking for the free space of", folder_);
    const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    if (facts.bytes <= free) return {};
    return fail(Errc::disk_full, fmt::format("the backup takes {} and {} has {} free",
                                             size_words(facts.bytes), folder_.string(), size_words(free)));
  }

  Status begin(const BackupEntry& entry) override {
    // The name is one of facts.h, so that it leads nowhere else.
    path_ = folder_ / entry.name;
    if (Status made = make_directory(path_.parent_path(), 0700); !made) return made;
    file_ = Fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file_ || fchmod(file_.get(), 0600) != 0) return file_error("making", path_);
    return {};
  }

  Status piece(std::string_view bytes) override { return write_all(file_, bytes, path_); }

  Status end() override {
    file_.reset();
    return {};
  }

 private:
  fs::path folder_;
  fs::path path_;
  Fd file_;
};

// The key that the backup has, or the one that is given beside it.
Status find_key(const RestoreWish& wish, const BackupFacts& facts, const fs::path& folder) {
  if (facts.with_key) return {};
  if (!wish.key_file) {
    return fail(
        Errc::not_found,
        "the backup does not hold the key that opens its secrets; say where that is: --key-file FILE");
  }
  Result<std::string> key = read_file(*wish.key_file, kKeyBytes);
  if (!key) return context(key.error(), "reading the key");
  if (key->size() != kKeyBytes)
    return fail(Errc::corrupt, wish.key_file->string() + " is no key: it is not 32 bytes long");
  return write_file_durably(folder / kKeyEntry, *key, 0600);
}

// How many the backup lacks, all of them told of.
Result<std::uint64_t> count_missing(const BackupContents& contents, const store::BlobHashes& named,
                                    const fs::path& folder) {
  std::uint64_t missing = 0;
  for (const store::BlobHash& blob : named) {
    const std::string name = blob_entry(hex_of(blob));
    if (access((folder / name).c_str(), F_OK) == 0) continue;
    ++missing;
    const bool told = std::any_of(contents.missing.begin(), contents.missing.end(),
                                  [&](const std::string& line) { return line.starts_with(name); });
    if (!told) return fail(Errc::corrupt, "this is no whole backup: its database names " + name);
  }
  return missing;
}

Status move_in(const fs::path& folder, const fs::path& data_dir) {
  const Fd disk(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::error_code error;
  if (fs::exists(folder / "kiln.db-wal", error))
    return fail(Errc::internal, "the restored database was not closed");
  if (!disk || syncfs(disk.get()) != 0) return file_error("syncing", folder);
  for (const char* name : {"blobs", "kv", "d1", "r2"}) {
    if (Status made = make_directory(folder / name, 0700); !made) return made;
  }
  for (const char* name : kPutBack) {
    if (Status moved = rename_durably(folder / name, data_dir / name); !moved) return moved;
  }
  return {};
}

void take_back(const fs::path& data_dir) {
  for (const char* name : kPutBack) (void)remove_tree(data_dir / name);
  (void)remove_tree(data_dir / kRestoring);
}

Result<Restored> restore_into(const RestoreWish& wish, const SettleStore& settle, const fs::path& folder) {
  FolderSink sink(folder);
  Result<BackupContents> contents = read_backup_file(wish.archive, sink);
  if (!contents) return tl::unexpected<Error>(contents.error());
  if (Status key = find_key(wish, contents->facts, folder); !key) return tl::unexpected<Error>(key.error());
  const std::string reason = fmt::format(
      "This server was restored from a backup of {}, when this build was not over. It is not "
      "known here how it went on; push again or retry it.",
      format_rfc3339(contents->facts.made_on));
  Result<store::Settled> settled = settle(folder / kDatabaseEntry, folder / kKeyEntry, reason);
  if (!settled) return tl::unexpected<Error>(settled.error());
  const Result<std::uint64_t> missing = count_missing(*contents, settled->blobs, folder);
  if (!missing) return tl::unexpected<Error>(missing.error());
  if (Status moved = move_in(folder, wish.data_dir); !moved) return tl::unexpected<Error>(moved.error());
  return Restored{std::move(*contents), std::move(*settled), *missing};
}

}  // namespace

Result<Restored> restore_backup(const RestoreWish& wish, const SettleStore& settle) {
  const fs::path folder = wish.data_dir / kRestoring;
  // What one that was killed left: no server has run here since.
  std::error_code error;
  if (fs::exists(folder, error)) take_back(wish.data_dir);
  if (Status made = make_directory(folder, 0700); !made) return tl::unexpected<Error>(made.error());
  Result<Restored> done = restore_into(wish, settle, folder);
  if (!done) {
    take_back(wish.data_dir);
    return done;
  }
  if (Status gone = remove_tree(folder); !gone) return tl::unexpected<Error>(gone.error());
  return done;
}

}  // namespace kiln::ops
