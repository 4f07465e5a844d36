#include "ops/upkeep/space_files.h"

#include <system_error>

namespace kiln::ops {

namespace fs = std::filesystem;

std::vector<SpaceFile> spaces_in(const fs::path& top, std::string_view folder, EntryKind kind) {
  std::vector<SpaceFile> out;
  std::error_code error;
  const auto note = [&](const fs::path& file) {
    std::string name = std::string(folder) + file.lexically_relative(top).string();
    if (entry_kind(name) == kind) out.push_back({std::move(name), file});
  };
  for (fs::directory_iterator entry(top, error), end; !error && entry != end; entry.increment(error)) {
    note(entry->path());
    if (kind != EntryKind::d1) continue;
    std::error_code none;
    const fs::path inside = entry->path().string() + std::string(kD1Inside);
    for (fs::directory_iterator file(inside, none); !none && file != end; file.increment(none)) {
      note(inside / file->path().filename());
    }
  }
  return out;
}

}  // namespace kiln::ops
