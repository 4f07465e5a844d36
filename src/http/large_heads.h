// What heads beyond the usual size may take of memory while they come: few connections at a time may be in
// the middle of one, and a quarter of these from one address, so that strangers who stop there, however many
// they are, cost no more, and one of them stops nobody else. Owned by a listener; its I/O thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ip_address.h"

namespace kiln::http {

class LargeHeads {
 public:
  static constexpr std::size_t kUsual = 16U << 10U;  // bytes; most heads are a tenth of it

  explicit LargeHeads(std::size_t most) : left_(most), of_one_(std::max<std::size_t>(most / 4, 1)) {}
  LargeHeads(const LargeHeads&) = delete;
  LargeHeads& operator=(const LargeHeads&) = delete;

  // One head's, while it comes; given back with it.
  class Place {
   public:
    explicit Place(LargeHeads& heads) : heads_(heads) {}
    ~Place() { give_back(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // So many bytes of it have come, and its end has not. False when it is a large one and as many as may be
    // are coming, or as many from the peer; an empty one, a proxy that speaks for many, has no share.
    [[nodiscard]] bool grows_to(std::size_t bytes, std::string_view peer) {
      if (bytes <= kUsual || taken_) return true;
      group_ = peer.empty() ? std::string() : group_of(peer);
      const auto found = heads_.of_.find(group_);
      const bool has_its_share = found != heads_.of_.end() && found->second >= heads_.of_one_;
      if (heads_.left_ == 0 || (has_its_share && !group_.empty())) return false;
      --heads_.left_;
      ++heads_.of_[group_];
      taken_ = true;
      return true;
    }
    void give_back() {
      if (!taken_) return;
      taken_ = false;
      ++heads_.left_;
      if (--heads_.of_[group_] == 0) heads_.of_.erase(group_);
    }

   private:
    LargeHeads& heads_;
    std::string group_;
    bool taken_ = false;
  };

 private:
  std::size_t left_;
  const std::size_t of_one_;  // address
  std::unordered_map<std::string, std::size_t> of_;
};

}  // namespace kiln::http
