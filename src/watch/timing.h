// When a host is asked next. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "store/watch_store.h"

namespace kiln::watch {

// A host that does not answer is asked less and less often, but at least so often.
inline constexpr TimeMs kLongestBackOff = TimeMs{60} * 60'000;

// How often a repository is looked at; 0: not at all. `catch_up_ms` is of those that are not polled.
[[nodiscard]] TimeMs interval_of(const store::Watched& watched, TimeMs catch_up_ms);

// From one look to the next, after so many failures in a row; each failure doubles it. `fraction`, from 0 to
// 1, spreads it by a tenth to either side, so that what began together does not stay together.
[[nodiscard]] TimeMs pause_after(TimeMs interval_ms, int failures, double fraction);

// What has changed between two looks, in the order of the branches' names.
struct HeadNews {
  std::string branch;
  std::string before;  // empty: the branch is new
  std::string after;   // empty: it is gone
  bool operator==(const HeadNews&) const = default;
};
// A host that names no branch at all has not lost them all: it is believed when it names others.
[[nodiscard]] std::vector<HeadNews> news_between(const store::Heads& seen, const store::Heads& now);

}  // namespace kiln::watch
