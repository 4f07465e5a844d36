#include "watch/schedule.h"

#include <algorithm>
#include <optional>

namespace kiln::watch {

void Schedule::refresh(const std::vector<store::Watched>& all, TimeMs now, TimeMs spread_ms,
                       const std::function<double()>& chance) {
  std::map<Uuid, Entry> fresh;
  for (const store::Watched& one : all) {
    if (interval_of(one, catch_up_ms_) == 0) continue;
    const auto known = entries_.find(one.connection.uuid);
    if (known != entries_.end()) {
      known->second.url = one.connection.clone_url;
      fresh[one.connection.uuid] = known->second;
      continue;
    }
    Entry entry{one.connection.clone_url, one.next_on, false, false};
    if (!started_ && one.failures == 0 && one.heads_known)
      entry.due = now + static_cast<TimeMs>(static_cast<double>(spread_ms) * chance());
    fresh[one.connection.uuid] = entry;
  }
  // A look that runs ends somewhere.
  for (const auto& [connection, entry] : entries_) {
    if (entry.out) fresh.emplace(connection, entry);
  }
  entries_ = std::move(fresh);
  started_ = true;
}

void Schedule::hurry(const Uuid& connection, TimeMs now) {
  const auto found = entries_.find(connection);
  if (found == entries_.end()) return;
  found->second.due = now;
  found->second.again = found->second.out;
}

std::vector<Turn> Schedule::start(TimeMs now, const std::function<bool(const Turn&)>& can_start) {
  std::vector<std::pair<TimeMs, Turn>> due;
  for (const auto& [connection, entry] : entries_) {
    if (!entry.out && entry.due <= now) due.push_back({entry.due, {connection, entry.url}});
  }
  std::stable_sort(due.begin(), due.end(),
                   [](const auto& one, const auto& other) { return one.first < other.first; });
  std::vector<Turn> turns;
  for (const auto& [since, turn] : due) {
    if (!can_start(turn)) continue;
    entries_[turn.connection].out = true;
    turns.push_back(turn);
  }
  return turns;
}

void Schedule::end(const Uuid& connection, std::optional<TimeMs> next_on) {
  const auto found = entries_.find(connection);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (!next_on && !entry.again) {
    entries_.erase(found);
    return;
  }
  entry.out = false;
  if (!entry.again) entry.due = *next_on;
  entry.again = false;
}

TimeMs Schedule::pause(TimeMs now, TimeMs longest_ms) const {
  TimeMs pause = longest_ms;
  for (const auto& [connection, entry] : entries_) {
    if (!entry.out && entry.due > now) pause = std::min(pause, entry.due - now);
  }
  return pause;
}

}  // namespace kiln::watch
