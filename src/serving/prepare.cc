#include "serving/prepare.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
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

// The version's own limits.cpu_ms, as far as it is a sensible one: a script that does not let go for so long
// has used that much of a processor.
int hang_ms_of(const model::Version& version, int otherwise) {
  constexpr std::int64_t kLeast = 1'000;
  constexpr std::int64_t kMost = 300'000;
  boost::system::error_code error;
  const boost::json::value limits = boost::json::parse(version.limits_json, error);
  const boost::json::object* object = error ? nullptr : limits.if_object();
  const boost::json::value* cpu = object == nullptr ? nullptr : object->if_contains("cpu_ms");
  if (cpu == nullptr || !cpu->is_int64()) return otherwise;
  return static_cast<int>(std::clamp(cpu->get_int64(), kLeast, kMost));
}

}  // namespace

Result<Prepared> prepare(store::WorkerStore& store, const workers::BlobStore& blobs, const Uuid& version,
                         const PrepareOptions& options, const std::filesystem::path& folder) {
  const Result<store::RunnableVersion> found = store.runnable_version(version);
  if (!found) return tl::unexpected<Error>(found.error());
  const Surroundings around{
      {found->account_id, options.services_secret}, LogForm::structured, options.outbound};
  Result<WorkerdConfig> config = workerd_config(found->version, found->secrets, around);
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
                  found->version.worker_tag, hang_ms_of(found->version, options.hang_ms)};
}

}  // namespace kiln::serving
