// Port: the versions of Workers with their secrets, and which of them are deployed. Owned by app; every
// method is one durable transaction and safe from any thread. A Worker that is missing is
// Errc::worker_not_found.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/host_route.h"
#include "model/worker.h"
#include "store/asset_blob.h"
#include "store/page.h"

namespace kiln::store {

struct NewVersion {
  model::Version version;                      // number is given by the store
  std::map<std::string, std::string> secrets;  // every secret of this version; sealed at rest
  std::string alias;                           // preview alias to point at it, or empty
  int max_aliases = 0;  // with an alias: so many of the Worker stay, the last uploaded; 0: all
  std::optional<model::Deployment> deployment;  // deploy it in the same transaction
  // The version that this one was made from and that must still be the base_version of the Worker, or the
  // latest of its preview (nil: it had none).
  std::optional<Uuid> after;
  bool previews_only =
      false;                 // of a build that may change nothing live: no version of production comes of it
  std::string upload_hash;   // with a build: tells a repeated request from a new upload
  bool has_preview = false;  // with a build: it is, and `alias` with it, what the build shows as its preview
};

// One version that a build uploaded, and what leads to it now.
struct BuildUpload {
  std::string account_id;
  std::string worker_name;
  bool subdomain_enabled = true;
  bool previews_enabled = true;
  Uuid version_id;
  std::vector<std::string> aliases;      // labels
  double percentage = 0;                 // of production's requests
  std::vector<model::HostRoute> routes;  // of the Worker
  std::string compatibility_date;
  TimeMs created_on = 0;  // of the version
};

// All that running a version takes.
struct RunnableVersion {
  std::string account_id;
  std::string worker_name;
  std::string
      settings_json;  // script settings of the Worker, or of the named preview that it is a version of
  bool for_previews = false;  // it may be previewed and never be live
  model::Version version;
  std::map<std::string, std::string> secrets;
  std::vector<AssetBlob> assets;  // of each hash in version.assets that is stored
};

class VersionStore {
 public:
  virtual ~VersionStore() = default;

  // Inserts the version with the next number, its map entry to its build, its alias and its deployment, all
  // or nothing. The first 8 hex digits of the id must be new to the Worker and `after` its base_version:
  // Errc::conflict, make it again. With a build: Errc::forbidden when that build does not hold a lease any
  // more; and when the Worker's latest version is of the same build and upload_hash, that version is returned
  // and nothing is inserted.
  [[nodiscard]] virtual Result<model::Version> add_version(const NewVersion& version) = 0;
  [[nodiscard]] virtual Result<model::Version> version(const std::string& worker_tag, const Uuid& id) = 0;
  // What the next version is made from, and what settings and secrets are those of: the newest that is not
  // previews_only.
  [[nodiscard]] virtual Result<std::optional<model::Version>> base_version(const std::string& worker_tag) = 0;
  // Newest first, without their modules and assets.
  [[nodiscard]] virtual Result<Paged<model::Version>> versions(const std::string& worker_tag, Page page) = 0;
  [[nodiscard]] virtual Result<std::map<std::string, std::string>> version_secrets(const Uuid& id) = 0;

  // Errors: Errc::version_not_found, also when its Worker was deleted.
  [[nodiscard]] virtual Result<RunnableVersion> runnable_version(const Uuid& id) = 0;

  // Every version must exist: Errc::version_not_found. With a build: its lease is checked as in add_version.
  [[nodiscard]] virtual Status add_deployment(const model::Deployment& deployment) = 0;
  [[nodiscard]] virtual Result<Paged<model::Deployment>> deployments(const std::string& worker_tag,
                                                                     Page page) = 0;
  // Nothing when the Worker has none of that id.
  [[nodiscard]] virtual Result<std::optional<model::Deployment>> deployment(const std::string& worker_tag,
                                                                            const Uuid& id) = 0;

  // Those of Workers that are there, in the order of their uploads.
  [[nodiscard]] virtual Result<std::vector<BuildUpload>> uploads_of(const Uuid& build) = 0;
};

}  // namespace kiln::store
