// How many calls of git a host has to answer at once: one that says nothing holds its own callers up, and no
// others. All hosts together leave places for local repositories, so that whoever knows many silent hosts
// stops nobody's local work; and calls that have taken long leave theirs to other hosts, where there are
// places for such. Owned by app, one for each kind of caller; safe from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace kiln::scm {

// The most calls at once: to one host, and to all hosts, local paths apart. Beside those of all hosts up to
// `slow` that have gone on for longer than `patience`.
struct HostShares {
  std::size_t per_host = 1;
  std::size_t all_hosts = 1;
  std::size_t slow = 0;
  std::chrono::milliseconds patience{500};
};

class HostSlots {
 public:
  // `freed` is called with the topic of those for whom there may be a place again, on whatever thread gave it
  // back; it must not call the slots.
  explicit HostSlots(const HostShares& shares, std::function<void(const std::string& topic)> freed = {})
      : shares_(shares), freed_(std::move(freed)) {}

  // A call's place, given back with it. Outlived by the slots.
  class Slot {
   public:
    Slot(HostSlots* slots, std::string host, std::chrono::steady_clock::time_point since)
        : slots_(slots), host_(std::move(host)), since_(since) {}
    Slot(Slot&& other) noexcept
        : slots_(std::exchange(other.slots_, nullptr)), host_(std::move(other.host_)), since_(other.since_) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (slots_ != nullptr) slots_->give_back(host_, since_);
    }

   private:
    HostSlots* slots_;
    std::string host_;
    std::chrono::steady_clock::time_point since_;
  };

  // Nothing when the URL's host, whatever its port, or all hosts have as many calls as may be, and go on
  // having them `until` then. All local paths are one host.
  [[nodiscard]] std::optional<Slot> take(const std::string& url,
                                         std::chrono::steady_clock::time_point until = {});
  // What is notified when the URL's host may have a place again: one topic for all hosts, since they share
  // their places, and one for local paths.
  [[nodiscard]] static std::string topic(const std::string& url);
  // Why there is none: which host, how many calls it has not answered, and for how long; or how many calls
  // all hosts have. Errc::unavailable, its field the seconds after which to ask again.
  [[nodiscard]] Error refusal(const std::string& url) const;

 private:
  using Moment = std::chrono::steady_clock::time_point;

  void give_back(const std::string& host, Moment since);

  // With the mutex held. When the host may have a place: `now`; later, when a call becomes a slow one by
  // then; never, while none is given back.
  [[nodiscard]] Moment place_from(const std::string& host, Moment now) const;

  const HostShares shares_;
  const std::function<void(const std::string&)> freed_;
  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  std::map<std::string, std::vector<Moment>> calls_;  // since when
  std::multiset<Moment> remote_calls_;                // those of all hosts
};

// "git.example.com:8443" of a remote's URL, lower case; empty for a local path.
[[nodiscard]] std::string host_of(const std::string& url);

}  // namespace kiln::scm
