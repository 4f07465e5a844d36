#include "ops/upkeep/check.h"

#include <fmt/format.h>

#include <system_error>
#include <variant>

#include "base/printable.h"
#include "base/sizes.h"
#include "ops/archive/facts.h"
#include "ops/upkeep/blob_names.h"
#include "ops/upkeep/space_files.h"

namespace kiln::ops {
namespace {

// An upload whose row is still to come.
constexpr TimeMs kYoungMs = TimeMs{24} * 3'600'000;

// One check, and what it has found so far.
class Checking {
 public:
  Checking(const CheckPorts& ports, const CheckWish& wish, const std::function<bool(const Finding&)>& tell)
      : ports_(ports), wish_(wish), tell_(tell) {}

  Result<CheckSummary> run() {
    for (const auto part : {&Checking::database, &Checking::rows, &Checking::named, &Checking::unnamed,
                            &Checking::spaces, &Checking::buckets}) {
      if (Status done = (this->*part)(); !done) return tl::unexpected<Error>(done.error());
      if (stopped_) return fail(Errc::timeout, "the check was stopped");
    }
    return summary_;
  }

 private:
  void say(bool fault, bool repaired, std::string words) {
    if (repaired) {
      ++summary_.repaired;
    } else {
      ++(fault ? summary_.faults : summary_.notes);
    }
    if (!tell_({fault, repaired, std::move(words)})) stopped_ = true;
  }

  Status database() {
    const Result<std::vector<std::string>> damage = ports_.store.damage(go_on_);
    if (!damage && damage.error().code != Errc::corrupt) return tl::unexpected<Error>(damage.error());
    if (!damage) say(true, false, damage.error().message + "; restore a backup");
    if (!damage) return {};
    for (const std::string& words : *damage) say(true, false, words + "; restore a backup");
    return {};
  }

  // Of what stands outside the database: one that cannot be read is told, and hides none of the others.
  void cannot_read(const std::string& name, const Error& error) {
    say(false, false, fmt::format("{} could not be read, and may be whole: {}", name, error.message));
  }

  // Whether the file of a space is whole. One that went since it was listed is no fault.
  Result<bool> is_whole(const std::string& name, const std::filesystem::path& file) {
    const Result<std::vector<std::string>> damage = ports_.store.damage_of(file, go_on_);
    if (damage && damage->empty()) return true;
    if (!damage && damage.error().code == Errc::timeout) return tl::unexpected<Error>(damage.error());
    if (!damage && damage.error().code == Errc::not_found) return false;
    if (!damage && damage.error().code != Errc::corrupt) {
      cannot_read(name, damage.error());
      return false;
    }
    say(true, false,
        fmt::format("{} is damaged: {}; put it back from a backup", name,
                    damage ? damage->front() : damage.error().message));
    return false;
  }

  Status spaces() {
    for (const auto& files :
         {spaces_in(ports_.kv, kKvFolder, EntryKind::kv), spaces_in(ports_.d1, kD1Folder, EntryKind::d1)}) {
      for (const SpaceFile& one : files) {
        if (stopped_) return {};
        const Result<bool> whole = is_whole(one.name, one.file);
        if (!whole) return tl::unexpected<Error>(whole.error());
        if (*whole) ++summary_.spaces;
      }
    }
    return {};
  }

  Status buckets() {
    std::error_code ignored;
    if (!std::filesystem::exists(ports_.r2_folder, ignored)) return {};
    const Result<std::vector<std::string>> all = ports_.r2.spaces();
    if (!all) return tl::unexpected<Error>(all.error());
    for (const std::string& space : *all) {
      if (stopped_) return {};
      const std::string name = fmt::format("{}{}", kR2Folder, space);
      const std::filesystem::path bucket = ports_.r2_folder / space;
      if (!std::filesystem::exists(bucket / kR2Index, ignored)) {
        if (std::filesystem::exists(bucket, ignored))
          say(true, false, fmt::format("{}/{} is missing; put it back from a backup", name, kR2Index));
        continue;
      }
      const Result<bool> whole = is_whole(fmt::format("{}/{}", name, kR2Index), bucket / kR2Index);
      if (!whole) return tl::unexpected<Error>(whole.error());
      if (!*whole) continue;
      if (const Status read = objects_of(space, name); !read) return read;
      ++summary_.spaces;
    }
    return {};
  }

  Status objects_of(const std::string& space, const std::string& name) {
    store::R2Listing listing;
    while (!stopped_) {
      const Result<store::R2Page> page = ports_.r2.list(space, listing);
      if (!page) {
        if (page.error().code == Errc::corrupt)
          say(true, false, page.error().message);
        else if (page.error().code != Errc::not_found)
          cannot_read(name, page.error());
        return {};
      }
      for (const store::R2Entry& entry : page->entries) {
        const std::string& key = std::get<model::R2Object>(entry.what).key;
        const Status whole = ports_.r2.verify(space, key, go_on_);
        if (!whole && whole.error().code == Errc::timeout) return whole;
        if (whole) {
          ++summary_.objects;
        } else if (whole.error().code == Errc::corrupt) {
          say(true, false,
              fmt::format("the object {} in {} is damaged: {}; put it there again, or restore a backup",
                          printable(key), name, whole.error().message));
        } else if (whole.error().code != Errc::not_found) {
          cannot_read(fmt::format("the object {} in {}", printable(key), name), whole.error());
        }
        if (stopped_) return {};
      }
      if (page->complete || page->entries.empty()) return {};
      listing.cursor = page->entries.back().cursor;
    }
    return {};
  }

  Status rows() {
    const Result<std::vector<std::string>> loose = ports_.store.loose_ends(wish_.repair);
    if (!loose) return tl::unexpected<Error>(loose.error());
    for (const std::string& words : *loose)
      say(true, wish_.repair, words + (wish_.repair ? ": put right" : "; kiln check --repair puts it right"));
    if (!wish_.serving) return {};
    const Result<std::int64_t> forgotten = ports_.store.forgotten_leases();
    if (!forgotten) return tl::unexpected<Error>(forgotten.error());
    if (*forgotten > 0) {
      say(true, false,
          fmt::format("{} builds have a lease that ended long ago and that this server did not take back; "
                      "restart it",
                      *forgotten));
    }
    return {};
  }

  Status named() {
    Result<store::BlobHashes> names = ports_.store.named_blobs();
    if (!names) return tl::unexpected<Error>(names.error());
    names_ = std::move(*names);
    const BlobHold::Held held(ports_.hold);
    for (const store::BlobHash& name : names_) {
      if (stopped_) return {};
      if (!go_on_()) return fail(Errc::timeout, "the check was stopped");
      if (Status looked = look_at(name); !looked) return looked;
    }
    return {};
  }

  Status look_at(const store::BlobHash& name) {
    const std::string hash = hex_of(name);
    const Result<std::string> bytes = ports_.blobs.get(hash, kLargestBlob);
    if (bytes) {
      ++summary_.blobs;
      summary_.bytes += bytes->size();
      return {};
    }
    const Result<std::vector<store::BlobUser>> users = ports_.store.users_of(name);
    if (!users) return tl::unexpected<Error>(users.error());
    // Taken away since its name was read: nothing of it is missed.
    if (users->empty()) return {};
    std::string needed;
    for (const store::BlobUser& user : *users)
      needed += fmt::format("{}{} of {}", needed.empty() ? "" : ", ", user.what, user.worker);
    say(true, false,
        fmt::format("the upload {} is {}: {}; deploy again, or put blobs/{}/{} back from a backup", hash,
                    bytes.error().code == Errc::not_found ? "missing" : "damaged", needed, hash.substr(0, 2),
                    hash));
    return {};
  }

  Status unnamed() {
    std::int64_t many = 0;
    std::uint64_t bytes = 0;
    const TimeMs before = ports_.clock.now() - kYoungMs;
    const Status walked = ports_.blobs.each([&](const workers::BlobStore::Found& found) {
      if (found.put_on >= before || (found.is_blob && is_named(names_, found.name))) return true;
      bool gone = false;
      if (wish_.repair) {
        (void)ports_.hold.unless_held([&] { gone = ports_.blobs.remove_if_older(found, before); });
        if (!gone) return true;
      }
      ++many;
      bytes += found.size;
      return true;
    });
    if (!walked) return walked;
    if (many == 0) return {};
    say(false, wish_.repair,
        fmt::format("{} files of {} that nothing names {}", many, size_words(bytes),
                    wish_.repair ? "were removed" : "stand in blobs; kiln prune removes them"));
    return {};
  }

  const CheckPorts& ports_;
  const CheckWish& wish_;
  const std::function<bool(const Finding&)>& tell_;
  std::function<bool()> go_on_ = [this] { return !stopped_ && (!wish_.go_on || wish_.go_on()); };
  CheckSummary summary_;
  store::BlobHashes names_;
  bool stopped_ = false;
};

}  // namespace

Result<CheckSummary> check_all(const CheckPorts& ports, const CheckWish& wish,
                               const std::function<bool(const Finding&)>& tell) {
  return Checking(ports, wish, tell).run();
}

}  // namespace kiln::ops
