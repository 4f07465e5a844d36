// Port: Workers, versions, deployments, assets and aliases. Owned by app; every method is one durable
// transaction and safe from any thread. A Worker that is missing or of another account is
// Errc::worker_not_found.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/host_route.h"
#include "model/worker.h"
#include "store/trigger_store.h"

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

// An assets upload in progress. `token_hash` finds it; the completion token is its second life.
struct AssetSession {
  Uuid id;
  std::string worker_name;
  std::string account_id;
  bool previews_only = false;  // its files stand behind their hashes for previews alone
  std::vector<model::AssetFile> manifest;
  std::vector<std::string> missing;  // hashes still to come
};

struct AssetBlob {
  std::string hash;          // the client's
  std::string content_type;  // empty: serve without one
  std::string blob;          // sha256 hex
  std::size_t size = 0;
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

// How routes of a Worker are set.
struct RouteChange {
  bool replace = true;     // it keeps no others of the kind
  bool take_over = false;  // patterns of the account's other Workers become its own
};

// A cron trigger, and when it is due.
struct NextRun {
  std::string cron;
  TimeMs on = 0;
};

class WorkerStore {
 public:
  virtual ~WorkerStore() = default;

  // Makes the Worker, or returns the one of that name that is there.
  [[nodiscard]] virtual Result<model::Worker> ensure_worker(const model::Worker& fresh) = 0;
  [[nodiscard]] virtual Result<model::Worker> worker(const std::string& account_id,
                                                     const std::string& name) = 0;
  [[nodiscard]] virtual Result<model::Worker> worker_by_tag(const std::string& account_id,
                                                            const std::string& tag) = 0;
  [[nodiscard]] virtual Result<model::Worker> worker_of_build(const Uuid& build) = 0;
  [[nodiscard]] virtual Result<std::vector<model::Worker>> workers(const std::string& account_id) = 0;
  // Stores settings_json, schedules_json, the two flags and modified_on.
  [[nodiscard]] virtual Status update_worker(const model::Worker& worker) = 0;
  // Stores schedules_json and modified_on, and when each of the schedules is due (schedule_store.h); one that
  // was there keeps its next run.
  [[nodiscard]] virtual Status set_schedules(const model::Worker& worker,
                                             const std::vector<NextRun>& schedules) = 0;
  // Its secrets, previews, schedules, routes, aliases, assets, triggers and deploy hooks go with it. Versions
  // and deployments stay, out of reach of the Workers API: builds point at them.
  [[nodiscard]] virtual Status delete_worker(const std::string& account_id, const std::string& name,
                                             TimeMs now) = 0;

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

  // Of one named preview: the newest of its deployments.
  [[nodiscard]] virtual Result<std::optional<model::Version>> latest_of_preview(const Uuid& preview) = 0;
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

  // Last uploaded first.
  [[nodiscard]] virtual Result<std::vector<model::Alias>> aliases(const std::string& worker_tag) = 0;
  // Errors: Errc::conflict, field "name" or "slug", when the Worker has one of that name or slug.
  [[nodiscard]] virtual Status add_preview(const model::Preview& preview) = 0;
  // By its name or, failing that, the text of its id. Errors: Errc::preview_not_found.
  [[nodiscard]] virtual Result<model::Preview> preview(const std::string& worker_tag,
                                                       const std::string& name_or_id) = 0;
  // Newest first.
  [[nodiscard]] virtual Result<Paged<model::Preview>> previews(const std::string& worker_tag, Page page) = 0;
  // Stores settings_json and modified_on. Errors: Errc::preview_not_found.
  [[nodiscard]] virtual Status update_preview(const model::Preview& preview) = 0;
  // With the alias of its slug and the secrets of its deployments. Errors: Errc::preview_not_found.
  [[nodiscard]] virtual Status delete_preview(const std::string& worker_tag, const Uuid& id) = 0;

  // Routes and custom domains, in the order of their patterns.
  [[nodiscard]] virtual Result<std::vector<model::HostRoute>> host_routes(const std::string& account_id) = 0;
  // `routes` are the Worker's, all of that kind. Of a pattern that is there already the id and the time stay.
  // All or nothing. Errors: Errc::route_taken, or Errc::hostname_taken of a custom domain, when the pattern
  // belongs to another Worker, and always when to another account.
  [[nodiscard]] virtual Status set_host_routes(const model::Worker& worker, model::HostRoute::Kind kind,
                                               const std::vector<model::HostRoute>& routes,
                                               RouteChange change) = 0;
  // Whether these could be set for their Workers, with nothing taken over. Errors: the same.
  [[nodiscard]] virtual Status check_host_routes(const std::vector<model::HostRoute>& routes) = 0;
  // Stores one, in place of the one of that id. Errors: the same, and Errc::route_taken when the Worker
  // itself has the pattern under another id.
  [[nodiscard]] virtual Status put_host_route(const model::HostRoute& route, bool take_over) = 0;
  // Errors: Errc::not_found.
  [[nodiscard]] virtual Status delete_host_route(const std::string& account_id, const std::string& id) = 0;

  // It is over `lifetime_ms` from now.
  [[nodiscard]] virtual Status add_asset_session(const AssetSession& session, const std::string& token_hash,
                                                 TimeMs lifetime_ms) = 0;
  [[nodiscard]] virtual Result<std::optional<AssetSession>> asset_session(const std::string& token_hash) = 0;
  // Notes uploaded files of a Worker; returns the session's hashes that are still missing.
  [[nodiscard]] virtual Result<std::vector<std::string>> add_assets(const Uuid& session,
                                                                    const std::vector<AssetBlob>& assets) = 0;
  // Those of `hashes` that this Worker name of the account already has; `for_previews`: also of previews_only
  // sessions.
  [[nodiscard]] virtual Result<std::vector<AssetBlob>> known_assets(const std::string& account_id,
                                                                    const std::string& worker_name,
                                                                    const std::vector<std::string>& hashes,
                                                                    bool for_previews) = 0;
};

}  // namespace kiln::store
