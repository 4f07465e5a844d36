// What Workers print, in the server's log.
#include <chrono>
#include <memory>

#include "base/log.h"
#include "serving/start_words.h"
#include "serving/workerd_runtimes.h"

namespace kiln::serving {
namespace {

constexpr int kLinesASecond = 20;
constexpr std::size_t kLongest = 512;

struct Rate {
  std::chrono::steady_clock::time_point since;
  int lines = 0;
};

}  // namespace

LineSink log_sink() {
  return [rate = std::make_shared<Rate>()](const Uuid& version, const std::string&,
                                           const workers::TailedLine& line) {
    const auto now = std::chrono::steady_clock::now();
    if (now - rate->since > std::chrono::seconds(1)) {
      if (rate->lines > kLinesASecond)
        log::debug("Workers printed {} more lines", rate->lines - kLinesASecond);
      *rate = {now, 0};
    }
    if (++rate->lines > kLinesASecond) return;
    log::debug("version {}: {}", version.str(), in_one_line(std::string_view(line.text).substr(0, kLongest)));
  };
}

}  // namespace kiln::serving
