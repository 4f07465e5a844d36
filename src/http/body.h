// Where a message's body ends, told from the bytes as they pass. A value; belongs to one connection's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/head.h"

namespace kiln::http {

class BodyScanner {
 public:
  BodyScanner() = default;
  BodyScanner(Body kind, std::uint64_t length);

  // How many of `bytes`, from the front, belong to the body; afterwards done() or broken() may have become
  // true. The data without its chunk framing is appended to `payload` where that is given.
  [[nodiscard]] std::size_t take(std::string_view bytes, std::string* payload = nullptr);

  [[nodiscard]] bool done() const { return state_ == State::done; }
  [[nodiscard]] bool broken() const { return state_ == State::broken; }  // its chunks are malformed
  // Data that is still to come, as far as the framing has told by now.
  [[nodiscard]] std::uint64_t announced() const { return state_ == State::data ? left_ : 0; }
  // True when the end of the connection is the proper end of the body.
  [[nodiscard]] bool ends_with_connection() const { return state_ == State::until_end; }

 private:
  enum class State : std::uint8_t {
    done,
    broken,
    until_end,
    data,       // `left_` bytes of a length or of a chunk
    size,       // the digits of a chunk's size
    extension,  // behind the digits, to the end of the line
    size_end,   // the LF of that line
    data_cr,    // behind a chunk's data
    data_lf,
    trailer,  // at the start of a line
    trailer_line,
    trailer_end,  // the LF of a trailer's line
    last_lf,      // the LF of the empty line
  };
  void step(char c);
  void after_size();

  State state_ = State::done;
  bool chunked_ = false;
  bool any_digit_ = false;
  std::uint64_t left_ = 0;
  std::size_t line_ = 0;  // bytes of extensions and trailers, which have a limit
};

}  // namespace kiln::http
