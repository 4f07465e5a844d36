#include "store/r2/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/fs.h"
#include "model/space.h"
#include "store/r2/digests.h"
#include "store/r2/reader.h"
#include "store/r2/writer.h"

namespace kiln::store::r2 {
namespace {

namespace fs = std::filesystem;
using sqlite::Connection;

constexpr int kIndexCacheKib = 1024;
constexpr std::string_view kDropped = ".dropped-";

}  // namespace

// What a crash left of spaces that were being dropped goes now.
Files::Files(fs::path folder, const Clock& clock, Entropy& entropy, const FileLimits& limits)
    : folder_(std::move(folder)),
      most_open_(std::max<std::size_t>(limits.open, 1)),
      sweeps_(limits.sweeps),
      settings_{clock,
                entropy,
                std::make_shared<Bin>(),
                {index_steps(), false, kIndexCacheKib},
                limits.bytes,
                limits.smallest_part,
                limits.largest_object} {
  if (!limits.sweeps) return;
  std::error_code error;
  std::vector<fs::path> dropped;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with(kDropped)) dropped.push_back(entry->path());
  }
  for (const fs::path& one : dropped) (void)remove_tree(one);
}

// Those that somebody works on stay: there is one of each, which knows who reads what.
void Files::close_unused() {
  for (auto name = used_.end(); open_.size() >= most_open_ && name != used_.begin();) {
    --name;
    const auto found = open_.find(*name);
    if (found->second.space.use_count() > 1) continue;
    open_.erase(found);
    name = used_.erase(name);
  }
}

Result<std::shared_ptr<Space>> Files::find(const std::string& space, May may) {
  Result<std::shared_ptr<Space>> found = find_open(space, may);
  if (!found) return found;
  // Nobody else's waits for this one's.
  const Status ready = (*found)->ready();
  if (ready) return found;
  const std::lock_guard lock(mutex_);
  known_.erase(space);
  if (const auto open = open_.find(space); open != open_.end() && open->second.space == *found) {
    used_.erase(open->second.place);
    open_.erase(open);
  }
  return tl::unexpected<Error>(ready.error());
}

Result<std::shared_ptr<Space>> Files::find_open(const std::string& space, May may) {
  const auto none = [&space] {
    return fail(Errc::not_found, fmt::format("there is no R2 space {}", space), kNoR2Space);
  };
  if (!model::may_be_space(space)) return none();
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(space); found != open_.end()) {
    used_.splice(used_.begin(), used_, found->second.place);
    return found->second.space;
  }
  std::error_code error;
  if (may == May::open && !fs::exists(folder_ / space, error)) return none();
  Result<std::shared_ptr<Space>> opened =
      Space::open(folder_ / space, settings_, known_.insert(space).second && sweeps_);
  if (!opened) {
    known_.erase(space);
    return opened;
  }
  close_unused();
  used_.push_front(space);
  open_.emplace(space, Open{*opened, used_.begin()});
  return opened;
}

Status Files::make(const std::string& space) {
  const auto made = find(space, May::open_or_make);
  return made ? Status() : tl::unexpected<Error>(made.error());
}

bool Files::has(const std::string& space) {
  std::error_code error;
  return model::may_be_space(space) && fs::exists(folder_ / space, error);
}

// Out of the way at once, under a name that is no space's; its disk is given back after that.
Status Files::drop(const std::string& space, bool only_empty) {
  fs::path aside;
  {
    const auto found = find(space);
    if (!found && found.error().field == kNoR2Space) return {};
    if (!found && only_empty) return tl::unexpected<Error>(found.error());
    if (found) {
      if (Status ended = (*found)->end(only_empty); !ended) return ended;
    }
    const std::lock_guard lock(mutex_);
    if (const auto open = open_.find(space); open != open_.end()) {
      used_.erase(open->second.place);
      open_.erase(open);
    }
    aside = folder_ / (std::string(kDropped) + settings_.entropy.hex32());
    std::error_code error;
    fs::rename(folder_ / space, aside, error);
    if (error == std::errc::no_such_file_or_directory) return {};
    if (error) return fail(errc_of(error.value()), fmt::format("dropping {}: {}", space, error.message()));
    known_.erase(space);
  }
  return remove_tree(aside);
}

Result<std::vector<std::string>> Files::spaces() {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (model::may_be_space(name)) out.push_back(std::move(name));
  }
  if (error) return fail(errc_of(error.value()), "listing " + folder_.string() + ": " + error.message());
  return out;
}

Result<std::optional<model::R2Object>> Files::head(const std::string& space, const std::string& key) {
  const auto found = find(space);
  if (!found) return tl::unexpected<Error>(found.error());
  return (*found)->read([&](Connection& db) { return find_object(db, key); });
}

Result<std::unique_ptr<R2Reader>> Files::open(const std::string& space, const std::string& key) {
  const auto found = find(space);
  if (!found) return tl::unexpected<Error>(found.error());
  Result<std::optional<Space::Visit>> visit = (*found)->visit(key);
  if (!visit) return tl::unexpected<Error>(visit.error());
  if (!*visit) return std::unique_ptr<R2Reader>();
  return std::make_unique<ObjectReader>(*found, **std::move(visit));
}

Status Files::verify(const std::string& space, const std::string& key, const std::function<bool()>& go_on) {
  const Result<std::unique_ptr<R2Reader>> reader = open(space, key);
  if (!reader) return tl::unexpected<Error>(reader.error());
  if (!*reader) return fail(Errc::not_found, "there is no such object");
  const model::R2Object& object = (*reader)->object();
  Digests digests;
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    if (!object.checksums[kind].empty()) digests.want(static_cast<DigestKind>(kind));
  }
  model::R2Span left{0, static_cast<std::uint64_t>(object.size)};
  while (left.length > 0) {
    if (!go_on()) return fail(Errc::timeout, "the reading of an object was stopped");
    const Result<std::string> piece = read_on(**reader, left);
    if (!piece) return tl::unexpected<Error>(piece.error());
    digests.add(*piece);
  }
  const DigestSet found = digests.end();
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    if (object.checksums[kind].empty() || found[kind] == object.checksums[kind]) continue;
    return fail(Errc::corrupt,
                fmt::format("its {} is another than what was put had", model::kDigestNames[kind]));
  }
  return {};
}

// Conditions are judged at the end; one that does not hold already spares the disk.
Result<std::unique_ptr<R2Writer>> Files::put(const std::string& space, R2Put what) {
  const auto found = find(space);
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<std::optional<model::R2Object>> there =
      (*found)->read([&](Connection& db) { return find_object(db, what.key); });
  if (!there) return tl::unexpected<Error>(there.error());
  if (what.only_if && !model::r2_holds(*what.only_if, *there ? &**there : nullptr))
    return fail(Errc::conflict, "At least one of the pre-conditions you specified did not hold.",
                kR2Precondition);
  const std::int64_t replaced = *there ? (*there)->size : 0;
  return std::make_unique<ObjectWriter>(*found, std::move(what), replaced);
}

Status Files::remove(const std::string& space, const std::vector<std::string>& keys) {
  const auto found = find(space);
  if (!found) return tl::unexpected<Error>(found.error());
  std::vector<Gone> gone;
  const Status removed = (*found)->write([&](Connection& db) -> Status {
    for (const std::string& key : keys) {
      if (std::optional<Gone> one = take_out(db, key)) gone.push_back(*std::move(one));
    }
    return {};
  });
  if (!removed) return removed;
  for (Gone& one : gone) (*found)->let_go(std::move(one));
  return {};
}

Result<R2Page> Files::list(const std::string& space, const R2Listing& listing) {
  const auto found = find(space);
  if (!found) return tl::unexpected<Error>(found.error());
  return (*found)->read([&](Connection& db) { return list_objects(db, listing); });
}

Result<R2Size> Files::size(const std::string& space) {
  const auto found = find(space);
  if (!found) return tl::unexpected<Error>(found.error());
  return (*found)->read([](Connection& db) -> Result<R2Size> { return size_of(db); });
}

Status Files::sweep() {
  const Result<std::vector<std::string>> all = spaces();
  if (!all) return tl::unexpected<Error>(all.error());
  Status first;
  for (const std::string& name : *all) {
    const auto found = find(name);
    if (!found && found.error().field == kNoR2Space) continue;
    Status swept = found ? (*found)->sweep() : tl::unexpected<Error>(found.error());
    if (!swept && first) first = std::move(swept);
  }
  return first;
}

}  // namespace kiln::store::r2
