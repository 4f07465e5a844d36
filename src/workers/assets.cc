#include "workers/assets.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.h"
#include "base/hex.h"
#include "base/ids.h"
#include "workers/names.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

constexpr TimeMs kSessionMs = 3'600'000;
constexpr std::size_t kBucketBytes = std::size_t{20} << 20U;
constexpr std::size_t kBucketFiles = 200;
constexpr std::size_t kTokenBytes = 32;

tl::unexpected<Error> bad_manifest(const std::string& why) {
  return fail(Errc::invalid, "The manifest of static assets is invalid: " + why, "manifest");
}

Result<model::AssetFile> parse_file(std::string_view path, const json::value& value) {
  if (const Status fits = check_asset_path(path); !fits) return tl::unexpected<Error>(fits.error());
  const json::object* file = value.if_object();
  const json::value* hash = file == nullptr ? nullptr : file->if_contains("hash");
  const json::value* size = file == nullptr ? nullptr : file->if_contains("size");
  if (hash == nullptr || size == nullptr || !hash->is_string() || !is_hex32(hash->get_string())) {
    return bad_manifest(std::string(path) + " needs a hash of 32 lower-case hexadecimal digits and a size.");
  }
  boost::system::error_code error;
  const auto bytes = size->to_number<std::uint64_t>(error);
  if (error) return bad_manifest(std::string(path) + " has a size that is not a whole number.");
  if (bytes > kMaxAssetBytes) return bad_manifest(std::string(path) + " is larger than 25 MiB.");
  return model::AssetFile{std::string(path), std::string(hash->get_string()),
                          static_cast<std::size_t>(bytes)};
}

// Assets are served from a folder tree, where /a and /a/b cannot both be files.
Status check_no_file_is_a_folder(const std::vector<model::AssetFile>& files) {
  std::unordered_set<std::string_view> paths;
  for (const model::AssetFile& file : files) paths.insert(file.path);
  for (const model::AssetFile& file : files) {
    const std::string_view path = file.path;
    for (std::size_t slash = path.find('/', 1); slash != std::string_view::npos;
         slash = path.find('/', slash + 1)) {
      const std::string_view folder = path.substr(0, slash);
      if (!paths.contains(folder)) continue;
      return bad_manifest(std::string(folder) + " is a file, and " + file.path +
                          " needs it to be a folder; rename one of them.");
    }
  }
  return {};
}

std::map<std::string, std::size_t> sizes_by_hash(const std::vector<model::AssetFile>& manifest) {
  std::map<std::string, std::size_t> sizes;
  for (const model::AssetFile& file : manifest) sizes.emplace(file.hash, file.size);
  return sizes;
}

std::vector<std::vector<std::string>> make_buckets(const std::vector<std::string>& hashes,
                                                   const std::map<std::string, std::size_t>& sizes) {
  std::vector<std::vector<std::string>> buckets;
  std::size_t filled = kBucketBytes;
  for (const std::string& hash : hashes) {
    const std::size_t size = sizes.at(hash);
    if (buckets.empty() || filled + size > kBucketBytes || buckets.back().size() == kBucketFiles) {
      buckets.emplace_back();
      filled = 0;
    }
    buckets.back().push_back(hash);
    filled += size;
  }
  return buckets;
}

// Those of the manifest's hashes that the Worker does not have.
Result<std::vector<std::string>> missing_of(Ports& ports, const std::string& account_id,
                                            const std::string& worker_name,
                                            const std::map<std::string, std::size_t>& sizes,
                                            bool for_previews) {
  std::vector<std::string> hashes;
  hashes.reserve(sizes.size());
  for (const auto& [hash, size] : sizes) hashes.push_back(hash);
  const Result<std::vector<store::AssetBlob>> known =
      ports.assets.known_assets(account_id, worker_name, hashes, for_previews);
  if (!known) return tl::unexpected<Error>(known.error());
  std::set<std::string_view> there;
  for (const store::AssetBlob& asset : *known) {
    // A file of another size under the same hash is no file of this manifest.
    if (asset.size == sizes.at(asset.hash)) there.insert(asset.hash);
  }
  std::erase_if(hashes, [&](const std::string& hash) { return there.contains(hash); });
  return hashes;
}

}  // namespace

Result<std::vector<model::AssetFile>> parse_manifest(const json::object& body) {
  const json::value* value = body.if_contains("manifest");
  if (value == nullptr || !value->is_object()) return bad_manifest("it must be an object of paths.");
  const json::object& manifest = value->get_object();
  if (manifest.size() > kMaxAssets) {
    return bad_manifest("it has " + std::to_string(manifest.size()) + " files; a Worker may have " +
                        std::to_string(kMaxAssets) + ".");
  }
  std::vector<model::AssetFile> files;
  files.reserve(manifest.size());
  std::unordered_map<std::string, std::size_t> sizes;
  for (const auto& [path, entry] : manifest) {
    Result<model::AssetFile> file = parse_file(path, entry);
    if (!file) return tl::unexpected<Error>(file.error());
    if (sizes.emplace(file->hash, file->size).first->second != file->size) {
      return bad_manifest("the hash " + file->hash + " stands for files of two sizes.");
    }
    files.push_back(*std::move(file));
  }
  if (const Status fits = check_no_file_is_a_folder(files); !fits) return tl::unexpected<Error>(fits.error());
  return files;
}

Result<OpenedSession> open_session(Ports& ports, const std::string& account_id,
                                   const std::string& worker_name, std::vector<model::AssetFile> manifest,
                                   bool previews_only) {
  const std::map<std::string, std::size_t> sizes = sizes_by_hash(manifest);
  const Result<std::vector<std::string>> missing =
      missing_of(ports, account_id, worker_name, sizes, previews_only);
  if (!missing) return tl::unexpected<Error>(missing.error());
  store::AssetSession session;
  session.id = ports.entropy.uuid();
  session.worker_name = worker_name;
  session.account_id = account_id;
  session.previews_only = previews_only;
  session.manifest = std::move(manifest);
  session.missing = *missing;
  OpenedSession opened{to_base64url(ports.entropy.bytes(kTokenBytes)), make_buckets(*missing, sizes)};
  if (const Status added = ports.assets.add_asset_session(session, sha256(opened.token), kSessionMs);
      !added) {
    return tl::unexpected<Error>(added.error());
  }
  return opened;
}

Result<store::AssetSession> find_session(Ports& ports, std::string_view token) {
  Result<std::optional<store::AssetSession>> session = ports.assets.asset_session(sha256(token));
  if (!session) return tl::unexpected<Error>(session.error());
  if (!*session) {
    return fail(Errc::unauthenticated,
                "This asset upload is not known or has ended after an hour; deploy again.");
  }
  return **std::move(session);
}

Result<bool> take_assets(Ports& ports, const store::AssetSession& session,
                         const std::vector<IncomingAsset>& assets) {
  const std::map<std::string, std::size_t> sizes = sizes_by_hash(session.manifest);
  std::vector<store::AssetBlob> stored;
  for (const IncomingAsset& asset : assets) {
    const auto announced = sizes.find(asset.hash);
    if (announced == sizes.end()) {
      return fail(Errc::invalid, "A file was sent whose hash is not in the manifest.", "hash");
    }
    if (announced->second != asset.bytes.size()) {
      return fail(Errc::invalid,
                  "The file " + asset.hash + " has " + std::to_string(asset.bytes.size()) +
                      " bytes, but the manifest says " + std::to_string(announced->second) + ".",
                  "hash");
    }
  }
  for (const IncomingAsset& asset : assets) {
    Result<std::string> blob = ports.blobs.put(asset.bytes);
    if (!blob) return tl::unexpected<Error>(blob.error());
    const bool plain = asset.content_type == "application/null";
    stored.push_back(
        {asset.hash, plain ? std::string() : asset.content_type, *std::move(blob), asset.bytes.size()});
  }
  const Result<std::vector<std::string>> missing = ports.assets.add_assets(session.id, stored);
  if (!missing) return tl::unexpected<Error>(missing.error());
  return missing->empty();
}

Result<std::vector<model::AssetFile>> completed_manifest(Ports& ports, const std::string& account_id,
                                                         const std::string& worker_name,
                                                         std::string_view token, bool for_previews) {
  Result<store::AssetSession> session = find_session(ports, token);
  if (!session && session.error().code != Errc::unauthenticated)
    return tl::unexpected<Error>(session.error());
  if (!session || session->account_id != account_id || session->worker_name != worker_name) {
    return fail(Errc::script_invalid,
                "assets.jwt is not the completion token of an upload for this Worker; deploy again.",
                "assets");
  }
  const Result<std::vector<std::string>> missing =
      missing_of(ports, account_id, worker_name, sizes_by_hash(session->manifest), for_previews);
  if (!missing) return tl::unexpected<Error>(missing.error());
  if (!missing->empty()) {
    return fail(Errc::script_invalid,
                std::to_string(missing->size()) + " static assets were not uploaded; deploy again.",
                "assets");
  }
  return std::move(session->manifest);
}

}  // namespace kiln::workers
