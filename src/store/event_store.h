// Port: what changed in an account, numbered, for whoever follows it: the last 10,000 of all accounts are
// kept. An event says what to read again and carries nothing itself. Owned by app; every method is one
// snapshot and safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace kiln::store {

// Whoever missed more reads everything again, which is less work.
inline constexpr std::size_t kMostMissedEvents = 200;

struct AccountEvent {
  enum class Kind { build, deployment };
  std::int64_t number = 0;
  Kind kind = Kind::build;
  std::string subject;  // a build's uuid, or a Worker's tag, in lower-case hex
};

struct AccountEvents {
  std::vector<AccountEvent> items;  // in their order
  std::int64_t last = 0;            // the number of the last event of any account
  bool gap = false;                 // those after the number that was asked for are too many, or not all kept
};

class EventStore {
 public:
  virtual ~EventStore() = default;
  // Those of the account after that number.
  [[nodiscard]] virtual Result<AccountEvents> events_after(const std::string& account_id,
                                                           std::int64_t number) = 0;
  // The number of the last event; 0: there was none.
  [[nodiscard]] virtual Result<std::int64_t> last_event() = 0;
};

}  // namespace kiln::store
