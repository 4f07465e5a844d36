// What heads beyond the usual size may take of memory while they come: few connections at a time may be in
// the middle of one, so that strangers who stop there, however many they are, cost no more than these. Owned
// by a listener; its I/O thread only.
#pragma once

#include <cstddef>

namespace kiln::http {

class LargeHeads {
 public:
  static constexpr std::size_t kUsual = 16U << 10U;  // bytes; most heads are a tenth of it

  explicit LargeHeads(std::size_t most) : left_(most) {}
  LargeHeads(const LargeHeads&) = delete;
  LargeHeads& operator=(const LargeHeads&) = delete;

  // One head's, while it comes; given back with it.
  class Place {
   public:
    explicit Place(LargeHeads& heads) : heads_(heads) {}
    ~Place() {
      if (taken_) ++heads_.left_;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // So many bytes of it have come and its end has not. False when it is a large one and as many as may be
    // are coming.
    [[nodiscard]] bool grows_to(std::size_t bytes) {
      if (bytes <= kUsual || taken_) return true;
      if (heads_.left_ == 0) return false;
      --heads_.left_;
      taken_ = true;
      return true;
    }

   private:
    LargeHeads& heads_;
    bool taken_ = false;
  };

 private:
  std::size_t left_;
};

}  // namespace kiln::http
