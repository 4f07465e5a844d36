// Which version of a package manager reads a lock file, and which is taken when nothing says. Pure; any
// thread.
#pragma once

#include <map>
#include <string>

#include "runner/tools/detect.h"

namespace kiln::runner {

inline constexpr const char* kDefaultYarn = "4.9.1";
inline constexpr const char* kDefaultPnpm = "10.11.1";
inline constexpr const char* kDefaultBun = "1.2.15";
inline constexpr const char* kByDefault = "the default";  // origin of these

// By the first lines of the manager's lock file in `contents`; not given for npm, which reads all of them.
[[nodiscard]] Wish version_for_lock(PackageManager manager,
                                    const std::map<std::string, std::string>& contents);

}  // namespace kiln::runner
