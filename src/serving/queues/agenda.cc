#include "serving/queues/agenda.h"

#include <algorithm>
#include <set>

namespace kiln::serving {

void Agenda::set_queues(const std::vector<store::ConsumedQueue>& queues) {
  std::set<std::string> there;
  for (const store::ConsumedQueue& queue : queues) {
    there.insert(queue.queue_id);
    Entry& entry = entries_[queue.queue_id];
    // What is under way counts to the Worker that it was begun for.
    if (entry.running > 0 && entry.queue.worker_tag != queue.worker_tag) {
      of_workers_[queue.worker_tag] += entry.running;
      int& before = of_workers_[entry.queue.worker_tag];
      before -= entry.running;
      if (before == 0) of_workers_.erase(entry.queue.worker_tag);
    }
    entry.queue = queue;
    entry.gone = false;
  }
  std::vector<std::string> gone;
  for (auto& [id, entry] : entries_) {
    entry.gone = !there.contains(id);
    if (entry.gone) gone.push_back(id);
  }
  for (const std::string& id : gone) drop_if_gone(id);
  wake_all();
}

void Agenda::wake(const std::string& queue_id) {
  const auto found = entries_.find(queue_id);
  if (found == entries_.end()) return;
  found->second.woken = found->second.looking;
  found->second.look_on = Time::min();
}

void Agenda::wake_all() {
  for (auto& [id, entry] : entries_) wake(id);
}

void Agenda::renew() {
  for (auto& [id, entry] : entries_) {
    entry.failures = 0;
    entry.rests_until = Time();
  }
  wake_all();
}

bool Agenda::has_room(const Entry& entry) const {
  if (running_ >= limits_.at_once) return false;
  const auto of_worker = of_workers_.find(entry.queue.worker_tag);
  if (of_worker != of_workers_.end() && of_worker->second >= limits_.of_worker) return false;
  if (entry.running == 0) return true;
  const int most = entry.queue.max_concurrency > 0 ? entry.queue.max_concurrency : limits_.of_queue;
  return entry.running < most && running_ < limits_.at_once / 2;
}

std::optional<store::ConsumedQueue> Agenda::begin(Time now) {
  Entry* best = nullptr;
  for (auto& [id, entry] : entries_) {
    if (entry.gone || entry.looking || !entry.look_on || *entry.look_on > now || entry.rests_until > now ||
        !has_room(entry))
      continue;
    if (best == nullptr || entry.begun_on < best->begun_on) best = &entry;
  }
  if (best == nullptr) return std::nullopt;
  best->looking = true;
  best->woken = false;
  best->look_on.reset();
  best->begun_on = now;
  ++best->running;
  ++of_workers_[best->queue.worker_tag];
  ++running_;
  return best->queue;
}

void Agenda::give_place(Entry& entry) {
  --entry.running;
  --running_;
  const auto of_worker = of_workers_.find(entry.queue.worker_tag);
  if (--of_worker->second == 0) of_workers_.erase(of_worker);
}

void Agenda::drop_if_gone(const std::string& queue_id) {
  const auto found = entries_.find(queue_id);
  if (found != entries_.end() && found->second.gone && found->second.running == 0) entries_.erase(found);
}

void Agenda::none(const std::string& queue_id, Time now, std::optional<std::chrono::milliseconds> next) {
  Entry& entry = entries_.at(queue_id);
  entry.looking = false;
  give_place(entry);
  if (entry.woken) {
    entry.look_on = Time::min();
  } else if (next) {
    entry.look_on = now + *next;
  }
  drop_if_gone(queue_id);
}

void Agenda::taken(const std::string& queue_id) {
  Entry& entry = entries_.at(queue_id);
  entry.looking = false;
  entry.look_on = Time::min();
}

void Agenda::end(const std::string& queue_id, Time now, How how) {
  Entry& entry = entries_.at(queue_id);
  give_place(entry);
  wake(queue_id);  // also one that is being looked at: what it read may be from before
  if (how == How::called) {
    entry.failures = 0;
  } else if (entry.rests_until <= now) {  // batches that fail together are one failure
    constexpr int kMostDoublings = 16;
    const auto rest = limits_.first_rest * (1 << std::min(entry.failures, kMostDoublings));
    entry.rests_until = now + std::min<std::chrono::milliseconds>(rest, limits_.longest_rest);
    ++entry.failures;
  }
  drop_if_gone(queue_id);
}

std::optional<Agenda::Time> Agenda::next_look() const {
  std::optional<Time> out;
  for (const auto& [id, entry] : entries_) {
    if (entry.gone || entry.looking || !entry.look_on || !has_room(entry)) continue;
    const Time on = std::max(*entry.look_on, entry.rests_until);
    out = std::min(out.value_or(on), on);
  }
  return out;
}

}  // namespace kiln::serving
