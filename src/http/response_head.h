// The bytes before a response's body. Pure functions, and a cache of the date line that belongs to one
// thread.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace kiln::http {

// "Sun, 06 Nov 1994 08:49:37 GMT" of now, formatted once a second.
class DateLine {
 public:
  [[nodiscard]] std::string_view now();

 private:
  std::time_t second_ = -1;
  std::string text_;
};

struct Framing {
  std::optional<std::uint64_t> length;  // content-length, or nothing
  bool chunked = false;
  std::string_view connection;  // value of the Connection header, or empty for none
  std::string_view reason{};    // words of the status line; empty: the usual ones of the status
};

// Appends status line and headers. Of `headers`, those that the server itself sets and those that would break
// the framing (a line break in a name or value) are left out.
void append_head(std::string& out, int status, const Headers& headers, const Framing& framing,
                 std::string_view date);

// True for a status whose response never carries a body.
[[nodiscard]] bool is_bodiless(int status);

}  // namespace kiln::http
