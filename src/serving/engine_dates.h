// Which compatibility dates the installed workerd knows, asked again whenever the program has been replaced.
// Owned by app; any thread. It says its own date, and knows some days beyond, which are found out by trying,
// and only when a version asks for one of them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <tuple>

#include "base/process.h"

namespace kiln::serving {

class EngineDates {
 public:
  // `program` says where it is now; `starts` whether it starts a Worker of that date, Errc::unavailable when
  // that could not be tried. `processes` outlive it.
  EngineDates(Processes& processes, std::function<std::filesystem::path()> program,
              std::function<Status(const std::string& date)> starts)
      : processes_(processes), program_(std::move(program)), starts_(std::move(starts)) {}

  // What a version that asks for this date is run with: that, or the newest one that is known. As it was
  // asked when nothing can be found out.
  [[nodiscard]] std::string run_date(const std::string& asked);
  // What the installed runtime says of itself; empty when it cannot be asked.
  [[nodiscard]] std::string own_date();

 private:
  // Of a file: it is another one when any of it is another.
  using Identity = std::tuple<std::string, dev_t, ino_t, std::int64_t, std::int64_t>;

  // Both under mutex_. False when it cannot be found out now.
  [[nodiscard]] bool ask_program(const std::filesystem::path& program);
  [[nodiscard]] bool find_newest();

  Processes& processes_;
  std::function<std::filesystem::path()> program_;
  std::function<Status(const std::string& date)> starts_;
  std::mutex mutex_;
  Identity asked_;
  std::string own_;     // what it says of itself
  std::string newest_;  // that it knows; empty: not tried yet
};

}  // namespace kiln::serving
