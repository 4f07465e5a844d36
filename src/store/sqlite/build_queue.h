// The moves of a build's life over the database, one write transaction each. Owned by app; safe from any
// thread.
//
// A build is leased exactly while lease_until is set. lease_id outlives the lease, so that the end of an
// attempt can be told twice; ended_by_lease says that the attempt itself reported the end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/build_queue.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteBuildQueue final : public BuildQueue {
 public:
  SqliteBuildQueue(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  [[nodiscard]] Result<IntakeResult> enqueue(const Intake& intake) override;
  [[nodiscard]] Result<std::optional<model::Build>> look_before_hook(const HookStart& start,
                                                                     TimeMs now) override;
  [[nodiscard]] Result<ClaimResult> claim(const ClaimRequest& request) override;
  [[nodiscard]] Result<model::BuildMinutes> build_minutes(const std::string& account_id, TimeMs now) override;
  [[nodiscard]] Status renew(const Uuid& build, const Uuid& lease, TimeMs lease_until) override;
  [[nodiscard]] Status enter_step(const Uuid& build, const Uuid& lease, model::Step step,
                                  TimeMs now) override;
  [[nodiscard]] Status append_log(const Uuid& build, const Uuid& lease, int seq,
                                  const std::vector<model::LogChunk>& chunks) override;
  [[nodiscard]] Result<Uploads> uploads(const Uuid& build, const Uuid& lease, const std::vector<Uuid>& claims,
                                        TimeMs now) override;
  [[nodiscard]] Status finish(const Uuid& build, const Uuid& lease, model::BuildOutcome outcome, TimeMs now,
                              const model::BuildUsage& usage = {},
                              const std::optional<model::LogLine>& last_line = {}) override;
  [[nodiscard]] Result<TimeMs> cancel(const std::string& account_id, const Uuid& build, TimeMs now,
                                      const std::string& line) override;
  [[nodiscard]] Result<Recovered> recover(TimeMs now, const std::optional<std::string>& runner_id,
                                          int max_attempts) override;
  [[nodiscard]] Result<std::optional<TimeMs>> next_lease_end() override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
