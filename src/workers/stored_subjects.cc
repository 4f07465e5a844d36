#include "workers/stored_subjects.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <optional>

#include "base/fs.h"
#include "base/hash.h"
#include "base/hex.h"

namespace kiln::workers {
namespace {

constexpr std::size_t kReadAtOnce = 256U << 10U;

// Empty: there is no such file.
Result<std::string> digest_of_file(const std::filesystem::path& file) {
  const Fd opened(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened && errno == ENOENT) return std::string();
  if (!opened) return fail(errc_of(errno), "reading " + file.string());
  std::string piece(kReadAtOnce, '\0');
  Sha256 hash;
  while (true) {
    const ssize_t count = read(opened.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(Errc::io, "reading " + file.string());
    if (count == 0) return to_hex(hash.end());
    hash.add({piece.data(), static_cast<std::size_t>(count)});
  }
}

}  // namespace

Result<StoredVersion> stored_subjects(store::VersionStore& versions, const BlobStore& blobs,
                                      const Uuid& version) {
  Result<store::RunnableVersion> found = versions.runnable_version(version);
  if (!found) return tl::unexpected<Error>(found.error());
  std::map<std::string, std::string> assets;
  for (const store::AssetBlob& asset : found->assets) assets[asset.hash] = asset.blob;
  std::optional<Error> broken;
  std::map<std::string, std::string> digests;  // the same file may stand under several names
  const auto digest_of = [&](const std::string& blob) {
    const auto known = digests.find(blob);
    if (known != digests.end()) return known->second;
    const Result<std::string> digest = digest_of_file(blobs.path_of(blob));
    if (!digest) broken = digest.error();
    return digests[blob] = digest.value_or(std::string());
  };
  StoredVersion out{std::move(found->account_id), std::move(found->worker_name),
                    provenance::subjects_of(found->version, assets, digest_of)};
  if (broken) return tl::unexpected<Error>(*broken);
  return out;
}

}  // namespace kiln::workers
