// Hands on from the outbox what happened to whoever is to be told of it: source hosts, queues and sinks. One
// thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/outbox.h"

namespace kiln::events {

class Pump {
 public:
  // Where reports of a connection's builds go; nothing: nowhere.
  using HostOf = std::function<Result<std::optional<std::string>>(const std::string& account_id,
                                                                  const Uuid& connection)>;
  // Where events of what happened go.
  using EventsOf = std::function<Result<store::EventWishes>(const std::vector<store::OutboxRow>& rows)>;
  // Hears of what has been handed on, once, unless the process ends between the two.
  using HandedOn = std::function<void(const std::vector<store::OutboxRow>& rows)>;
  // All outlive it; without `events_of` nobody is sent events.
  Pump(store::Outbox& outbox, HostOf host_of, EventsOf events_of = {}, HandedOn handed_on = {})
      : outbox_(outbox),
        host_of_(std::move(host_of)),
        events_of_(std::move(events_of)),
        handed_on_(std::move(handed_on)) {}

  // Hands on what waits; true when something became due.
  [[nodiscard]] Result<bool> hand_on();

 private:
  store::Outbox& outbox_;
  HostOf host_of_;
  EventsOf events_of_;
  HandedOn handed_on_;
};

}  // namespace kiln::events
