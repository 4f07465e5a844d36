#include "workers/blob_store.h"

#include <fcntl.h>
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
  std::error_code error;
  // A file that is there was renamed into place whole; its length guards against a disk that lost it.
  if (std::filesystem::file_size(file, error) == bytes.size() && !error) return hash;
  if (const Status made = make_durable_folder(file.parent_path()); !made)
    return tl::unexpected<Error>(made.error());
  if (const Status written = write_file_durably(file, bytes, 0600); !written) {
    return tl::unexpected<Error>(written.error());
  }
  return hash;
}

Result<std::string> BlobStore::get(const std::string& hash, std::size_t max_bytes) const {
  if (!is_hash(hash)) return fail(Errc::not_found, "there is no blob of that name");
  Result<std::string> bytes = read_file(path_of(hash), max_bytes);
  if (bytes && sha256_hex(*bytes) != hash)
    return fail(Errc::corrupt, "blob " + hash + " does not match its name");
  return bytes;
}

}  // namespace kiln::workers
