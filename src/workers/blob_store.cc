#include "workers/blob_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/fs.h"
#include "base/hash.h"

namespace kiln::workers {
namespace {

bool is_hash(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// Makes a folder whose entry in its parent is on disk too.
Status make_durable_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return {};
  if (Status made = make_directory(folder, 0700); !made) return made;
  const Fd parent(open(folder.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent || fsync(parent.get()) != 0)
    return fail(errc_of(errno), "syncing the folder around " + folder.string());
  return {};
}

}  // namespace

std::filesystem::path BlobStore::path_of(const std::string& hash) const {
  return folder_ / hash.substr(0, 2) / hash;
}

Result<std::string> BlobStore::put(std::string_view bytes) {
  std::string hash = sha256_hex(bytes);
  const std::filesystem::path file = path_of(hash);
  if (renew_if_there(file, bytes.size())) return hash;
  if (const Status made = make_durable_folder(file.parent_path()); !made)
    return tl::unexpected<Error>(made.error());
  if (const Status written = write_file_durably(file, bytes, 0600); !written) {
    return tl::unexpected<Error>(written.error());
  }
  return hash;
}

// A file that is there was renamed into place whole; its length guards against a disk that lost it.
bool BlobStore::renew_if_there(const std::filesystem::path& file, std::size_t size) {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  if (std::filesystem::file_size(file, error) != size || error) return false;
  return utimensat(AT_FDCWD, file.c_str(), nullptr, 0) == 0;
}

void BlobStore::renew(const std::string& hash) {
  const std::lock_guard lock(mutex_);
  (void)utimensat(AT_FDCWD, path_of(hash).c_str(), nullptr, 0);
}

Status BlobStore::each(const std::function<bool(const Found&)>& take) const {
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder_, error);
  for (const std::filesystem::recursive_directory_iterator end; !error && entry != end;
       entry.increment(error)) {
    struct stat info {};
    // One that is gone meanwhile is none.
    if (lstat(entry->path().c_str(), &info) != 0 || S_ISDIR(info.st_mode)) continue;
    Found found;
    found.name = entry->path().filename().string();
    found.is_blob = S_ISREG(info.st_mode) && is_hash(found.name) && path_of(found.name) == entry->path();
    if (!found.is_blob) found.name = entry->path().lexically_relative(folder_).string();
    found.size = static_cast<std::uint64_t>(info.st_size);
    found.put_on = TimeMs{info.st_mtim.tv_sec} * 1000 + info.st_mtim.tv_nsec / 1'000'000;
    if (!take(found)) return {};
  }
  if (error) return fail(errc_of(error.value()), "reading " + folder_.string() + ": " + error.message());
  return {};
}

bool BlobStore::remove_if_older(const Found& found, TimeMs before) {
  const std::filesystem::path file = found.is_blob ? path_of(found.name) : folder_ / found.name;
  const std::lock_guard lock(mutex_);
  struct stat info {};
  if (lstat(file.c_str(), &info) != 0 || S_ISDIR(info.st_mode)) return false;
  if (TimeMs{info.st_mtim.tv_sec} * 1000 + info.st_mtim.tv_nsec / 1'000'000 >= before) return false;
  return unlink(file.c_str()) == 0;
}

Result<std::string> BlobStore::get(const std::string& hash, std::size_t max_bytes) const {
  if (!is_hash(hash)) return fail(Errc::not_found, "there is no blob of that name");
  Result<std::string> bytes = read_file(path_of(hash), max_bytes);
  if (bytes && sha256_hex(*bytes) != hash)
    return fail(Errc::corrupt, "blob " + hash + " does not match its name");
  return bytes;
}

}  // namespace kiln::workers
