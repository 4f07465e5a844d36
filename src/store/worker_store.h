// Port: Workers themselves, with their settings and cron triggers. Owned by app; every method is one durable
// transaction and safe from any thread. A Worker that is missing or of another account is
// Errc::worker_not_found.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/worker.h"

namespace kiln::store {

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
  // Its secrets, previews, schedules, routes, aliases, assets, triggers, deploy hooks and badge go with it,
  // and it consumes no queue any more. Versions and deployments stay, out of reach of the Workers API: builds
  // point at them.
  [[nodiscard]] virtual Status delete_worker(const std::string& account_id, const std::string& name,
                                             TimeMs now) = 0;
};

}  // namespace kiln::store
