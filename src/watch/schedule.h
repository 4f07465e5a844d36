// Whose turn it is to be looked at. A look that takes long is nobody else's concern: it stays out until it
// ends, and the others have their turn. One thread, or its owner's lock.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "store/watch_store.h"
#include "watch/timing.h"

namespace kiln::watch {

struct Turn {
  Uuid connection;
  std::string url;
};

class Schedule {
 public:
  explicit Schedule(TimeMs catch_up_ms) : catch_up_ms_(catch_up_ms) {}

  // All that there are now. One that is new here is due when its watch says so; the first time, of a server
  // that has just started, a host that answers is asked at once, within `spread_ms` by the fraction that
  // `chance` gives.
  void refresh(const std::vector<store::Watched>& all, TimeMs now, TimeMs spread_ms,
               const std::function<double()>& chance);
  // Its settings have changed: it is due now, or once the look that runs has ended.
  void hurry(const Uuid& connection, TimeMs now);
  // Those that are due and can start, the one that has waited longest first; each is out until end().
  [[nodiscard]] std::vector<Turn> start(TimeMs now, const std::function<bool(const Turn&)>& can_start);
  // Nothing: it is not looked at any more.
  void end(const Uuid& connection, std::optional<TimeMs> next_on);
  // Until the next is due, at most `longest_ms`. Those that are due already do not count: they wait for a
  // place, and whoever gives one back says so.
  [[nodiscard]] TimeMs pause(TimeMs now, TimeMs longest_ms) const;

 private:
  struct Entry {
    std::string url;
    TimeMs due = 0;
    bool out = false;
    bool again = false;  // at once after the look that runs
  };
  const TimeMs catch_up_ms_;
  bool started_ = false;
  std::map<Uuid, Entry> entries_;
};

}  // namespace kiln::watch
