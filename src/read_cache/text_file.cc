#include "read_cache/text_file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "base/log.h"
#include "base/sizes.h"

namespace kiln::read_cache {
namespace {

constexpr std::uint64_t kUnit = 16;               // records begin at multiples of it
constexpr std::size_t kWriteBytes = 256U << 10U;  // written at once
constexpr std::uint64_t kMostHalfBytes = kUnit * std::numeric_limits<std::uint32_t>::max();

// The whole call may be retried, and short answers are gone on from.
template <typename Step>
bool move_all(std::size_t size, Step step) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t moved = step(done);
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return false;
    done += static_cast<std::size_t>(moved);
  }
  return true;
}

}  // namespace

TextFile::TextFile(std::filesystem::path folder, std::uint64_t max_bytes, const store::ChangedBuilds& changed,
                   std::uint64_t leave_free)
    : folder_(std::move(folder)),
      half_bytes_(std::min(max_bytes / 2, kMostHalfBytes)),
      leave_free_(leave_free),
      off_(max_bytes == 0),
      ledger_(changed) {
  static_assert(std::is_trivially_copyable_v<TextHead>);
}

std::uint64_t TextFile::bytes() {
  const std::lock_guard lock(mutex_);
  return young_.written + young_.pending.size() + old_.written + old_.pending.size();
}

std::vector<std::optional<KeptText>> TextFile::find(std::span<const Uuid> ids, const std::string& account_id,
                                                    Owners& owners) {
  std::vector<std::optional<KeptText>> found(ids.size());
  std::unique_lock lock(mutex_);
  ledger_.catch_up(young_, old_);
  const std::optional<std::uint32_t> account = ledger_.find_account(account_id);
  if (off_ || !account) return found;
  for (const Uuid& id : ids) {
    young_.table.prefetch(id);
    old_.table.prefetch(id);
  }
  struct Record {
    const Half* half = nullptr;
    Place place;
    char* at = nullptr;        // where it goes
    const Fd* file = nullptr;  // where it is read from once the lock is gone; none: it is there already
  };
  std::vector<Record> records(ids.size());
  std::size_t total = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    for (const Half* half : {&young_, &old_}) {
      const std::optional<Place> place = half->table.find(ids[i]);
      if (!place) continue;
      records[i] = {.half = half, .place = *place};
      total += place->size;
      break;
    }
  }
  if (total == 0) return found;
  const auto bytes = std::make_shared_for_overwrite<char[]>(total);
  const std::array open_until_read{young_.file, old_.file};
  char* at = bytes.get();
  for (Record& record : records) {
    if (record.half == nullptr) continue;
    record.at = std::exchange(at, at + record.place.size);
    if (!copy_pending(*record.half, record.place, record.at)) record.file = record.half->file.get();
  }
  lock.unlock();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Record& record = records[i];
    if (record.at == nullptr) continue;
    if (record.file != nullptr && !read(*record.file, record.place, record.at)) continue;
    TextHead head;
    std::memcpy(&head, record.at, sizeof head);
    if (!head.is_of(ids[i], *account)) continue;
    found[i] =
        KeptText{{record.at + sizeof head, record.place.size - sizeof head}, head.digest, head.trigger};
  }
  owners.push_back(bytes);
  return found;
}

void TextFile::put(const Uuid& id, const std::string& account_id, std::uint64_t as_of, const KeptText& text) {
  const std::lock_guard lock(mutex_);
  ledger_.catch_up(young_, old_);
  if (off_ || text.json.size() > kLargestText || !ledger_.is_right(as_of) || !begin_half()) return;
  const TextHead head = TextHead::of(id, ledger_.account(account_id), text);
  const std::uint64_t place = young_.written + young_.pending.size();
  young_.pending.append(reinterpret_cast<const char*>(&head), sizeof head).append(text.json);
  young_.pending.resize((young_.pending.size() + kUnit - 1) / kUnit * kUnit);
  young_.table.put(id, {static_cast<std::uint32_t>(place / kUnit),
                        static_cast<std::uint32_t>(sizeof head + text.json.size())});
  if (young_.pending.size() >= kWriteBytes) write_pending(young_);
}

// Sees to it that the younger half takes one more text. False when there is none to be had.
bool TextFile::begin_half() {
  constexpr std::uint64_t most_of_one = sizeof(TextHead) + kLargestText + kUnit;
  if (young_.file &&
      young_.written + young_.pending.size() + most_of_one <= std::max(half_bytes_, most_of_one)) {
    return true;
  }
  Result<Fd> file = open_unnamed_file(folder_);
  if (!file) {
    give_up(file.error());
    return false;
  }
  // What is read lies all over; what the system reads ahead would be for nothing.
  posix_fadvise(file->get(), 0, 0, POSIX_FADV_RANDOM);
  old_ = std::exchange(young_, {});
  young_.file = std::make_shared<const Fd>(std::move(*file));
  return true;
}

bool TextFile::copy_pending(const Half& half, Place place, char* into) {
  const std::uint64_t begin = place.unit * kUnit;
  if (begin < half.written) return false;
  std::memcpy(into, half.pending.data() + (begin - half.written), place.size);
  return true;
}

bool TextFile::read(const Fd& file, Place place, char* into) {
  return move_all(place.size, [&](std::size_t done) {
    return pread(file.get(), into + done, place.size - done, static_cast<off_t>(place.unit * kUnit + done));
  });
}

void TextFile::write_pending(Half& half) {
  struct statvfs disk {};
  if (fstatvfs(half.file->get(), &disk) == 0 && disk.f_bavail * disk.f_frsize < leave_free_) {
    give_up(Error{Errc::io, "less than " + size_words(leave_free_) + " are free there", {}});
    return;
  }
  const bool written = move_all(half.pending.size(), [&](std::size_t done) {
    return pwrite(half.file->get(), half.pending.data() + done, half.pending.size() - done,
                  static_cast<off_t>(half.written + done));
  });
  if (!written) {
    give_up(Error{Errc::io, std::string("writing: ") + std::strerror(errno), {}});
    return;
  }
  half.written += half.pending.size();
  half.pending.clear();
}

void TextFile::give_up(const Error& error) {
  log::warn("texts of builds are no longer kept in {}: {}; reading old builds takes longer until a restart",
            folder_.string(), error.message);
  off_ = true;
  young_ = {};
  old_ = {};
}

}  // namespace kiln::read_cache
