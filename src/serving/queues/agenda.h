// Which queue's next batch a Worker is called with, and when one is to be looked at again: pure of stores and
// clocks, so that what starves whom is decided, and tested, in one place.
//
// A batch takes one of the server's places. A queue has so many at once as its consumer says, or a few; a
// Worker, over all its queues, a few more. Only a queue's first batch may take one of the last half of the
// places, so that however long consumers take, others find some. Belongs to whoever guards it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/batch_store.h"

namespace kiln::serving {

struct AgendaLimits {
  int at_once = 32;    // batches
  int of_queue = 4;    // where its consumer names no number
  int of_worker = 16;  // over all the queues that it consumes
  std::chrono::milliseconds first_rest{
      1'000};  // of a queue whose Worker cannot be called; then twice as long
  std::chrono::milliseconds longest_rest{30'000};
};

class Agenda {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Agenda(AgendaLimits limits) : limits_(limits) {}

  // All queues that Workers consume now. Each new one is to be looked at; what is under way of others goes
  // on.
  void set_queues(const std::vector<store::ConsumedQueue>& queues);
  // Something has changed in that one; in all of them.
  void wake(const std::string& queue_id);
  void wake_all();
  // As above, and none rests any more.
  void renew();

  // The queue that is to be looked at now, if there is room for its batch; the one that was begun longest ago
  // comes first. It counts as begun until end() or none().
  [[nodiscard]] std::optional<store::ConsumedQueue> begin(Time now);
  // There was no batch: it is looked at again after so long, or when it is woken.
  void none(const std::string& queue_id, Time now, std::optional<std::chrono::milliseconds> next);
  // Its batch is taken: there may be another one.
  void taken(const std::string& queue_id);
  enum class How { called, uncalled };  // its Worker could not be called: it rests
  void end(const std::string& queue_id, Time now, How how);

  // When begin() may have one again; nothing: when it is woken.
  [[nodiscard]] std::optional<Time> next_look() const;

 private:
  struct Entry {
    store::ConsumedQueue queue;
    std::optional<Time> look_on;  // nothing: when it is woken
    Time rests_until;
    Time begun_on;
    int failures = 0;
    int running = 0;
    bool looking = false;  // one is being looked for
    bool woken = false;    // meanwhile
    bool gone = false;     // no Worker consumes it any more
  };

  [[nodiscard]] bool has_room(const Entry& entry) const;
  void give_place(Entry& entry);
  void drop_if_gone(const std::string& queue_id);

  AgendaLimits limits_;
  std::map<std::string, Entry> entries_;
  std::map<std::string, int> of_workers_;  // batches under way, by the Worker's tag
  int running_ = 0;
};

}  // namespace kiln::serving
