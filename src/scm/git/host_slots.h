// How many calls of git a host has to answer at once: one that says nothing holds its own callers up, and no
// others. All hosts together leave places for local repositories, so that whoever knows many silent hosts
// stops nobody's local work. Owned by app, one for each kind of caller; safe from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace kiln::scm {

class HostSlots {
 public:
  // `all_hosts`: the most calls to hosts at once, local paths apart. `freed` is called with the topic of
  // those for whom there may be a place again, on whatever thread gave it back; it must not call the slots.
  HostSlots(std::size_t per_host, std::size_t all_hosts,
            std::function<void(const std::string& topic)> freed = {})
      : per_host_(per_host), all_hosts_(all_hosts), freed_(std::move(freed)) {}

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
  void give_back(const std::string& host, std::chrono::steady_clock::time_point since);

  [[nodiscard]] bool has_place(const std::string& host) const;  // with the mutex held

  const std::size_t per_host_;
  const std::size_t all_hosts_;
  const std::function<void(const std::string&)> freed_;
  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  std::map<std::string, std::vector<std::chrono::steady_clock::time_point>> calls_;  // since when
  std::size_t remote_calls_ = 0;                                                     // of all hosts
};

// "git.example.com:8443" of a remote's URL, lower case; empty for a local path.
[[nodiscard]] std::string host_of(const std::string& url);

}  // namespace kiln::scm
