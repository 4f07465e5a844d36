#include "scm/git/mirror_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <system_error>
#include <vector>

#include "base/fs.h"
#include "base/hash.h"
#include "base/strings.h"
#include "scm/git/git_command.h"

namespace kiln::scm {

namespace fs = std::filesystem;

namespace {

constexpr const char* kRefsMark = "kiln-refs";
constexpr const char* kWhole = "whole";

}  // namespace

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

RefsMark read_refs_mark(const fs::path& mirror) {
  constexpr std::size_t kLongestMark = 4096;
  const fs::path file = mirror / kRefsMark;
  struct stat facts {};
  const Result<std::string> text = read_file(file, kLongestMark);
  if (!text || stat(file.c_str(), &facts) != 0) return {};
  RefsMark mark;
  mark.tried_on = TimeMs{facts.st_mtim.tv_sec} * 1000 + facts.st_mtim.tv_nsec / 1'000'000;
  mark.whole = text->starts_with(kWhole);
  const std::size_t line = text->find('\n');
  if (line != text->npos) mark.problem = trim(std::string_view(*text).substr(line + 1));
  return mark;
}

// Not durable: a mark that is lost costs one more question.
void write_refs_mark(const fs::path& mirror, bool whole, const std::string& problem) {
  std::ofstream file(mirror / kRefsMark, std::ios::trunc);
  file << (whole ? kWhole : "part") << '\n' << problem << '\n';
  file.close();
  std::error_code ignored;
  fs::permissions(mirror / kRefsMark, static_cast<fs::perms>(0644), ignored);
}

bool head_is_there(const fs::path& mirror) {
  constexpr std::size_t kLongestHead = 1024;
  constexpr std::size_t kLongestPacked = 256U << 20U;
  constexpr std::string_view kSymbolic = "ref: ";
  const Result<std::string> head = read_file(mirror / "HEAD", kLongestHead);
  if (!head || !head->starts_with(kSymbolic)) return false;
  const std::string ref(trim(std::string_view(*head).substr(kSymbolic.size())));
  std::error_code ignored;
  if (fs::is_regular_file(mirror / ref, ignored)) return true;
  const Result<std::string> packed = read_file(mirror / "packed-refs", kLongestPacked);
  return packed && packed->find(" " + ref + "\n") != packed->npos;
}

std::size_t remove_stale_locks(const fs::path& mirror) {
  std::vector<fs::path> locks;
  std::vector<fs::path> halves;
  std::error_code error;
  for (fs::recursive_directory_iterator file(mirror, error), end; !error && file != end;
       file.increment(error)) {
    const fs::path& path = file->path();
    if (path.extension() == ".lock") locks.push_back(path);
    // A branch may be called like that, too.
    const bool is_object = path.string().starts_with((mirror / "objects").string());
    if (is_object && path.filename().string().starts_with("tmp_")) halves.push_back(path);
  }
  std::size_t removed = 0;
  for (const fs::path& lock : locks) removed += fs::remove(lock, error) ? 1 : 0;
  for (const fs::path& half : halves) fs::remove(half, error);
  return removed;
}

bool has_half_pack_of(const fs::path& mirror, std::uint64_t bytes) {
  std::error_code error;
  for (fs::directory_iterator file(mirror / "objects" / "pack", error), end; !error && file != end;
       file.increment(error)) {
    if (!file->path().filename().string().starts_with("tmp_pack_")) continue;
    std::error_code gone;
    if (const std::uintmax_t size = fs::file_size(file->path(), gone); !gone && size >= bytes) return true;
  }
  return false;
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
