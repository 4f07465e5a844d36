// Replaces secrets by *** in a stream of bytes, wherever the stream is cut: runs the secrets' automaton over
// the bytes and holds back what might still become a secret until it has or has not. Internal to redactor.h;
// belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "runner/log/secrets.h"

namespace kiln::runner {

class Masker {
 public:
  explicit Masker(const Secrets& secrets) : secrets_(secrets) {}

  // Takes more of the stream and appends to `out` what is settled.
  void write(std::string_view bytes, std::string& out);
  // The same of a stream that came through a TerminalFilter: colours between the characters of a secret do
  // not hide it, and stay, unless there are very many: then they go.
  void write_with_colours(std::string_view bytes, std::string& out);
  // The stream pauses for good: appends what was held back.
  void finish(std::string& out);

  // Nothing is held back, and no secret has begun.
  [[nodiscard]] bool is_idle() const { return held_.size() == held_begin_; }

 private:
  // A colour sequence and the position in the text before which it stands.
  struct Colours {
    std::uint64_t position;
    std::string sequence;
  };
  using Range = std::pair<std::uint64_t, std::uint64_t>;  // positions, the second one behind the last

  void take(char byte, std::string& out);
  void mark(std::uint64_t length);
  void pass(std::string_view text, std::string& out);
  void release(std::uint64_t up_to, std::string& out);
  void put_colours(std::uint64_t up_to, std::string& out);
  [[nodiscard]] bool is_masked(std::uint64_t position);

  const Secrets& secrets_;
  std::uint32_t state_ = 0;
  std::string held_;  // text not settled yet, from held_begin_ on
  std::size_t held_begin_ = 0;
  std::uint64_t first_ = 0;      // position in the stream's text of the first byte held
  std::uint64_t end_ = 0;        // and of the byte that comes next
  std::deque<Range> masked_;     // of what is held, in order, apart from each other
  std::deque<Colours> colours_;  // not put out yet, in order
  std::size_t colours_size_ = 0;
  std::string text_;      // of one call, without its colours
  bool in_mask_ = false;  // the last byte of text put out was masked
};

}  // namespace kiln::runner
