#include "api/builds/text_file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "base/log.h"
#include "base/sizes.h"

namespace kiln::api::builds {
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

TextFile::TextFile(std::filesystem::path folder, std::uint64_t max_bytes, std::uint64_t leave_free)
    : folder_(std::move(folder)),
      half_bytes_(std::min(max_bytes / 2, kMostHalfBytes)),
      leave_free_(leave_free),
      off_(max_bytes == 0) {
  static_assert(std::is_trivially_copyable_v<TextHead>);
}

std::uint64_t TextFile::bytes() {
  const std::lock_guard lock(mutex_);
  return young_.written + young_.pending.size() + old_.written + old_.pending.size();
}

std::vector<std::optional<KeptText>> TextFile::find(std::span<const Uuid> ids, const std::string& account_id,
                                                    std::uint64_t generation, Owners& owners) {
  std::vector<std::optional<KeptText>> found(ids.size());
  const std::lock_guard lock(mutex_);
  const auto account = accounts_.find(account_id);
  if (off_ || account == accounts_.end()) return found;
  struct Record {
    const Half* half = nullptr;
    Place place;
  };
  for (const Uuid& id : ids) {
    young_.places.prefetch(id);
    old_.places.prefetch(id);
  }
  std::vector<Record> records(ids.size());
  std::size_t total = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    for (const Half* half : {&young_, &old_}) {
      const std::optional<Place> place = half->places.find(ids[i]);
      if (!place) continue;
      records[i] = {half, *place};
      total += place->size;
      break;
    }
  }
  if (total == 0) return found;
  const auto bytes = std::make_shared_for_overwrite<char[]>(total);
  char* at = bytes.get();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Record& record = records[i];
    if (record.half == nullptr || !read(*record.half, record.place, at)) continue;
    TextHead head;
    std::memcpy(&head, at, sizeof head);
    if (head.is_of(ids[i], account->second, generation)) {
      found[i] = KeptText{{at + sizeof head, record.place.size - sizeof head}, head.digest, head.trigger};
    }
    at += record.place.size;
  }
  owners.push_back(bytes);
  return found;
}

void TextFile::put(const Uuid& id, const std::string& account_id, std::uint64_t generation,
                   const KeptText& text) {
  const std::lock_guard lock(mutex_);
  if (off_ || text.json.size() > kLargestText || !begin_half()) return;
  const std::uint32_t account =
      accounts_.try_emplace(account_id, static_cast<std::uint32_t>(accounts_.size())).first->second;
  const TextHead head = TextHead::of(id, account, generation, text);
  const std::uint64_t place = young_.written + young_.pending.size();
  young_.pending.append(reinterpret_cast<const char*>(&head), sizeof head).append(text.json);
  young_.pending.resize((young_.pending.size() + kUnit - 1) / kUnit * kUnit);
  young_.places.put(id, {static_cast<std::uint32_t>(place / kUnit),
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
  young_.file = std::move(*file);
  return true;
}

bool TextFile::read(const Half& half, Place place, char* into) {
  const std::uint64_t begin = place.unit * kUnit;
  if (begin >= half.written) {
    std::memcpy(into, half.pending.data() + (begin - half.written), place.size);
    return true;
  }
  return move_all(place.size, [&](std::size_t done) {
    return pread(half.file.get(), into + done, place.size - done, static_cast<off_t>(begin + done));
  });
}

void TextFile::write_pending(Half& half) {
  struct statvfs disk {};
  if (fstatvfs(half.file.get(), &disk) == 0 && disk.f_bavail * disk.f_frsize < leave_free_) {
    give_up(Error{Errc::io, "less than " + size_words(leave_free_) + " are free there", {}});
    return;
  }
  const bool written = move_all(half.pending.size(), [&](std::size_t done) {
    return pwrite(half.file.get(), half.pending.data() + done, half.pending.size() - done,
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

}  // namespace kiln::api::builds
