// Who takes uploads away waits while somebody needs those that a moment named: a backup holds them. Owned by
// app; safe from any thread.
#pragma once

#include <functional>
#include <mutex>

namespace kiln::ops {

class BlobHold {
 public:
  // While it lives nothing is taken away.
  class Held {
   public:
    explicit Held(BlobHold& hold) : hold_(hold) {
      const std::lock_guard lock(hold_.mutex_);
      ++hold_.holders_;
    }
    ~Held() {
      const std::lock_guard lock(hold_.mutex_);
      --hold_.holders_;
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    BlobHold& hold_;
  };

  // Runs `removal`, a short one, unless somebody holds them. False: somebody does.
  bool unless_held(const std::function<void()>& removal) {
    const std::lock_guard lock(mutex_);
    if (holders_ > 0) return false;
    removal();
    return true;
  }

 private:
  std::mutex mutex_;  // over all below
  int holders_ = 0;
};

}  // namespace kiln::ops
