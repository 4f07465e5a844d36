// The files in which KV namespaces and D1 databases stand, below their folders. What is no such file is left
// out. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ops/archive/facts.h"

namespace kiln::ops {

struct SpaceFile {
  std::string name;  // as a backup's entry: "kv/….db"
  std::filesystem::path file;
  std::uint64_t size = 0;
};

// `top` is the folder of all, `folder` what its name is in a backup, `kind` kv or d1.
[[nodiscard]] std::vector<SpaceFile> spaces_in(const std::filesystem::path& top, std::string_view folder,
                                               EntryKind kind);

}  // namespace kiln::ops
