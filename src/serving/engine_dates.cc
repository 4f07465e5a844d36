#include "serving/engine_dates.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"
#include "model/runtime_date.h"

namespace kiln::serving {
namespace {

constexpr int kAskMs = 10'000;
constexpr int kBeyond = 15;  // days after its own that it certainly does not know

}  // namespace

bool EngineDates::ask_program(const std::filesystem::path& program) {
  struct stat file {};
  if (stat(program.c_str(), &file) != 0) return false;
  const Identity identity{program.string(), file.st_dev, file.st_ino, file.st_size,
                          file.st_mtim.tv_sec * 1'000'000'000LL + file.st_mtim.tv_nsec};
  if (identity == asked_) return !own_.empty();
  ProcessSpec spec;
  spec.argv = {program.string(), "--version"};
  spec.environment = {"LC_ALL=C"};
  spec.timeout_ms = kAskMs;
  const Result<ProcessEnd> end = processes_.run(spec);
  if (!end || !end->ok()) return false;
  own_ = model::runtime_date(to_valid_utf8(end->out));
  newest_.clear();
  asked_ = identity;
  return !own_.empty();
}

bool EngineDates::find_newest() {
  if (!newest_.empty()) return true;
  int known = 0;
  int unknown = kBeyond;
  while (unknown - known > 1) {
    const int middle = (known + unknown) / 2;
    const Status started = starts_(model::days_after(own_, middle));
    if (!started && started.error().code != Errc::script_invalid) return false;
    (started ? known : unknown) = middle;
  }
  newest_ = model::days_after(own_, known);
  log::info("workerd date={} newest_compatibility_date={}", own_, newest_);
  return true;
}

std::string EngineDates::own_date() {
  const std::lock_guard lock(mutex_);
  return ask_program(program_()) ? own_ : std::string();
}

std::string EngineDates::run_date(const std::string& asked) {
  const std::filesystem::path program = program_();
  const std::lock_guard lock(mutex_);
  if (!ask_program(program) || asked <= own_ || !find_newest()) return asked;
  return std::min(asked, newest_);
}

}  // namespace kiln::serving
