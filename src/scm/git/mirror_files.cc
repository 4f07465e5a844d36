#include "scm/git/mirror_files.h"

#include <fmt/format.h>

#include <system_error>
#include <vector>

#include "base/fs.h"
#include "base/hash.h"
#include "base/strings.h"
#include "scm/git/git_command.h"

namespace kiln::scm {

namespace fs = std::filesystem;

std::string kept_ref(const std::string& from) {
  return "refs/kiln/" + sha256_hex(from).substr(0, 32);
}

Result<std::string> read_kept_ref(const fs::path& mirror, const std::string& from) {
  constexpr std::size_t kLongestRef = 256;
  const Result<std::string> text = read_file(mirror / kept_ref(from), kLongestRef);
  if (!text) return tl::unexpected<Error>(text.error());
  std::string hash(trim(*text));
  if (!is_commit_hash(hash))
    return fail(Errc::corrupt, fmt::format("the mirror's {} holds no commit", kept_ref(from)));
  return hash;
}

std::size_t remove_stale_locks(const fs::path& mirror) {
  std::vector<fs::path> locks;
  std::vector<fs::path> halves;
  std::error_code error;
  for (fs::recursive_directory_iterator file(mirror, error), end; !error && file != end;
       file.increment(error)) {
    const fs::path& path = file->path();
    if (path.extension() == ".lock") locks.push_back(path);
    if (path.filename().string().starts_with("tmp_")) halves.push_back(path);
  }
  std::size_t removed = 0;
  for (const fs::path& lock : locks) removed += fs::remove(lock, error) ? 1 : 0;
  for (const fs::path& half : halves) fs::remove(half, error);
  return removed;
}

std::size_t count_packs(const fs::path& mirror) {
  std::size_t packs = 0;
  std::error_code error;
  for (fs::directory_iterator file(mirror / "objects" / "pack", error), end; !error && file != end;
       file.increment(error)) {
    if (file->path().extension() == ".pack") ++packs;
  }
  return packs;
}

}  // namespace kiln::scm
