// Who holds a build: the question that every report of a runner starts with. Called inside a transaction;
// belongs to its thread.
#pragma once

#include <cstdint>
#include <optional>

#include "model/build.h"
#include "model/build_story.h"
#include "store/sqlite/attestation_rows.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

struct Holding {
  std::int64_t number = 0;
  bool live = false;         // this lease holds the build now
  bool ended_by_it = false;  // the build is over, and this lease reported it
  std::optional<model::BuildOutcome> outcome;
  int attempt = 0;
};

[[nodiscard]] Holding holding_of(Connection& db, const Uuid& build, const Uuid& lease);
[[nodiscard]] tl::unexpected<Error> lease_lost(const Uuid& build);

// live → stopped: the minted token, the lease and the sealed secrets go in the same update, and the time that
// runners held it is added to its account's build minutes; a step that runs stops with it, and `words` say
// how it ended; what it uploaded is attested. Returns the time it stopped.
TimeMs stop_build(Connection& db, std::int64_t number, model::BuildOutcome outcome, bool by_lease, TimeMs now,
                  const model::EndWords& words, const Sealing& sealing);

}  // namespace kiln::store::sqlite
