// One look at a repository's host: which branches have moved since the last, and what of that nobody has told
// of is taken in as a push. What a host is polled for is taken at once (event "poll"); of the others the hook
// comes first, and only what it has left out for a while is caught up (event "catch_up"), never a commit that
// stands behind the one that was judged last.
//
// What is taken in is on disk before it counts as seen, and what was judged already is not taken in again: a
// look that was cut short anywhere is made once more. Owned by app; safe from any thread, one look of a
// repository at a time.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/result.h"
#include "queue/queue.h"
#include "store/trigger_store.h"
#include "store/watch_store.h"
#include "watch/git_door.h"
#include "watch/timing.h"

namespace kiln::watch {

// How long a hook may take before its push is caught up.
inline constexpr TimeMs kHookPatienceMs = 30'000;
inline constexpr std::size_t kMostHeads = 10'000;  // of one repository

struct LookPorts {
  store::WatchStore& watches;
  store::TriggerStore& triggers;
  queue::Queue& queue;
  GitDoor& git;
  const Clock& clock;
  Entropy& entropy;
};

class Looker {
 public:
  // `catch_up_ms`: how often repositories that are not polled are looked at; 0: never. What `ports` refer to
  // outlives it.
  Looker(const LookPorts& ports, TimeMs catch_up_ms) : ports_(ports), catch_up_ms_(catch_up_ms) {}

  // Returns when to look next; nothing: not at all. What went wrong stands in the watch then.
  std::optional<TimeMs> look(const Uuid& connection);

 private:
  // What came of one piece of news.
  enum class Fate {
    settled,  // it is seen from now on
    later,    // the next look says
    soon,     // a look within kHookPatienceMs says
  };
  struct Look {
    store::Watched watched;
    TimeMs asked_on = 0;
    std::vector<model::Trigger> triggers;
    bool polled = false;
  };

  [[nodiscard]] Result<Fate> settle(const Look& look, const HeadNews& news);
  [[nodiscard]] Result<Fate> catch_up(const Look& look, const HeadNews& news,
                                      const std::optional<store::LastJudged>& last);
  // Fate::later: it was told of meanwhile.
  [[nodiscard]] Result<Fate> take(const Look& look, const HeadNews& news, const char* event);
  // What counts as seen at the first look: everything, but for what has been told of before there were looks
  // and has moved since. Returns whether there is such.
  [[nodiscard]] Result<bool> begin(const Look& look, const store::Heads& heads, store::Heads& seen);
  [[nodiscard]] Status build_first(const Look& look, const store::Heads& heads);
  // Takes in what is new and brings `seen` up to date, as far as it got; returns whether to look again soon.
  [[nodiscard]] Result<bool> take_news(const Look& look, const store::Heads& heads, store::Heads& seen);
  // What deliveries have told since the last look is seen: a branch that went on by its hook and back behind
  // it differs from it. Where a host is polled its answer alone counts.
  [[nodiscard]] Status see_what_was_told(const Look& look, store::Heads& seen);
  // Since when this head is known not to have been told of; notes it the first time.
  [[nodiscard]] TimeMs waiting_since(const Uuid& connection, const HeadNews& news);
  void forget(const Uuid& connection, const std::string& branch);
  [[nodiscard]] double fraction();

  const LookPorts ports_;
  const TimeMs catch_up_ms_;
  struct Waiting {
    std::string commit;
    TimeMs since = 0;
  };
  std::mutex mutex_;
  std::map<std::pair<Uuid, std::string>, Waiting> waiting_;  // by connection and branch
};

}  // namespace kiln::watch
