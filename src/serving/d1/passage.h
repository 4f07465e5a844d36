// One connection through the door of D1 databases, from its first bytes to its end. Internal to the door;
// everything here belongs to its one thread.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "serving/d1/door.h"
#include "serving/front/net.h"

namespace kiln::serving {

class Passage;

struct PassageShared {
  asio::io_context& io;
  D1Databases& databases;
  D1DoorOptions options;
  std::set<Passage*> passages{};  // that are open
};

class Passage {
 public:
  Passage(PassageShared& door, Socket client);
  ~Passage() { door_.passages.erase(this); }
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;

  static Task<void> serve(std::shared_ptr<Passage> self);
  // Closes both sides.
  void end();

 private:
  // The space that the first head shows a pass to; nothing when there is none.
  Task<std::optional<std::string>> read_pass();
  Task<Result<Endpoint>> process_of(const std::string& space);
  Task<bool> begin(const std::string& socket_path);
  Task<void> refuse(int status, std::string words);
  Task<bool> send(Socket& to, std::string_view bytes);
  Task<void> copy(Socket& from, Buffer& buffer, Socket& to);
  static Task<void> watch(std::shared_ptr<Passage> self);
  static Task<void> copy_back(std::shared_ptr<Passage> self);
  void still_for(int ms) { until_ = SteadyClock::now() + std::chrono::milliseconds(ms); }

  PassageShared& door_;
  Socket client_;
  Socket process_;
  Buffer in_;
  Buffer back_;
  std::size_t head_bytes_ = 0;
  bool is_call_ = false;  // a CONNECT
  int open_sides_ = 2;    // that may still send
  bool open_ = true;
  SteadyClock::time_point until_ = kNever;  // then it is closed
  Timer alarm_;
};

}  // namespace kiln::serving
