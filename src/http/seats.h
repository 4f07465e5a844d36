// The places for connections at one listener, and who gives way when they are all taken: whoever has been
// waited for longest without showing that it is known here. So idle and slow strangers cost others nothing,
// however many they are. Owned by a server; its I/O thread only.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace kiln::http {

struct SeatLimits {
  std::size_t all = 1024;
  std::size_t of_peer = 256;  // strangers of one peer; 0: any number
};

class Seats {
 public:
  class Seat;

  explicit Seats(SeatLimits limits) : limits_(limits) {}
  Seats(const Seats&) = delete;
  Seats& operator=(const Seats&) = delete;

  // A place for a connection of `peer`, a group of addresses (address.h); empty: one that is not counted, a
  // trusted proxy. When its peer or all have as many as they may, the connection that has been waited for
  // longest is told to leave: a stranger of that peer; a stranger; or one that is known and idle. Nothing
  // where all are at work.
  [[nodiscard]] std::unique_ptr<Seat> take(const std::string& peer);

  [[nodiscard]] std::size_t taken() const { return taken_; }

 private:
  using Line = std::list<Seat*>;
  struct Peer {
    std::size_t strangers = 0;
    Line waiting;
  };

  bool send_away_first_of(Line& line);
  [[nodiscard]] bool make_room_for(const std::string& peer);
  void forget_if_empty(const std::string& peer);

  const SeatLimits limits_;
  std::size_t taken_ = 0;
  std::unordered_map<std::string, Peer> peers_;
  Line strangers_;  // that are waited for, the longest first; so are the known ones
  Line known_;
};

// One connection's. It is a stranger's until is_known(), and is given back with the object, or when the
// connection was told to leave.
class Seats::Seat {
 public:
  Seat(Seats& seats, std::string peer);
  ~Seat() { give_back(); }
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  // How the connection is told to leave: it must close its descriptor at once. Until then, and while it is
  // at work, it stays.
  void on_leave(std::function<void()> leave) { leave_ = std::move(leave); }
  // Nothing is under way: its next request, or the rest of one, is waited for from now on.
  void waits();
  // The same, but where it is waited for already it keeps its turn.
  void may_leave();
  // A request of it is handled or answered, or its body comes and its sender is known.
  void works();
  // Somebody with a right to be here has sent a request on it.
  void is_known();
  [[nodiscard]] bool known() const { return known_; }
  // A proxy has told whom the connection is for. False when that peer has no place left.
  [[nodiscard]] bool belongs_to(const std::string& peer);

 private:
  friend class Seats;

  void enter_lines();
  void leave_lines();
  void uncount();
  void give_back();

  Seats& seats_;
  std::string peer_;
  std::function<void()> leave_;
  bool known_ = false;
  bool waiting_ = false;
  bool given_back_ = false;
  Line::iterator in_all_{};
  Line::iterator in_peer_{};
};

}  // namespace kiln::http
