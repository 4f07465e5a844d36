// Port: builds that are over and whose trace a collector is still to be told. What the outbox hands on
// (outbox.h) leaves a row here, which goes once the collector has taken it. Owned by app; every method is one
// durable transaction and safe from any thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace kiln::store {

struct DueTrace {
  Uuid build;
  std::string account_id;
  int attempts = 0;  // that failed
};

class TraceStore {
 public:
  virtual ~TraceStore() = default;

  // When the first is due; nothing when none waits.
  [[nodiscard]] virtual Result<std::optional<TimeMs>> due_on() = 0;
  // The one that has been due for longest, if it is due now.
  [[nodiscard]] virtual Result<std::optional<DueTrace>> next() = 0;
  // Taken, or refused for good. Idempotent.
  [[nodiscard]] virtual Status done(const Uuid& build) = 0;
  // Not taken; due again in so long.
  [[nodiscard]] virtual Status postpone(const Uuid& build, TimeMs wait_ms) = 0;
};

}  // namespace kiln::store
