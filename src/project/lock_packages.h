// The packages that a lock file pins, with the hashes that it holds of their archives: package-lock.json,
// npm-shrinkwrap.json, pnpm-lock.yaml, yarn.lock and bun.lock. The files are anybody's; what is not
// understood is left out. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::project {

struct LockedPackage {
  std::string name;
  std::string version;
  std::string integrity;  // the strongest hash of Subresource Integrity, "sha512-…"; empty: there is none

  auto operator<=>(const LockedPackage&) const = default;
};

struct LockedPackages {
  std::vector<LockedPackage> packages;  // sorted, none twice; those of the repository itself are left out
  std::int64_t named = 0;               // how many there were; beyond `most` they are left out
};

// `file` is the lock file's name, without folders; of one of another name, and of one that is broken, there
// are none.
[[nodiscard]] LockedPackages locked_packages(std::string_view file, std::string_view text, std::size_t most);

}  // namespace kiln::project
