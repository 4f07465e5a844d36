#include "http/body_budget.h"

#include <algorithm>
#include <utility>

namespace kiln::http {

BodyBudget::Answer BodyBudget::add(Hold& hold, std::size_t bytes) {
  const bool stranger = hold.caller_ == 0;
  const std::size_t share = stranger ? limits_.of_strangers : limits_.of_caller;
  std::size_t& mine = of_[hold.caller_];
  // Unordered maps keep their elements where they are.
  while (stranger && mine + bytes > share) {
    Hold* const first = first_to_go();
    if (first == nullptr || first == &hold) break;
    first->end();
    first->owner_.cut_body();
  }
  const std::size_t all = hold.kept_ ? limits_.all : limits_.all - limits_.kept;
  if (mine + bytes > share || used_ + bytes > all) {
    const bool own = mine + bytes > share;
    if (mine == 0 && !stranger) of_.erase(hold.caller_);
    return own ? Answer::share_is_used : Answer::all_is_used;
  }
  mine += bytes;
  used_ += bytes;
  return Answer::granted;
}

BodyBudget::Hold* BodyBudget::first_to_go() const {
  const auto most = std::max_element(strangers_.begin(), strangers_.end(), [](const auto& a, const auto& b) {
    return a.second.bytes < b.second.bytes;
  });
  return most == strangers_.end() ? nullptr : most->second.bodies.front();
}

void BodyBudget::give_back(std::uint64_t caller, std::size_t bytes) {
  used_ -= bytes;
  const auto found = of_.find(caller);
  found->second -= bytes;
  if (found->second == 0 && caller != 0) of_.erase(found);
  const std::list<Owner*> told = waiting_;
  for (Owner* owner : told) owner->body_room();
}

void BodyBudget::Hold::begin(std::uint64_t caller, bool kept) {
  end();
  caller_ = caller;
  kept_ = kept;
}

void BodyBudget::Hold::begin_stranger(std::string address) {
  begin(0);
  address_ = std::move(address);
  std::list<Hold*>& bodies = budget_.strangers_[address_].bodies;
  place_ = bodies.insert(bodies.end(), this);
  in_line_ = true;
}

BodyBudget::Answer BodyBudget::Hold::grow_to(std::size_t bytes) {
  if (bytes <= bytes_) return Answer::granted;
  const Answer answer = budget_.add(*this, bytes - bytes_);
  if (answer != Answer::granted) return answer;
  if (in_line_) budget_.strangers_[address_].bytes += bytes - bytes_;
  bytes_ = bytes;
  return answer;
}

void BodyBudget::Hold::settle() {
  if (!std::exchange(in_line_, false)) return;
  const auto mine = budget_.strangers_.find(address_);
  mine->second.bytes -= bytes_;
  mine->second.bodies.erase(place_);
  if (mine->second.bodies.empty()) budget_.strangers_.erase(mine);
}

void BodyBudget::Hold::end() {
  settle();
  const std::size_t bytes = bytes_;
  bytes_ = 0;
  if (bytes > 0) budget_.give_back(caller_, bytes);
}

}  // namespace kiln::http
