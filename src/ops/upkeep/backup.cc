#include "ops/upkeep/backup.h"

#include <fmt/format.h>

#include <memory>
#include <system_error>
#include <vector>

#include "base/fs.h"
#include "base/hash.h"
#include "base/temp_folder.h"
#include "base/version.h"
#include "ops/archive/writer.h"
#include "ops/upkeep/blob_names.h"
#include "ops/upkeep/space_files.h"

namespace kiln::ops {
namespace {

namespace fs = std::filesystem;

Result<std::uint64_t> size_of(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (error)
    return fail(errc_of(error.value()), fmt::format("looking at {}: {}", file.string(), error.message()));
  return size;
}

std::uint64_t bytes_of_blobs(const BackupPorts& ports, const store::BlobHashes& blobs) {
  std::uint64_t bytes = 0;
  for (const store::BlobHash& blob : blobs) bytes += size_of(ports.blobs.path_of(hex_of(blob))).value_or(0);
  return bytes;
}

// Each of them beside the copy of the database. One that is deleted meanwhile is none.
Status copy_spaces(const BackupPorts& ports, const std::vector<SpaceFile>& found, const fs::path& folder,
                   const Pieces& out, std::vector<SpaceFile>& into) {
  for (const SpaceFile& original : found) {
    SpaceFile space{original.name, folder / fmt::format("space-{}", into.size())};
    const Status copied = ports.store.write_space(original.file, space.file, [&out] { return out.wanted(); });
    if (!copied && copied.error().code == Errc::not_found) continue;
    if (!copied) return copied;
    const Result<std::uint64_t> size = size_of(space.file);
    if (!size) return tl::unexpected<Error>(size.error());
    space.size = *size;
    into.push_back(std::move(space));
  }
  return {};
}

// The files of a bucket's objects have a second name beside the copy of the database, so that they may go
// from the bucket meanwhile. False: the bucket is gone.
Result<bool> link_objects(const fs::path& blobs, const std::string& entry, const fs::path& folder,
                          std::vector<SpaceFile>& into) {
  std::error_code error;
  fs::directory_iterator file(blobs, error);
  for (; !error && file != fs::directory_iterator(); file.increment(error)) {
    SpaceFile object{entry + file->path().filename().string(), folder / file->path().filename()};
    if (entry_kind(object.name) != EntryKind::r2) continue;
    fs::create_hard_link(file->path(), object.file, error);
    if (error) break;
    const Result<std::uint64_t> size = size_of(object.file);
    if (!size) return tl::unexpected<Error>(size.error());
    object.size = *size;
    into.push_back(std::move(object));
  }
  if (!error) return true;
  if (error == std::errc::no_such_file_or_directory) return false;
  return fail(errc_of(error.value()),
              fmt::format("keeping the objects below {}: {}", blobs.string(), error.message()));
}

// Each bucket's index, then every file that was there when that had been copied: those that it names among
// them, since they stay while the hold lasts.
Status copy_buckets(const BackupPorts& ports, const fs::path& folder, const Pieces& out,
                    std::vector<SpaceFile>& into) {
  const std::unique_ptr<store::R2Objects::Hold> held = ports.r2.hold();
  const Result<std::vector<std::string>> spaces = ports.r2.spaces();
  if (!spaces) return tl::unexpected<Error>(spaces.error());
  for (const std::string& space : *spaces) {
    const std::string entry = std::string(kR2Folder) + space + '/';
    const std::string index = entry + std::string(kR2Index);
    if (entry_kind(index) != EntryKind::r2) continue;
    const fs::path bucket = folder / space;
    if (Status made = make_directory(bucket, 0700); !made) return made;
    std::vector<SpaceFile> copied;
    const Status done =
        copy_spaces(ports, {{index, ports.r2_folder / space / kR2Index}}, bucket, out, copied);
    if (!done) return done;
    if (copied.empty()) continue;
    const Result<bool> linked =
        link_objects(ports.r2_folder / space / kR2Blobs, entry + std::string(kR2Blobs), bucket, copied);
    if (!linked) return tl::unexpected<Error>(linked.error());
    if (*linked) into.insert(into.end(), copied.begin(), copied.end());
  }
  return {};
}

// One that is missing or damaged is noted: the backup has everything else.
Status add_blob(BackupWriter& writer, const BackupPorts& ports, const std::string& hash) {
  const Result<std::string> bytes = ports.blobs.get(hash, kLargestBlob);
  if (bytes) return writer.add(blob_entry(hash), *bytes);
  writer.note_missing(blob_entry(hash),
                      bytes.error().code == Errc::not_found ? "is not there" : "is damaged");
  return {};
}

}  // namespace

Status make_backup(const BackupPorts& ports, bool with_key, Pieces& out) {
  const BlobHold::Held held(ports.hold);
  const Result<TempFolder> folder = TempFolder::make(ports.place, "backup", 0700);
  if (!folder) return tl::unexpected<Error>(folder.error());
  const fs::path database = folder->path() / "kiln.db";
  BackupFacts facts;
  facts.kiln = kVersion;
  facts.made_on = ports.clock.now();
  facts.with_key = with_key;
  if (Status made = ports.store.write_snapshot(database, [&out] { return out.wanted(); }); !made) return made;
  const Result<store::SnapshotFacts> found = ports.store.read_snapshot(database);
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<std::uint64_t> size = size_of(database);
  if (!size) return tl::unexpected<Error>(size.error());
  std::vector<SpaceFile> spaces;
  for (const auto& originals :
       {spaces_in(ports.kv, kKvFolder, EntryKind::kv), spaces_in(ports.d1, kD1Folder, EntryKind::d1)}) {
    if (Status copied = copy_spaces(ports, originals, folder->path(), out, spaces); !copied) return copied;
  }
  if (Status copied = copy_buckets(ports, folder->path(), out, spaces); !copied) return copied;
  facts.schema = found->schema;
  facts.bytes = *size + kKeyBytes + bytes_of_blobs(ports, found->blobs);
  for (const SpaceFile& space : spaces) facts.bytes += space.size;
  facts.entries = 2 + spaces.size() + found->blobs.size();
  const auto writer = BackupWriter::begin(facts, [&out](std::string_view piece) { return out.put(piece); });
  if (!writer) return tl::unexpected<Error>(writer.error());
  if (Status added = (*writer)->add_file(kDatabaseEntry, database, *size); !added) return added;
  if (with_key) {
    const Result<std::string> key = read_file(ports.key, kKeyBytes);
    if (!key) return tl::unexpected<Error>(key.error());
    if (Status added = (*writer)->add(kKeyEntry, *key); !added) return added;
  }
  for (const SpaceFile& space : spaces) {
    if (!out.wanted()) return fail(Errc::timeout, "nobody takes the backup any more");
    if (Status added = (*writer)->add_file(space.name, space.file, space.size); !added) return added;
  }
  for (const store::BlobHash& blob : found->blobs) {
    if (!out.wanted()) return fail(Errc::timeout, "nobody takes the backup any more");
    if (Status added = add_blob(**writer, ports, hex_of(blob)); !added) return added;
  }
  return (*writer)->end();
}

}  // namespace kiln::ops
