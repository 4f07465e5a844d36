// Names in the folder of build caches. Pure functions: any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "runner/cache/archive_store.h"

namespace kiln::runner {

// <kind>~<generation>~<content>.tar.zst
[[nodiscard]] std::string file_name_of(const ArchiveName& name);
[[nodiscard]] std::optional<ArchiveName> parse_file_name(std::string_view text);

// <trigger>-<epoch>
[[nodiscard]] std::string folder_name_of(const CachePlace& place);
[[nodiscard]] std::optional<std::pair<Uuid, std::int64_t>> parse_folder_name(std::string_view text);

// Below the root of all caches. A Worker's tag comes from the server: what is no plain name is replaced by
// its hash.
[[nodiscard]] std::filesystem::path worker_folder_of(const CachePlace& place);

}  // namespace kiln::runner
