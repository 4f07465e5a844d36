#include "ops/upkeep/check.h"

#include <fmt/format.h>

#include "base/sizes.h"
#include "ops/upkeep/blob_names.h"

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
    for (const auto part : {&Checking::database, &Checking::rows, &Checking::named, &Checking::unnamed}) {
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
    const Result<std::vector<std::string>> damage = ports_.store.damage();
    if (!damage && damage.error().code != Errc::corrupt) return tl::unexpected<Error>(damage.error());
    if (!damage) say(true, false, damage.error().message + "; restore a backup");
    if (!damage) return {};
    for (const std::string& words : *damage) say(true, false, words + "; restore a backup");
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
