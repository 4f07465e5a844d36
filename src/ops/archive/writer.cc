#include "ops/archive/writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/fs.h"
#include "base/hash.h"
#include "base/hex.h"

namespace kiln::ops {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10U;
constexpr unsigned kEntryMode = 0600;

}  // namespace

void BackupWriter::Free::operator()(archive* writer) const {
  archive_write_free(writer);
}

BackupWriter::~BackupWriter() {
  // What is left in it is for nobody.
  if (archive_) archive_write_fail(archive_.get());
}

Result<std::unique_ptr<BackupWriter>> BackupWriter::begin(const BackupFacts& facts, Out out) {
  std::unique_ptr<BackupWriter> writer(new BackupWriter(std::move(out), facts.made_on));
  if (Status opened = writer->open(); !opened) return tl::unexpected<Error>(opened.error());
  if (Status added = writer->add(kFactsEntry, facts_json(facts)); !added)
    return tl::unexpected<Error>(added.error());
  return writer;
}

Status BackupWriter::open() {
  archive_.reset(archive_write_new());
  archive* const made = archive_.get();
  const auto take = [](archive*, void* self, const void* bytes, std::size_t size) -> la_ssize_t {
    auto& writer = *static_cast<BackupWriter*>(self);
    if (!writer.refused_ && writer.out_({static_cast<const char*>(bytes), size}))
      return static_cast<la_ssize_t>(size);
    writer.refused_ = true;
    return -1;
  };
  const bool ready = made != nullptr && archive_write_set_format_pax_restricted(made) == ARCHIVE_OK &&
                     archive_write_add_filter_zstd(made) == ARCHIVE_OK &&
                     archive_write_set_filter_option(made, "zstd", "compression-level", "1") == ARCHIVE_OK &&
                     archive_write_set_bytes_per_block(made, static_cast<int>(kPiece)) == ARCHIVE_OK &&
                     archive_write_set_bytes_in_last_block(made, 1) == ARCHIVE_OK &&
                     archive_write_open(made, this, nullptr, take, nullptr) == ARCHIVE_OK;
  if (!ready) return tl::unexpected<Error>(failure());
  return {};
}

Error BackupWriter::failure() const {
  if (refused_) return {Errc::timeout, "nobody takes the backup any more", {}};
  const char* words = archive_ ? archive_error_string(archive_.get()) : nullptr;
  return {Errc::internal, fmt::format("writing a backup: {}", words != nullptr ? words : "no memory"), {}};
}

Status BackupWriter::begin_entry(std::string_view name, std::uint64_t size) {
  struct EntryEnd {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
  };
  const std::unique_ptr<archive_entry, EntryEnd> entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), std::string(name).c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), kEntryMode);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  archive_entry_set_mtime(entry.get(), made_on_ / 1000, 0);
  if (archive_write_header(archive_.get(), entry.get()) == ARCHIVE_OK) return {};
  return tl::unexpected<Error>(failure());
}

Status BackupWriter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const la_ssize_t wrote = archive_write_data(archive_.get(), bytes.data(), bytes.size());
    if (wrote <= 0) return tl::unexpected<Error>(failure());
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

void BackupWriter::note_sum(std::string_view name, std::string_view raw_hash) {
  sums_ += fmt::format("{}  {}\n", to_hex(raw_hash), name);
}

Status BackupWriter::add(std::string_view name, std::string_view bytes) {
  if (Status begun = begin_entry(name, bytes.size()); !begun) return begun;
  note_sum(name, sha256(bytes));
  return write(bytes);
}

Status BackupWriter::add_file(std::string_view name, const std::filesystem::path& file, std::uint64_t size) {
  const Fd from(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!from) return fail(errc_of(errno), fmt::format("opening {}: {}", file.string(), std::strerror(errno)));
  if (Status begun = begin_entry(name, size); !begun) return begun;
  Sha256 sum;
  std::string piece(kPiece, '\0');
  for (std::uint64_t left = size; left > 0;) {
    const ssize_t got = read(from.get(), piece.data(), std::min<std::uint64_t>(left, piece.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return fail(errc_of(errno), fmt::format("reading {}: {}", file.string(), std::strerror(errno)));
    if (got == 0)
      return fail(Errc::corrupt, fmt::format("{} became shorter while it was read", file.string()));
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
    sum.add(bytes);
    if (Status wrote = write(bytes); !wrote) return wrote;
    left -= bytes.size();
  }
  note_sum(name, sum.end());
  return {};
}

void BackupWriter::note_missing(const std::string& name, const std::string& why) {
  std::string line = why;
  std::replace(line.begin(), line.end(), '\n', ' ');
  missing_ += fmt::format("{}  {}\n", name, line);
}

Status BackupWriter::end() {
  if (!missing_.empty()) {
    if (Status added = add(kMissingEntry, missing_); !added) return added;
  }
  if (Status begun = begin_entry(kSumsEntry, sums_.size()); !begun) return begun;
  if (Status wrote = write(sums_); !wrote) return wrote;
  if (archive_write_close(archive_.get()) != ARCHIVE_OK) return tl::unexpected<Error>(failure());
  return {};
}

}  // namespace kiln::ops
