// Port: the lines of builds' logs by their numbers, which count from 1. Owned by app; every call is one
// snapshot and safe from any thread. A call costs the chunks that hold the lines it is about, however long
// the log is. Who may read a log is its caller's to know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/build.h"

namespace kiln::store {

// Up to `count` lines: those from line `at` on, or those in front of it.
struct LineRange {
  enum class Side { from, before };
  Side side = Side::from;
  std::int64_t at = 1;
  std::int64_t count = 1;
};

struct LogWindow {
  std::int64_t first = 1;  // the number of the first of `lines`; where it would be when there are none
  std::vector<model::LogLine> lines;
  std::int64_t total = 0;  // of the whole log
};

class LogStore {
 public:
  virtual ~LogStore() = default;

  // About `max_bytes` of text at most, and at least one line where there is one; of lines in front of another
  // those next to it are kept.
  [[nodiscard]] virtual Result<LogWindow> lines(const Uuid& build, const LineRange& range,
                                                std::size_t max_bytes) = 0;
  // How many lines the log has.
  [[nodiscard]] virtual Result<std::int64_t> count(const Uuid& build) = 0;

  // The number of a text's first line, and lines as of model/log_text.h; false ends the walk.
  using Visitor = std::function<bool(std::int64_t first, std::string_view text)>;
  // Every stretch of the log, in order, from the one that holds line `from` on. Returns how many lines the
  // log has.
  [[nodiscard]] virtual Result<std::int64_t> walk(const Uuid& build, std::int64_t from,
                                                  const Visitor& visit) = 0;
};

}  // namespace kiln::store
