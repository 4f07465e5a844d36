// Build minutes, as the scheduler asks about them.
#include <string>

#include "queue/queue.h"

namespace kiln::queue {

Result<model::BuildMinutes> Queue::build_minutes(const std::string& account_id) {
  return queue_.build_minutes(account_id);
}

Result<std::string> Queue::out_of_minutes(const std::string& account_id) {
  const Result<model::BuildMinutes> minutes = build_minutes(account_id);
  if (!minutes) return tl::unexpected<Error>(minutes.error());
  return minutes->is_reached() ? words_for_reached(*minutes) : std::string();
}

Status Queue::check_minutes(const std::string& account_id) {
  const Result<model::BuildMinutes> minutes = queue_.build_minutes(account_id);
  if (!minutes) return tl::unexpected<Error>(minutes.error());
  if (!minutes->is_reached()) return {};
  return fail(Errc::rate_limited, words_for_reached(*minutes),
              std::to_string((minutes->month.end - clock_.now() + 999) / 1000));
}

}  // namespace kiln::queue
