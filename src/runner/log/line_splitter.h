// Cuts a stream of bytes into log lines: valid UTF-8, no line breaks, at most 16 KiB each with nothing lost.
// The bytes come through a Redactor: their SGR sequences are whole, and no cut parts one.
// A carriage return starts the line over, as on a terminal, so that of a progress bar the last state is kept.
// Pure but for its own state; one thread at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/log_text.h"

namespace kiln::runner {

inline constexpr std::size_t kLongestLine = 16U << 10U;

class LineSplitter {
 public:
  // `service`: the lines are the service's own, and marked so.
  explicit LineSplitter(bool service = false) : service_(service) {}

  // Appends the lines that `bytes`, arrived at `now`, completes. A line bears the time its first byte
  // arrived.
  void write(std::string_view bytes, TimeMs now, model::LogText& lines);
  // Emits what stands unfinished; the rest of that line, if any comes, becomes a line of its own. The up to
  // three bytes of a character cut in half stay unless `all`.
  void flush(bool all, model::LogText& lines);
  // When the unfinished line began, if there is one.
  [[nodiscard]] std::optional<TimeMs> unfinished_since() const;

 private:
  void take_text(std::string_view text, TimeMs now, model::LogText& lines);
  void end_line(TimeMs now, model::LogText& lines);
  void emit(std::string_view raw, model::LogText& lines) const;

  bool service_;
  std::string line_;
  TimeMs began_ = 0;
  bool returned_ = false;  // a CR came last: what follows replaces the line, unless it is LF
  bool flushed_ = false;   // part of this line was emitted already
};

}  // namespace kiln::runner
