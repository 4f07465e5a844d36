// What a build was made from, as its runner read it out of the repository before any command of the project's
// ran: the commit, and the lock file with the packages that it names. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::model {

struct LockedPackage {
  std::string name;       // "@scope/name" too
  std::string version;    // as the lock file has it
  std::string integrity;  // one hash of Subresource Integrity, "sha512-…"; empty: the lock file has none

  bool operator==(const LockedPackage&) const = default;
};

struct Materials {
  std::string repository;   // its address, as the build was given it, without credentials
  std::string commit;       // that was checked out
  std::string lock_file;    // its path from the repository's root; empty: the project has none
  std::string lock_sha256;  // hex; empty: it was too large to be read
  std::vector<LockedPackage> packages;
  std::int64_t packages_named = 0;  // more than there are in `packages`: the rest was too many

  bool operator==(const Materials&) const = default;
};
inline constexpr std::size_t kMostLockedPackages = 10'000;
inline constexpr std::size_t kLongestRepository = 4'096;
inline constexpr std::size_t kLongestLockPath = 4'096;
inline constexpr std::size_t kLongestPackageWord = 300;  // of a name, a version, an integrity

}  // namespace kiln::model
