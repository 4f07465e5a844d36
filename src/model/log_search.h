// Looking for a text in a build's log, as its lines are seen: without colours, and without the times that
// stand in front of them. Fed stretch by stretch, so that a long log need not be in memory at once. A
// LogSearch belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/build.h"

namespace kiln::model {

// `line`, which came through the terminal filter, without its colours.
[[nodiscard]] std::string without_colours(std::string_view line);

struct LogQuery {
  std::string text;          // not empty
  bool ignore_case = false;  // of A to Z
  std::int64_t from = 1;     // hits from this line on are kept whole
  std::size_t limit = 100;   // so many of them
};

struct LogHit {
  std::int64_t number = 0;
  LogLine line;
};

class LogSearch {
 public:
  // The numbers of so many lines are kept, whatever `from` says.
  static constexpr std::size_t kNumbersKept = 10'000;

  explicit LogSearch(LogQuery query);

  // `text`: lines as of log_text.h, the first of them number `first`. Stretches come in order.
  void feed(std::int64_t first, std::string_view text);

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] const std::vector<std::int64_t>& numbers() const { return numbers_; }
  [[nodiscard]] const std::vector<LogHit>& hits() const { return hits_; }
  // The first hit behind those that were kept whole; 0: none.
  [[nodiscard]] std::int64_t next() const { return next_; }

 private:
  void found(std::int64_t number, std::int64_t first, std::string_view text);

  LogQuery query_;
  std::string seen_;  // the stretch at hand as it is compared
  std::int64_t count_ = 0;
  std::vector<std::int64_t> numbers_;
  std::vector<LogHit> hits_;
  std::int64_t next_ = 0;
  std::int64_t walked_line_ = 0;  // of the stretch at hand: a line, and where it begins
  std::size_t walked_at_ = 0;
};

}  // namespace kiln::model
