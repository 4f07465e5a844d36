#include "serving/prepare.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "base/child.h"
#include "base/fs.h"
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

bool is_part_of_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

// Whether the word stands there by itself.
bool has_word(std::string_view code, std::string_view word) {
  for (std::size_t at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_part_of_name(code[at - 1])) && (end == code.size() || !is_part_of_name(code[end])))
      return true;
  }
  return false;
}

// Whether any of its code has a handler's name in it, which no bundler shortens. Those that have not are
// spared the Worker in front of it.
bool may_handle_events(const model::Version& version, const workers::BlobStore& blobs) {
  constexpr std::size_t kMost = std::size_t{64} << 20U;
  return std::any_of(version.modules.begin(), version.modules.end(), [&](const model::VersionModule& module) {
    if (module.content_type.find("javascript") == std::string::npos) return false;
    const Result<std::string> code = read_file(blobs.path_of(module.blob), kMost);
    return !code || has_word(*code, "scheduled") || has_word(*code, "queue");
  });
}

// A Worker's versions share a cache; one that may never be live has its own, so that what a stranger's branch
// puts reaches no visitor.
std::string cache_space_of(const store::RunnableVersion& found) {
  return found.for_previews ? found.version.id.str() : found.version.worker_tag;
}

// {"tail_consumers": [{"service": "watcher"}]}: the Workers that hear of what this one did.
std::vector<std::string> tail_consumers_of(const std::string& settings_json) {
  std::vector<std::string> out;
  boost::system::error_code error;
  const boost::json::value settings = boost::json::parse(settings_json, error);
  const boost::json::object* object = error ? nullptr : settings.if_object();
  const boost::json::value* list = object == nullptr ? nullptr : object->if_contains("tail_consumers");
  if (list == nullptr || !list->is_array()) return out;
  for (const boost::json::value& item : list->get_array()) {
    const boost::json::object* consumer = item.if_object();
    const boost::json::value* service = consumer == nullptr ? nullptr : consumer->if_contains("service");
    if (service != nullptr && service->is_string()) out.emplace_back(service->get_string());
  }
  return out;
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

Result<Fd> try_to_lock(const std::filesystem::path& file) {
  Fd lock = moved_up(open(file.c_str(), O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (lock && flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  const int why = errno;
  if (lock && why == EWOULDBLOCK)
    return fail(Errc::conflict, "another process has " + file.parent_path().string() + " open");
  return fail(errc_of(why), "locking " + file.string() + ": " + std::strerror(why));
}

Result<Prepared> prepare(store::VersionStore& versions, const workers::BlobStore& blobs, const Uuid& version,
                         const PrepareOptions& options, const std::filesystem::path& folder) {
  const Result<store::RunnableVersion> found = versions.runnable_version(version);
  if (!found) return tl::unexpected<Error>(found.error());
  Surroundings around;
  around.calls = {found->account_id, options.services_secret};
  around.log = LogForm::structured;
  around.outbound = options.outbound;
  if (options.run_date) around.run_date = options.run_date(found->version.compatibility_date);
  around.tail_consumers = tail_consumers_of(found->settings_json);
  around.events = may_handle_events(found->version, blobs);
  if (options.cache) around.cache_space = cache_space_of(*found);
  if (found->for_previews) around.copy = found->version.id.str();
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
  return Prepared{*std::move(files),
                  std::move(config->text),
                  config->calls_services,
                  config->calls_kv,
                  config->calls_d1,
                  config->calls_r2,
                  config->calls_queues,
                  std::move(config->entrypoints),
                  around.events,
                  found->version.worker_tag,
                  found->account_id,
                  found->worker_name,
                  hang_ms_of(found->version, options.hang_ms),
                  {}};
}

}  // namespace kiln::serving
