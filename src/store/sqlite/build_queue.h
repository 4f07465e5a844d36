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
  [[nodiscard]] Result<std::optional<LastTold>> last_told(const model::RepoConnection& connection,
                                                          const std::string& branch) override;
  [[nodiscard]] Result<Told> told_before(const model::RepoConnection& connection,
                                         const ToldMove& move) override;
  [[nodiscard]] Result<std::vector<std::string>> moved_on_from(const model::RepoConnection& connection,
                                                               const std::string& branch,
                                                               const std::string& commit) override;
  [[nodiscard]] Result<std::optional<model::Build>> look_before_hook(const HookStart& start) override;
  [[nodiscard]] Result<ClaimResult> claim(const ClaimRequest& request) override;
  [[nodiscard]] Result<model::BuildMinutes> build_minutes(const std::string& account_id) override;
  [[nodiscard]] Status renew(const Uuid& build, const Uuid& lease, TimeMs lease_ms) override;
  [[nodiscard]] Result<model::RepoConnection> leased_connection(const Uuid& build,
                                                                const Uuid& lease) override;
  [[nodiscard]] Status enter_step(const Uuid& build, const Uuid& lease, model::Step step) override;
  [[nodiscard]] Status append_log(const Uuid& build, const Uuid& lease, int seq,
                                  const std::vector<model::LogChunk>& chunks,
                                  const model::StoryNotes& story = {}) override;
  [[nodiscard]] Result<Uploads> uploads(const Uuid& build, const Uuid& lease,
                                        const std::vector<Uuid>& claims) override;
  [[nodiscard]] Status finish(const Uuid& build, const Uuid& lease, model::BuildOutcome outcome,
                              const model::BuildUsage& usage = {},
                              const std::optional<model::LogLine>& last_line = {},
                              const model::EndWords& words = {}) override;
  [[nodiscard]] Result<TimeMs> cancel(const std::string& account_id, const Uuid& build,
                                      const std::string& line) override;
  [[nodiscard]] Status approve(const std::string& account_id, const Uuid& build,
                               const std::string& line) override;
  [[nodiscard]] Result<Recovered> recover(const std::optional<std::string>& runner_id,
                                          int max_attempts) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

}  // namespace kiln::store::sqlite
