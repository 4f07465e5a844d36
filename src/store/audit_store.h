// Port: the audit as it is read, and its end. Its rows are written with what they tell of (act.h); nothing
// changes them, and only age removes them. Owned by app; every method is one transaction and safe from any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/audit.h"
#include "store/act.h"

namespace kiln::store {

class AuditStore {
 public:
  virtual ~AuditStore() = default;

  // Newest first, at most `most` of those whose number is below `below`; nothing: from the newest on.
  [[nodiscard]] virtual Result<std::vector<model::AuditEntry>> entries(const model::AuditFilter& filter,
                                                                       std::optional<std::int64_t> below,
                                                                       int most) = 0;
  // A row of an act that changed nothing in the store.
  [[nodiscard]] virtual Status note(const Act& act) = 0;
  // Removes at most `most` entries that are older than `before`, and returns how many.
  [[nodiscard]] virtual Result<int> forget(TimeMs before, int most) = 0;
};

}  // namespace kiln::store
