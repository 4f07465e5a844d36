// Workers, versions, deployments and assets in SQLite. Owned by app; safe from any thread.
// The row work is split over version_rows, preview_rows, deployment_rows, host_route_rows and asset_rows;
// this class draws the transactions: those of previews and aliases in worker_store_previews.cc, of routes in
// worker_store_routes.cc, the others in worker_store.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/sqlite/database.h"
#include "store/worker_store.h"

namespace kiln::store::sqlite {

class SqliteWorkerStore final : public WorkerStore {
 public:
  // Everything passed by reference outlives the store.
  SqliteWorkerStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  [[nodiscard]] Result<model::Worker> ensure_worker(const model::Worker& fresh) override;
  [[nodiscard]] Result<model::Worker> worker(const std::string& account_id, const std::string& name) override;
  [[nodiscard]] Result<model::Worker> worker_by_tag(const std::string& account_id,
                                                    const std::string& tag) override;
  [[nodiscard]] Result<model::Worker> worker_of_build(const Uuid& build) override;
  [[nodiscard]] Result<std::vector<model::Worker>> workers(const std::string& account_id) override;
  [[nodiscard]] Status update_worker(const model::Worker& worker) override;
  [[nodiscard]] Status set_schedules(const model::Worker& worker,
                                     const std::vector<NextRun>& schedules) override;
  [[nodiscard]] Status delete_worker(const std::string& account_id, const std::string& name,
                                     TimeMs now) override;

  [[nodiscard]] Result<model::Version> add_version(const NewVersion& fresh) override;
  [[nodiscard]] Result<model::Version> version(const std::string& worker_tag, const Uuid& id) override;
  [[nodiscard]] Result<std::optional<model::Version>> base_version(const std::string& worker_tag) override;
  [[nodiscard]] Result<Paged<model::Version>> versions(const std::string& worker_tag, Page page) override;
  [[nodiscard]] Result<std::map<std::string, std::string>> version_secrets(const Uuid& id) override;

  [[nodiscard]] Result<RunnableVersion> runnable_version(const Uuid& id) override;

  [[nodiscard]] Status add_deployment(const model::Deployment& deployment) override;
  [[nodiscard]] Result<Paged<model::Deployment>> deployments(const std::string& worker_tag,
                                                             Page page) override;
  [[nodiscard]] Result<std::optional<model::Deployment>> deployment(const std::string& worker_tag,
                                                                    const Uuid& id) override;

  [[nodiscard]] Result<std::optional<model::Version>> latest_of_preview(const Uuid& preview) override;
  [[nodiscard]] Result<std::vector<BuildUpload>> uploads_of(const Uuid& build) override;
  [[nodiscard]] Result<std::vector<model::Alias>> aliases(const std::string& worker_tag) override;
  [[nodiscard]] Status add_preview(const model::Preview& preview) override;
  [[nodiscard]] Result<model::Preview> preview(const std::string& worker_tag,
                                               const std::string& name_or_id) override;
  [[nodiscard]] Result<Paged<model::Preview>> previews(const std::string& worker_tag, Page page) override;
  [[nodiscard]] Status update_preview(const model::Preview& preview) override;
  [[nodiscard]] Status delete_preview(const std::string& worker_tag, const Uuid& id) override;

  [[nodiscard]] Result<std::vector<model::HostRoute>> host_routes(const std::string& account_id) override;
  [[nodiscard]] Status set_host_routes(const model::Worker& worker, model::HostRoute::Kind kind,
                                       const std::vector<model::HostRoute>& routes,
                                       RouteChange change) override;
  [[nodiscard]] Status check_host_routes(const std::vector<model::HostRoute>& routes) override;
  [[nodiscard]] Status put_host_route(const model::HostRoute& route, bool take_over) override;
  [[nodiscard]] Status delete_host_route(const std::string& account_id, const std::string& id) override;

  [[nodiscard]] Status add_asset_session(const AssetSession& session, const std::string& token_hash,
                                         TimeMs lifetime_ms) override;
  [[nodiscard]] Result<std::optional<AssetSession>> asset_session(const std::string& token_hash) override;
  [[nodiscard]] Result<std::vector<std::string>> add_assets(const Uuid& session,
                                                            const std::vector<AssetBlob>& assets) override;
  [[nodiscard]] Result<std::vector<AssetBlob>> known_assets(const std::string& account_id,
                                                            const std::string& worker_name,
                                                            const std::vector<std::string>& hashes,
                                                            bool for_previews) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
