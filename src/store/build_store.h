// Port: reading builds and their logs. Owned by app; every method is one transaction (a snapshot) and safe
// from any thread. Builds of another account are Errc::not_found, or left out of a batch.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/build.h"
#include "model/trigger.h"
#include "store/page.h"

namespace kiln::store {

// A build together with its trigger as it is now (deleted ones too).
struct BuildView {
  model::Build build;
  model::Trigger trigger;
};

// A build as its readers need it.
struct BuildRow {
  model::Build build;
  std::string worker_name;  // of its Worker, deleted ones too
};

struct LogPage {
  std::vector<model::LogLine> lines;
  std::string cursor;  // how many lines of the log have been read so far, in decimal: give it back to go on
  bool more = false;   // lines after `cursor` are stored already
};

class BuildStore {
 public:
  virtual ~BuildStore() = default;

  [[nodiscard]] virtual Result<BuildView> build(const std::string& account_id, const Uuid& uuid) = 0;
  [[nodiscard]] virtual Result<BuildRow> row(const std::string& account_id, const Uuid& uuid) = 0;
  // (version id, its build) of those ids that the account's builds uploaded, in their order; unknown ids are
  // left out.
  [[nodiscard]] virtual Result<std::vector<std::pair<Uuid, BuildRow>>> builds_by_versions(
      const std::string& account_id, const std::vector<Uuid>& version_ids) = 0;
  // (Worker tag, its newest build).
  [[nodiscard]] virtual Result<std::vector<std::pair<std::string, BuildRow>>> latest_builds(
      const std::string& account_id, const std::vector<std::string>& worker_tags) = 0;
  // Newest first. Errors: Errc::not_found when the account has no such Worker tag.
  [[nodiscard]] virtual Result<Paged<BuildRow>> builds_of_worker(const std::string& account_id,
                                                                 const std::string& worker_tag,
                                                                 Page page) = 0;
  // Newest first, of every Worker of the account.
  [[nodiscard]] virtual Result<Paged<BuildRow>> builds_of_account(const std::string& account_id,
                                                                  Page page) = 0;

  // The commits of a branch that pushes asked the trigger to build: of the last, and of the last that was not
  // skipped.
  struct PushedBefore {
    std::optional<std::string> last;
    std::optional<std::string> last_built;
  };
  [[nodiscard]] virtual Result<PushedBefore> pushed_before(const model::Trigger& trigger,
                                                           const std::string& branch) = 0;

  // The newest build of the commit by that trigger that was not skipped.
  [[nodiscard]] virtual Result<std::optional<model::Build>> newest_of_commit(const model::Trigger& trigger,
                                                                             const std::string& commit) = 0;

  // Lines after `cursor` (empty: from the start), at most about `max_bytes` of text and at least one line
  // when there is one. Errors: Errc::invalid (field cursor) for a cursor that is none of ours.
  [[nodiscard]] virtual Result<LogPage> log(const Uuid& build, const std::string& cursor,
                                            std::size_t max_bytes) = 0;
};

}  // namespace kiln::store
