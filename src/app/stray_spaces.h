// What bindings keep (model/space.h) that belongs to nothing any more. Called by app; blocks on disk.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/version_store.h"

namespace kiln::app {

// One kind of spaces, and what takes them away.
struct KeptSpaces {
  const char* kind;  // for the log
  std::function<Result<std::vector<std::string>>()> all;
  std::function<Result<std::set<std::string>>()> owners;
  std::function<Status(const std::string& space)> drop;
};

enum class Strays {
  all,     // while nothing is served: also of owners whose making or deletion was cut short
  copies,  // at any time: those of versions that are gone
};

[[nodiscard]] Status take_away_strays(const KeptSpaces& kept, Strays which, store::VersionStore& versions);

}  // namespace kiln::app
