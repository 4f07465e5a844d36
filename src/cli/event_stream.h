// Server-sent events out of bytes as they arrive (HTML standard, 9.2.6). Belongs to one thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace kiln::cli {

struct ServerEvent {
  std::string id;    // the last id seen so far
  std::string type;  // "message" unless named
  std::string data;
};

class EventStream {
 public:
  // Calls `take` for each event that these bytes complete.
  void feed(std::string_view bytes, const std::function<void(const ServerEvent&)>& take);

 private:
  void line(std::string_view text, const std::function<void(const ServerEvent&)>& take);

  std::string pending_;
  std::string id_;
  std::string type_;
  std::string data_;
  bool has_data_ = false;
};

}  // namespace kiln::cli
