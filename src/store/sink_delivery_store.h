// Port: events on their way to sinks. Of one build and one sink they are due one behind the other: a later
// one waits until the earlier is delivered or parked. Owned by app; every method is one durable transaction
// and safe from any thread.
//
// Bounded: of a sink the newest 200 that are over stay; where some more than 10,000 wait the oldest are
// parked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/sink.h"
#include "store/page.h"

namespace kiln::store {

inline constexpr int kMostSinkDeliveries = 200;        // of a sink, that are over
inline constexpr int kMostWaitingDeliveries = 10'000;  // of a sink, and a few

struct SinkClock {
  Uuid sink;
  TimeMs due_on = 0;  // of the first that waits for no earlier one
};

struct DueDelivery {
  std::int64_t number = 0;
  model::Sink sink;
  model::SinkDelivery delivery;
};

// What came of a try.
struct SinkAnswer {
  int status = 0;    // 0: none came
  std::string text;  // the answer's first bytes
  std::string error;
};

class SinkDeliveryStore {
 public:
  virtual ~SinkDeliveryStore() = default;

  // Of sinks that are enabled.
  [[nodiscard]] virtual Result<std::vector<SinkClock>> sink_clocks() = 0;
  // The one that has waited longest, if one is due now.
  [[nodiscard]] virtual Result<std::optional<DueDelivery>> next_delivery(const Uuid& sink) = 0;

  [[nodiscard]] virtual Status delivered(std::int64_t number, const SinkAnswer& answer) = 0;
  // Due again in `wait_ms`.
  [[nodiscard]] virtual Status postpone_delivery(std::int64_t number, TimeMs wait_ms,
                                                 const SinkAnswer& answer) = 0;
  // Nothing that waits or comes for the sink is due before so long, unless somebody sends it again.
  [[nodiscard]] virtual Status rest_sink(const Uuid& sink, TimeMs wait_ms) = 0;
  // Not tried again of itself.
  [[nodiscard]] virtual Status park(std::int64_t number, const SinkAnswer& answer) = 0;
  // The same, and of all that waits for its sink, which takes nothing more until somebody enables it.
  [[nodiscard]] virtual Status switch_off(std::int64_t number, const SinkAnswer& answer,
                                          const std::string& reason) = 0;

  // The newest first, without their bodies. Errors: Errc::not_found for a sink of another account.
  [[nodiscard]] virtual Result<Paged<model::SinkDelivery>> deliveries(const std::string& account_id,
                                                                      const Uuid& sink, Page page) = 0;
  // One of them. Errors: Errc::not_found, also for one that is no longer kept.
  [[nodiscard]] virtual Result<model::SinkDelivery> delivery(const std::string& account_id, const Uuid& sink,
                                                             const Uuid& delivery) = 0;
  // Due now, as if it were new. Errors: Errc::not_found; Errc::conflict for one that waits, unless it has
  // failed before, and where the sink is off.
  [[nodiscard]] virtual Result<model::SinkDelivery> send_again(const std::string& account_id,
                                                               const Uuid& sink, const Uuid& delivery) = 0;
  // Due now. Errors: as send_again(); Errc::conflict where one of that event, and of no build, waits already.
  [[nodiscard]] virtual Status add_delivery(const std::string& account_id, const Uuid& sink,
                                            const model::SinkDelivery& delivery) = 0;
};

}  // namespace kiln::store
