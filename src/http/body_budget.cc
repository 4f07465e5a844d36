#include "http/body_budget.h"

namespace kiln::http {

BodyBudget::Answer BodyBudget::add(Hold& hold, std::size_t bytes) {
  const bool stranger = hold.caller_ == 0;
  const std::size_t share = stranger ? limits_.of_strangers : limits_.of_caller;
  std::size_t& mine = of_[hold.caller_];
  // Unordered maps keep their elements where they are.
  while (stranger && mine + bytes > share && !strangers_.empty() && strangers_.front() != &hold) {
    Hold& oldest = *strangers_.front();
    oldest.end();
    oldest.owner_.cut_body();
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
  if (caller_ != 0) return;
  place_ = budget_.strangers_.insert(budget_.strangers_.end(), this);
  in_line_ = true;
}

BodyBudget::Answer BodyBudget::Hold::grow_to(std::size_t bytes) {
  if (bytes <= bytes_) return Answer::granted;
  const Answer answer = budget_.add(*this, bytes - bytes_);
  if (answer == Answer::granted) bytes_ = bytes;
  return answer;
}

void BodyBudget::Hold::settle() {
  if (in_line_) budget_.strangers_.erase(place_);
  in_line_ = false;
}

void BodyBudget::Hold::end() {
  settle();
  const std::size_t bytes = bytes_;
  bytes_ = 0;
  if (bytes > 0) budget_.give_back(caller_, bytes);
}

}  // namespace kiln::http
