#include "watch/timing.h"

#include <algorithm>

namespace kiln::watch {
namespace {

constexpr double kSpread = 0.1;

}  // namespace

TimeMs interval_of(const store::Watched& watched, TimeMs catch_up_ms) {
  return watched.poll_seconds > 0 ? TimeMs{watched.poll_seconds} * 1000 : catch_up_ms;
}

TimeMs pause_after(TimeMs interval_ms, int failures, double fraction) {
  const TimeMs longest = std::max(interval_ms, kLongestBackOff);
  TimeMs pause = interval_ms;
  for (int i = 0; i < failures && pause < longest; ++i) pause *= 2;
  pause = std::min(pause, longest);
  return pause + static_cast<TimeMs>(static_cast<double>(pause) * kSpread * (2 * fraction - 1));
}

std::vector<HeadNews> news_between(const store::Heads& seen, const store::Heads& now) {
  std::vector<HeadNews> news;
  for (const auto& [branch, commit] : now) {
    const auto before = seen.find(branch);
    if (before == seen.end()) {
      news.push_back({branch, {}, commit});
    } else if (before->second != commit) {
      news.push_back({branch, before->second, commit});
    }
  }
  if (now.empty()) return news;
  for (const auto& [branch, commit] : seen) {
    if (!now.contains(branch)) news.push_back({branch, commit, {}});
  }
  std::sort(news.begin(), news.end(),
            [](const HeadNews& one, const HeadNews& other) { return one.branch < other.branch; });
  return news;
}

}  // namespace kiln::watch
