// Takes away what is left of sandboxes whose processes are all gone: the network's helper (whose namespace
// the kernel needs a while to give up), the cgroup, the disk. On a thread of its own, so that the next build
// does not wait for it, and never for more than a few at once: who comes with one more waits.
//
// Owned by whoever starts sandboxes; add() from any thread. After the destructor nothing is left.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "runner/sandbox/limits/confinement.h"
#include "runner/sandbox/network/wall.h"

namespace kiln::runner {

// In the order in which they go.
struct Remains {
  std::unique_ptr<NetworkWall> wall;    // told to end already; or null
  std::unique_ptr<Confinement> limits;  // or null
  std::shared_ptr<const void> held;     // given back once the rest is gone: the uid's number

  void remove();
};

class Remover {
 public:
  explicit Remover(std::size_t most) : most_(most), thread_([this] { work(); }) {}
  ~Remover();
  Remover(const Remover&) = delete;
  Remover& operator=(const Remover&) = delete;

  void add(Remains remains);

 private:
  void work();

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Remains> waiting_;
  std::size_t at_work_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace kiln::runner
