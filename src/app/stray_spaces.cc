#include "app/stray_spaces.h"

#include <optional>

#include "base/ids.h"
#include "base/log.h"
#include "model/space.h"

namespace kiln::app {
namespace {

Result<bool> is_gone(const std::string& copy, store::VersionStore& versions) {
  const std::optional<Uuid> version = Uuid::parse(copy);
  if (!version) return true;
  const auto found = versions.runnable_version(*version);
  if (!found && found.error().code != Errc::version_not_found) return tl::unexpected<Error>(found.error());
  return !found;
}

}  // namespace

Status take_away_strays(const KeptSpaces& kept, Strays which, store::VersionStore& versions) {
  const Result<std::vector<std::string>> all = kept.all();
  if (!all) return tl::unexpected<Error>(all.error());
  // After the spaces: the owner of one that is there by now is known.
  const Result<std::set<std::string>> owners = kept.owners();
  if (!owners) return tl::unexpected<Error>(owners.error());
  for (const std::string& name : *all) {
    const model::Space space = model::read_space(name);
    if (which == Strays::copies && space.copy.empty()) continue;
    if (owners->contains(space.owner)) {
      if (space.copy.empty()) continue;
      const Result<bool> gone = is_gone(space.copy, versions);
      if (!gone) return tl::unexpected<Error>(gone.error());
      if (!*gone) continue;
    }
    log::info("{} taken away space={}", kept.kind, name);
    if (Status gone = kept.drop(name); !gone) return gone;
  }
  return {};
}

}  // namespace kiln::app
