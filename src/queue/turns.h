// Whose turn it is to judge what is told of a branch: each delivery rests on the one before it, so that
// judging two at once makes the second one's work void. Who waits for git meanwhile holds up its own
// branches' deliveries alone. Owned by the Queue; any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/ids.h"

namespace kiln::queue {

class Turns {
 public:
  using Branch = std::pair<Uuid, std::string>;  // of a connection

  // A turn at some branches, given back with it. Outlived by the turns.
  class Turn {
   public:
    Turn(Turns& turns, std::set<Branch> branches) : turns_(turns), branches_(std::move(branches)) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { turns_.give_back(branches_); }

   private:
    Turns& turns_;
    std::set<Branch> branches_;
  };

  // Waits until nobody else's turn is at one of them. Whoever has a turn must not wait for another.
  [[nodiscard]] Turn wait_for(std::set<Branch> branches);

 private:
  void give_back(const std::set<Branch>& branches);

  std::mutex mutex_;
  std::condition_variable given_back_;
  std::set<Branch> taken_;
};

}  // namespace kiln::queue
