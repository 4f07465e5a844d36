#include "queue/turns.h"

#include <algorithm>

namespace kiln::queue {

Turns::Turn Turns::wait_for(std::set<Branch> branches) {
  std::unique_lock lock(mutex_);
  given_back_.wait(lock, [&] {
    return std::none_of(branches.begin(), branches.end(),
                        [this](const Branch& branch) { return taken_.contains(branch); });
  });
  taken_.insert(branches.begin(), branches.end());
  return {*this, std::move(branches)};
}

void Turns::give_back(const std::set<Branch>& branches) {
  {
    const std::lock_guard lock(mutex_);
    for (const Branch& branch : branches) taken_.erase(branch);
  }
  given_back_.notify_all();
}

}  // namespace kiln::queue
