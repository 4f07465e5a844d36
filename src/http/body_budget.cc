#include "http/body_budget.h"

#include <algorithm>
#include <utility>

namespace kiln::http {

BodyBudget::Answer BodyBudget::add(Hold& hold, std::size_t bytes) {
  if (hold.caller_ == 0) {
    if (!make_room(hold, bytes)) return Answer::share_is_used;
    of_strangers_ += bytes;
    return Answer::granted;
  }
  const std::size_t room = limits_.all - limits_.of_strangers - (hold.kept_ ? 0 : limits_.kept);
  const auto found = of_.find(hold.caller_);
  const std::size_t mine = found == of_.end() ? 0 : found->second;
  if (mine + bytes > limits_.of_caller) return Answer::share_is_used;
  if (of_known_ + bytes > room) return Answer::all_is_used;
  of_[hold.caller_] = mine + bytes;
  of_known_ += bytes;
  return Answer::granted;
}

// Among strangers. Nobody is cut in vain: what others have not finished must be enough.
bool BodyBudget::make_room(const Hold& hold, std::size_t bytes) {
  const std::size_t others = unfinished_ - (hold.in_line_ ? hold.bytes_ : 0);
  if (of_strangers_ + bytes - others > limits_.of_strangers) return false;
  while (of_strangers_ + bytes > limits_.of_strangers) {
    Hold& first = first_to_go();
    if (&first == &hold) return false;
    first.end();
    first.owner_.cut_body();
  }
  return true;
}

BodyBudget::Hold& BodyBudget::first_to_go() const {
  const auto most = std::max_element(addresses_.begin(), addresses_.end(), [](const auto& a, const auto& b) {
    return a.second.bytes < b.second.bytes;
  });
  return most->second.bytes > limits_.much ? *most->second.bodies.front() : *line_.front();
}

void BodyBudget::give_back(std::uint64_t caller, std::size_t bytes) {
  if (caller == 0) {  // nobody waits for strangers' room
    of_strangers_ -= bytes;
    return;
  }
  of_known_ -= bytes;
  const auto found = of_.find(caller);
  found->second -= bytes;
  if (found->second == 0) of_.erase(found);
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
}

void BodyBudget::Hold::join_line() {
  Line& bodies = budget_.addresses_[address_].bodies;
  place_ = bodies.insert(bodies.end(), this);
  place_among_all_ = budget_.line_.insert(budget_.line_.end(), this);
  in_line_ = true;
}

BodyBudget::Answer BodyBudget::Hold::grow_to(std::size_t bytes) {
  if (bytes <= bytes_) return Answer::granted;
  const std::size_t more = bytes - bytes_;
  const Answer answer = budget_.add(*this, more);
  if (answer != Answer::granted) return answer;
  if (caller_ == 0 && bytes_ == 0) join_line();
  if (in_line_) {
    budget_.addresses_[address_].bytes += more;
    budget_.unfinished_ += more;
  }
  bytes_ = bytes;
  return answer;
}

void BodyBudget::Hold::settle() {
  if (!std::exchange(in_line_, false)) return;
  const auto address = budget_.addresses_.find(address_);
  address->second.bytes -= bytes_;
  address->second.bodies.erase(place_);
  if (address->second.bodies.empty()) budget_.addresses_.erase(address);
  budget_.line_.erase(place_among_all_);
  budget_.unfinished_ -= bytes_;
}

void BodyBudget::Hold::end() {
  settle();
  const std::size_t bytes = std::exchange(bytes_, 0);
  if (bytes > 0) budget_.give_back(caller_, bytes);
}

}  // namespace kiln::http
