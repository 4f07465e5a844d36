// A new branch that begins as a copy of a folder of another repository. Values: any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scm/git/git.h"

namespace kiln::scm {

// A file put into the copy, or changed in it.
struct SeedFile {
  std::string path;  // below the seeded folder
  std::string content;
  // When given, the file must be there: every occurrence of this text in it becomes `content`.
  std::optional<std::string> replace;
};

struct Seed {
  Remote source;
  std::string branch;  // of the source
  std::string folder;  // "" or "templates/hello"
  std::vector<SeedFile> files;
};

constexpr std::size_t kMostSeedFiles = 10'000;
constexpr std::size_t kMostSeedBytes = std::size_t{100} << 20U;
// The largest file in which text is replaced.
constexpr std::size_t kLargestSeedEdit = std::size_t{1} << 20U;

}  // namespace kiln::scm
