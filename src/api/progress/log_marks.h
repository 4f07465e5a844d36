// Where errors stand in builds' logs. What was read of a log is remembered, so that the marks of a log that
// grows cost what has grown, and those of one that is over are read once. Owned by whoever registers the
// routes; any thread.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/log_store.h"

namespace kiln::api::progress {

struct ErrorLine {
  std::int64_t number = 0;
  std::string text;  // without colours; the beginning
};

struct Marks {
  std::int64_t total = 0;         // lines that were looked at, which are all
  std::vector<ErrorLine> errors;  // the first kMostErrors
  std::int64_t count = 0;         // of all lines that look like errors
};

class LogMarks {
 public:
  static constexpr std::size_t kMostErrors = 500;
  static constexpr std::size_t kRemembered = 32;  // logs

  [[nodiscard]] Result<Marks> of(store::LogStore& logs, const Uuid& build);
  // The first line at or behind `from` that looks like an error; 0: none.
  [[nodiscard]] static Result<std::int64_t> first_error(store::LogStore& logs, const Uuid& build,
                                                        std::int64_t from);

 private:
  struct Entry {
    Uuid build;
    Marks marks;
  };
  [[nodiscard]] Marks known(const Uuid& build);
  void remember(const Uuid& build, const Marks& marks);

  std::mutex mutex_;          // over entries_
  std::list<Entry> entries_;  // the last used first
};

}  // namespace kiln::api::progress
