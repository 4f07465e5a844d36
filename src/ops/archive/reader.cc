#include "ops/archive/reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include "base/fs.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/printable.h"
#include "base/strings.h"

namespace kiln::ops {
namespace {

constexpr std::size_t kLongestFacts = std::size_t{64} << 10U;
constexpr std::size_t kLongestMissing = std::size_t{16} << 20U;
constexpr std::size_t kLongestSums = std::size_t{512} << 20U;
constexpr std::size_t kSumDigits = 64;

struct ReadEnd {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, ReadEnd>;

tl::unexpected<Error> damaged(const std::string& why) {
  return fail(Errc::corrupt, "this is no whole backup: " + why);
}

// One reading. What it knows of the entries behind it.
class Reading {
 public:
  Reading(const BackupSource& source, BackupSink& sink) : source_(source), sink_(sink) {}

  Result<BackupContents> run() {
    if (Status opened = open(); !opened) return tl::unexpected<Error>(opened.error());
    while (!ended_) {
      if (Status read = read_entry(); !read)
        return tl::unexpected<Error>(source_error_.value_or(read.error()));
    }
    return std::move(contents_);
  }

 private:
  Status open() {
    const auto next = [](archive* reader, void* self, const void** bytes) -> la_ssize_t {
      auto& reading = *static_cast<Reading*>(self);
      const Result<std::string_view> piece = reading.source_();
      if (!piece) {
        reading.source_error_ = piece.error();
        archive_set_error(reader, EIO, "%s", "the source failed");
        return -1;
      }
      *bytes = piece->data();
      return static_cast<la_ssize_t>(piece->size());
    };
    reader_.reset(archive_read_new());
    archive* const made = reader_.get();
    const bool ready = made != nullptr && archive_read_support_filter_zstd(made) == ARCHIVE_OK &&
                       archive_read_support_format_tar(made) == ARCHIVE_OK &&
                       archive_read_open(made, this, nullptr, next, nullptr) == ARCHIVE_OK;
    if (ready) return {};
    if (source_error_) return tl::unexpected<Error>(*source_error_);
    return damaged(words());
  }

  [[nodiscard]] std::string words() const {
    const char* text = reader_ ? archive_error_string(reader_.get()) : nullptr;
    return printable(text != nullptr ? text : "it cannot be read");
  }

  Status read_entry() {
    archive_entry* raw = nullptr;
    const int code = archive_read_next_header(reader_.get(), &raw);
    if (code == ARCHIVE_EOF) return damaged("it is cut short, its list of sums is missing");
    if (code != ARCHIVE_OK) return damaged(words());
    Result<BackupEntry> entry = judge(raw);
    if (!entry) return tl::unexpected<Error>(entry.error());
    if (Status fits = judge_place(*entry); !fits) return fits;
    switch (entry->kind) {
      case EntryKind::facts:
        return read_facts(*entry);
      case EntryKind::missing:
        return read_missing(*entry);
      case EntryKind::sums:
        return read_sums(*entry);
      case EntryKind::database:
      case EntryKind::key:
      case EntryKind::kv:
      case EntryKind::d1:
      case EntryKind::r2:
      case EntryKind::blob:
        return pass_on(*entry);
    }
    return {};
  }

  static Result<BackupEntry> judge(archive_entry* raw) {
    const char* path = archive_entry_pathname(raw);
    const std::string name = path != nullptr ? path : "";
    const std::optional<EntryKind> kind = entry_kind(name);
    if (!kind) return damaged("it holds " + printable(name) + ", which no backup has");
    const bool plain = archive_entry_filetype(raw) == AE_IFREG && archive_entry_hardlink(raw) == nullptr &&
                       archive_entry_symlink(raw) == nullptr && archive_entry_sparse_count(raw) == 0 &&
                       archive_entry_is_encrypted(raw) == 0;
    if (!plain) return damaged(name + " in it is no plain file");
    if (archive_entry_size_is_set(raw) == 0 || archive_entry_size(raw) < 0)
      return damaged(name + " in it has no size");
    return BackupEntry{*kind, name, static_cast<std::uint64_t>(archive_entry_size(raw))};
  }

  // In the order of facts.h, none twice, and not more than was announced.
  Status judge_place(const BackupEntry& entry) {
    const bool first = !last_;
    if (first != (entry.kind == EntryKind::facts)) return damaged("it does not begin with its facts");
    const bool has_many = entry.kind == EntryKind::blob || entry.kind == EntryKind::kv ||
                          entry.kind == EntryKind::d1 || entry.kind == EntryKind::r2;
    if (!first && (entry.kind < *last_ || (entry.kind == *last_ && !has_many)))
      return damaged(entry.name + " in it stands twice, or where it does not belong");
    if (entry.kind != EntryKind::facts && entry.kind != EntryKind::database && *last_ == EntryKind::facts)
      return damaged("it holds no database");
    last_ = entry.kind;
    if (first) return {};
    contents_.bytes += entry.size;
    // The lists come on top of what is announced.
    if (entry.kind == EntryKind::missing || entry.kind == EntryKind::sums) return {};
    if (entry.size > contents_.facts.bytes || contents_.bytes > contents_.facts.bytes ||
        ++entries_ > contents_.facts.entries)
      return damaged("it holds more than it announces");
    if (entry.kind == EntryKind::key && (entry.size != kKeyBytes || !contents_.facts.with_key))
      return damaged("its key is none");
    return {};
  }

  // Everything of the entry, piece by piece, with its hash.
  template <typename Take>
  Result<std::string> read_data(const BackupEntry& entry, Take take) {
    Sha256 sum;
    std::uint64_t got = 0;
    while (true) {
      const void* bytes = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int code = archive_read_data_block(reader_.get(), &bytes, &size, &offset);
      if (code == ARCHIVE_EOF) break;
      if (code != ARCHIVE_OK) return damaged(words());
      if (offset != static_cast<la_int64_t>(got) || size > entry.size - got)
        return damaged(entry.name + " in it has holes, or more bytes than it says");
      const std::string_view piece(static_cast<const char*>(bytes), size);
      sum.add(piece);
      got += size;
      if (Status taken = take(piece); !taken) return tl::unexpected<Error>(taken.error());
    }
    if (got != entry.size) return damaged(entry.name + " in it is cut short");
    return sum.end();
  }

  Result<std::string> read_whole(const BackupEntry& entry, std::size_t most, std::string& into) {
    if (entry.size > most) return damaged(entry.name + " in it is too long");
    return read_data(entry, [&into](std::string_view piece) -> Status {
      into.append(piece);
      return {};
    });
  }

  Status read_facts(const BackupEntry& entry) {
    std::string text;
    const Result<std::string> sum = read_whole(entry, kLongestFacts, text);
    if (!sum) return tl::unexpected<Error>(sum.error());
    Result<BackupFacts> facts = parse_facts(text);
    if (!facts) return tl::unexpected<Error>(facts.error());
    contents_.facts = std::move(*facts);
    sums_[entry.name] = *sum;
    return sink_.facts(contents_.facts);
  }

  Status read_missing(const BackupEntry& entry) {
    std::string text;
    const Result<std::string> sum = read_whole(entry, kLongestMissing, text);
    if (!sum) return tl::unexpected<Error>(sum.error());
    for (const std::string& line : split(text, '\n')) {
      const std::string name = line.substr(0, line.find(' '));
      if (line.empty()) continue;
      if (entry_kind(name) != EntryKind::blob) return damaged("it misses what no backup has");
      contents_.missing.push_back(printable(line));
    }
    sums_[entry.name] = *sum;
    return {};
  }

  Status pass_on(const BackupEntry& entry) {
    if (Status begun = sink_.begin(entry); !begun) return begun;
    const Result<std::string> sum =
        read_data(entry, [this](std::string_view piece) { return sink_.piece(piece); });
    if (!sum) return tl::unexpected<Error>(sum.error());
    if (entry.kind == EntryKind::blob) {
      if (entry.name != blob_entry(to_hex(*sum))) return damaged(entry.name + " in it is damaged");
      if (!blobs_.empty() && blobs_.back() == *sum) return damaged(entry.name + " in it stands twice");
      blobs_.push_back(*sum);
      ++contents_.blobs;
    } else if (!sums_.emplace(entry.name, *sum).second) {
      return damaged(entry.name + " in it stands twice");
    }
    return sink_.end();
  }

  // Exactly what was read, and each as it was read.
  Status read_sums(const BackupEntry& entry) {
    std::string text;
    if (const Result<std::string> sum = read_whole(entry, kLongestSums, text); !sum)
      return tl::unexpected<Error>(sum.error());
    if (sums_.count(std::string(kDatabaseEntry)) == 0) return damaged("it holds no database");
    if (contents_.facts.with_key && sums_.count(std::string(kKeyEntry)) == 0)
      return damaged("its key is missing");
    std::sort(blobs_.begin(), blobs_.end());
    if (std::adjacent_find(blobs_.begin(), blobs_.end()) != blobs_.end())
      return damaged("an upload in it stands twice");
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      if (end == rest.npos) return damaged("its list of sums is damaged");
      if (Status fits = judge_sum(rest.substr(0, end)); !fits) return fits;
      rest.remove_prefix(end + 1);
    }
    if (!sums_.empty() || listed_blobs_ != blobs_.size())
      return damaged("its list of sums is not that of its files");
    archive_entry* more = nullptr;
    const int code = archive_read_next_header(reader_.get(), &more);
    if (code != ARCHIVE_EOF) return damaged("something stands behind its end");
    ended_ = true;
    return {};
  }

  Status judge_sum(std::string_view line) {
    if (line.size() <= kSumDigits + 2 || line.substr(kSumDigits, 2) != "  ")
      return damaged("its list of sums is damaged");
    const std::optional<std::string> sum = from_hex(line.substr(0, kSumDigits));
    const std::string name(line.substr(kSumDigits + 2));
    if (!sum) return damaged("its list of sums is damaged");
    if (entry_kind(name) == EntryKind::blob) {
      const bool known =
          name == blob_entry(to_hex(*sum)) && std::binary_search(blobs_.begin(), blobs_.end(), *sum);
      ++listed_blobs_;
      return known ? Status{} : damaged("a sum in it is of nothing");
    }
    const auto found = sums_.find(name);
    if (found == sums_.end() || found->second != *sum)
      return damaged(printable(name) + " in it does not have the sum that it should");
    sums_.erase(found);
    return {};
  }

  const BackupSource& source_;
  BackupSink& sink_;
  Reader reader_;
  std::optional<Error> source_error_;
  BackupContents contents_;
  std::optional<EntryKind> last_;
  std::uint64_t entries_ = 0;
  std::map<std::string, std::string> sums_;  // raw, of all but uploads
  std::vector<std::string> blobs_;           // raw hashes
  std::size_t listed_blobs_ = 0;
  bool ended_ = false;
};

}  // namespace

Result<BackupContents> read_backup(const BackupSource& source, BackupSink& sink) {
  return Reading(source, sink).run();
}

Result<BackupContents> read_backup_file(const std::string& file, BackupSink& sink) {
  constexpr std::size_t piece_bytes = std::size_t{256} << 10U;
  const Fd from(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!from) {
    return fail(errno == ENOENT ? Errc::not_found : errc_of(errno),
                fmt::format("opening {}: {}", file, std::strerror(errno)));
  }
  std::string piece(piece_bytes, '\0');
  const BackupSource source = [&]() -> Result<std::string_view> {
    while (true) {
      const ssize_t got = read(from.get(), piece.data(), piece.size());
      if (got >= 0) return std::string_view(piece.data(), static_cast<std::size_t>(got));
      if (errno != EINTR)
        return fail(errc_of(errno), fmt::format("reading {}: {}", file, std::strerror(errno)));
    }
  };
  return read_backup(source, sink);
}

}  // namespace kiln::ops
