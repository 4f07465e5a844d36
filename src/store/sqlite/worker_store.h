// Workers over the database. Owned by app; safe from any thread.
#pragma once

#include <string>
#include <vector>

#include "store/sqlite/database.h"
#include "store/worker_store.h"

namespace kiln::store::sqlite {

class SqliteWorkerStore final : public WorkerStore {
 public:
  explicit SqliteWorkerStore(Database& database) : database_(database) {}

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

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
