// The files of a mirror that are looked at without a git process. Internal to scm/git; callers hold the
// mirror's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::scm {

// The ref in the mirror that keeps what was fetched as `from`.
[[nodiscard]] std::string kept_ref(const std::string& from);
// What that ref points to. Errors: Errc::not_found, Errc::corrupt.
[[nodiscard]] Result<std::string> read_kept_ref(const std::filesystem::path& mirror, const std::string& from);

// When the remote was last asked for all its branches and tags, and what came of it.
struct RefsMark {
  TimeMs tried_on = 0;  // 0: never
  bool whole = false;   // they have all been had, then or before
  std::string problem;  // of the last time; empty: none
};
[[nodiscard]] RefsMark read_refs_mark(const std::filesystem::path& mirror);
void write_refs_mark(const std::filesystem::path& mirror, bool whole, const std::string& problem);

// Whether the mirror's HEAD names a branch that is in it.
[[nodiscard]] bool head_is_there(const std::filesystem::path& mirror);

// Removes lock files and half-written packs. No git runs in the mirror now, so whatever lies there was left
// by one that was killed. Returns how many locks were removed.
std::size_t remove_stale_locks(const std::filesystem::path& mirror);

// Whether a pack that was cut short has grown to that many bytes: what a git leaves that
// ProcessSpec::max_file ended, of whose end the git above it does not tell.
[[nodiscard]] bool has_half_pack_of(const std::filesystem::path& mirror, std::uint64_t bytes);

[[nodiscard]] std::size_t count_packs(const std::filesystem::path& mirror);

}  // namespace kiln::scm
