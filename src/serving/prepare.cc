#include "serving/prepare.h"

#include <unordered_map>

#include "serving/workerd_config.h"

namespace kiln::serving {
namespace {

Status link_assets(const RunFolder& files, const store::RunnableVersion& found,
                   const workers::BlobStore& blobs) {
  std::unordered_map<std::string, std::string> blob_of;
  for (const store::AssetBlob& asset : found.assets) blob_of[asset.hash] = asset.blob;
  for (const model::AssetFile& file : found.version.assets) {
    const auto blob = blob_of.find(file.hash);
    if (blob == blob_of.end())
      return fail(Errc::corrupt, "the content of asset " + file.path + " is missing");
    if (Status linked = files.link_asset(file.path, blobs.path_of(blob->second)); !linked) return linked;
  }
  return {};
}

}  // namespace

Result<Prepared> prepare(store::WorkerStore& store, const workers::BlobStore& blobs, const Uuid& version,
                         const std::string& services_secret, const std::filesystem::path& folder) {
  const Result<store::RunnableVersion> found = store.runnable_version(version);
  if (!found) return tl::unexpected<Error>(found.error());
  Result<WorkerdConfig> config = workerd_config(found->version, found->secrets,
                                                {found->account_id, services_secret}, LogForm::structured);
  if (!config) return tl::unexpected<Error>(config.error());
  Result<RunFolder> files = RunFolder::make(folder);
  if (!files) return tl::unexpected<Error>(files.error());
  for (const std::size_t part : config->parts) {
    const Status linked = files->link_part(part, blobs.path_of(found->version.modules[part].blob));
    if (!linked) return tl::unexpected<Error>(linked.error());
  }
  if (const Status linked = link_assets(*files, *found, blobs); !linked)
    return tl::unexpected<Error>(linked.error());
  return Prepared{*std::move(files), std::move(config->text), config->calls_services,
                  found->version.worker_tag};
}

}  // namespace kiln::serving
