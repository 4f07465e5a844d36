#include "http/seats.h"

#include <utility>

namespace kiln::http {

std::unique_ptr<Seats::Seat> Seats::take(const std::string& peer) {
  if (!make_room_for(peer)) return nullptr;
  while (taken_ >= limits_.all) {
    if (!send_away_first_of(strangers_) && !send_away_first_of(known_)) return nullptr;
  }
  return std::make_unique<Seat>(*this, peer);
}

bool Seats::make_room_for(const std::string& peer) {
  if (peer.empty() || limits_.of_peer == 0) return true;
  while (true) {
    const auto found = peers_.find(peer);
    if (found == peers_.end() || found->second.strangers < limits_.of_peer) return true;
    if (!send_away_first_of(found->second.waiting)) return false;
  }
}

bool Seats::send_away_first_of(Line& line) {
  if (line.empty()) return false;
  Seat& seat = *line.front();
  const std::function<void()> leave = std::move(seat.leave_);
  seat.give_back();
  if (leave) leave();
  return true;
}

void Seats::forget_if_empty(const std::string& peer) {
  const auto found = peers_.find(peer);
  if (found != peers_.end() && found->second.strangers == 0) peers_.erase(found);
}

Seats::Seat::Seat(Seats& seats, std::string peer) : seats_(seats), peer_(std::move(peer)) {
  ++seats_.taken_;
  if (!peer_.empty()) ++seats_.peers_[peer_].strangers;
}

void Seats::Seat::waits() {
  if (given_back_) return;
  leave_lines();
  enter_lines();
}

void Seats::Seat::may_leave() {
  if (!given_back_ && !waiting_) enter_lines();
}

void Seats::Seat::works() {
  leave_lines();
}

void Seats::Seat::is_known() {
  if (known_ || given_back_) return;
  const bool waited = waiting_;
  leave_lines();
  uncount();
  known_ = true;
  if (waited) enter_lines();
}

bool Seats::Seat::belongs_to(const std::string& peer) {
  if (given_back_ || known_) return !given_back_;
  const bool waited = waiting_;
  leave_lines();
  uncount();
  peer_.clear();
  if (!seats_.make_room_for(peer)) return false;
  peer_ = peer;
  if (!peer_.empty()) ++seats_.peers_[peer_].strangers;
  if (waited) enter_lines();
  return true;
}

void Seats::Seat::enter_lines() {
  Line& all = known_ ? seats_.known_ : seats_.strangers_;
  in_all_ = all.insert(all.end(), this);
  if (!known_ && !peer_.empty()) {
    Line& of_peer = seats_.peers_[peer_].waiting;
    in_peer_ = of_peer.insert(of_peer.end(), this);
  }
  waiting_ = true;
}

void Seats::Seat::leave_lines() {
  if (!waiting_) return;
  waiting_ = false;
  (known_ ? seats_.known_ : seats_.strangers_).erase(in_all_);
  if (!known_ && !peer_.empty()) seats_.peers_[peer_].waiting.erase(in_peer_);
}

// A stranger no more, or not of this peer.
void Seats::Seat::uncount() {
  if (known_ || peer_.empty()) return;
  --seats_.peers_[peer_].strangers;
  seats_.forget_if_empty(peer_);
}

void Seats::Seat::give_back() {
  if (given_back_) return;
  leave_lines();
  uncount();
  given_back_ = true;
  --seats_.taken_;
}

}  // namespace kiln::http
