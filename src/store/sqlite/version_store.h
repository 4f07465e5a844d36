// Versions and deployments over the database, secrets sealed before they reach it. The row work is done by
// version_rows, deployment_rows and asset_rows; this class draws the transactions. Owned by app; safe from
// any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/sqlite/database.h"
#include "store/version_store.h"

namespace kiln::store::sqlite {

class SqliteVersionStore final : public VersionStore {
 public:
  // Everything passed by reference outlives the store.
  SqliteVersionStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  [[nodiscard]] Result<model::Version> add_version(const NewVersion& version) override;
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
  [[nodiscard]] Result<std::vector<BuildUpload>> uploads_of(const Uuid& build) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
