// The memory that the bodies of requests may take while they are received and handled, over all connections
// of a server. What a known caller's bodies hold counts to that caller; the bodies of strangers, which must
// come before anything is known of their senders, have a small part that is theirs alone. When it is used, an
// unfinished one gives way: the oldest of the address that holds most, or, where no address holds much, the
// oldest of all, since an honest sender's is there in a moment. Owned by the server; its I/O thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

namespace kiln::http {

struct BodyLimits {  // bytes
  std::size_t all = std::size_t{256} << 20U;
  std::size_t of_caller = std::size_t{128} << 20U;
  std::size_t of_strangers = std::size_t{16} << 20U;  // of all, and nobody else's
  std::size_t kept = 0;  // of all, for this machine's own processes: runners, the administrator
  std::size_t much = std::size_t{512} << 10U;  // of one address of strangers
};

class BodyBudget {
 public:
  enum class Answer {
    granted,
    share_is_used,  // by the caller's other requests
    all_is_used,
  };
  class Owner;
  class Hold;

  explicit BodyBudget(BodyLimits limits) : limits_(limits) {}
  BodyBudget(const BodyBudget&) = delete;
  BodyBudget& operator=(const BodyBudget&) = delete;

  // Whoever waits is told each time that a known caller's was given back, until leave().
  void wait(Owner& owner) { waiting_.push_back(&owner); }
  void leave(Owner& owner) { waiting_.remove(&owner); }

  [[nodiscard]] std::size_t used() const { return of_known_ + of_strangers_; }

 private:
  using Line = std::list<Hold*>;  // of unfinished bodies of which something has come, the oldest first
  struct Address {
    std::size_t bytes = 0;
    Line bodies;
  };

  [[nodiscard]] Answer add(Hold& hold, std::size_t bytes);
  [[nodiscard]] bool make_room(const Hold& hold, std::size_t bytes);
  [[nodiscard]] Hold& first_to_go() const;
  void give_back(std::uint64_t caller, std::size_t bytes);

  const BodyLimits limits_;
  std::size_t of_known_ = 0;
  std::size_t of_strangers_ = 0;
  std::unordered_map<std::uint64_t, std::size_t> of_;  // by known caller
  std::unordered_map<std::string, Address> addresses_;
  Line line_;                   // of all addresses
  std::size_t unfinished_ = 0;  // bytes of those in line
  std::list<Owner*> waiting_;
};

// Whose requests they are: a connection.
class BodyBudget::Owner {
 public:
  virtual ~Owner() = default;
  // The body that it receives goes at once, and what more of it comes is not taken.
  virtual void cut_body() = 0;
  // There may be room now.
  virtual void body_room() = 0;
};

// What one request holds.
class BodyBudget::Hold {
 public:
  Hold(BodyBudget& budget, Owner& owner) : budget_(budget), owner_(owner) {}
  ~Hold() { end(); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

  // `caller` is Request::caller. `kept`: may use BodyLimits::kept too.
  void begin(std::uint64_t caller, bool kept = false);
  // For a stranger, whose address that is (group_of in base/ip_address.h).
  void begin_stranger(std::string address);
  // The request holds that many bytes in all, or goes on holding what it did.
  [[nodiscard]] Answer grow_to(std::size_t bytes);
  // The body is there: it stays until end(), whoever needs the room.
  void settle();
  void end();

 private:
  friend class BodyBudget;

  BodyBudget& budget_;
  Owner& owner_;
  std::uint64_t caller_ = 0;
  bool kept_ = false;
  std::size_t bytes_ = 0;
  void join_line();

  std::string address_;  // a stranger's
  bool in_line_ = false;
  Line::iterator place_{};  // among its address's
  Line::iterator place_among_all_{};
};

}  // namespace kiln::http
