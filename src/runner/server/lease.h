// Whether this attempt of a build is still ours: shared by the threads of one build. It is lost when the
// server says so, or when nothing was heard from the server for as long as the lease lasts (another runner
// may hold the build by then). All methods from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace kiln::runner {

class Lease {
 public:
  Lease(const Clock& clock, const Uuid& build, const Uuid& id, TimeMs length_ms);

  [[nodiscard]] const Uuid& build() const { return build_; }
  [[nodiscard]] const Uuid& id() const { return id_; }
  [[nodiscard]] TimeMs length_ms() const { return length_ms_; }

  // The server confirmed it; `asked_at` (monotonic) is when it was asked, which is the safe side.
  void renewed(std::int64_t asked_at);
  void lose();
  [[nodiscard]] bool ours() const;

  // Waits a while, less when the lease is lost meanwhile. False when it is lost.
  bool pause(TimeMs milliseconds);

  // Calls until it succeeds or is refused, with growing pauses while the server does not answer and the lease
  // may still be ours. Errors: Errc::lease_lost (said by the server or run out), or the server's refusal.
  [[nodiscard]] Status insist(const std::function<Status()>& call);

 private:
  [[nodiscard]] bool ours_locked() const;

  const Clock& clock_;
  const Uuid build_;
  const Uuid id_;
  const TimeMs length_ms_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t renewed_at_;
  bool lost_ = false;
};

// True for errors after which the same call may succeed a little later.
[[nodiscard]] bool may_pass(Errc code);

}  // namespace kiln::runner
