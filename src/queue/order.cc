// Whether a push that comes now is older than what was built of its branch.
#include <fmt/format.h>

#include <algorithm>

#include "queue/queue.h"

namespace kiln::queue {

Result<Queue::Order> Queue::order_of(const model::Trigger& trigger, const model::PushEvent& push,
                                     const IsAncestor& is_ancestor) {
  if (!is_ancestor) return Order{};
  const auto before = builds_.pushed_before(trigger, push.branch());
  if (!before) return tl::unexpected<Error>(before.error());
  const std::optional<std::string>& built = before->last_built;
  // The usual case: the push begins where the last one that came had ended. So does one that puts the branch
  // back on purpose, whatever its host says of it. One that was skipped may itself have come late.
  if (!built || *built == push.after) return Order{};
  if (before->last == push.before && *built == push.before) return Order{};
  const std::string short_built = built->substr(0, 7);
  const std::optional<bool> is_older = is_ancestor(push.after, *built);
  if (is_older == false) return Order{};
  if (!is_older) {
    // Its host says that it was put back on purpose.
    if (push.forced) return Order{};
    const auto left = queue_.moved_on_from(trigger.connection, push.branch(), *built);
    if (!left) return tl::unexpected<Error>(left.error());
    if (std::find(left->begin(), left->end(), push.after) == left->end()) {
      if (!settings_.asks_hosts) return Order{};
      return Order{
          Order::Is::unknown,
          fmt::format("git did not say in time whether it is older than {}, which was built already; "
                      "Kiln asks the host itself, and builds it if it is not",
                      short_built)};
    }
    return Order{Order::Is::late,
                 fmt::format("the branch had moved on from it to {}, which was built already; "
                             "git did not answer",
                             short_built)};
  }
  // One that leaves commits behind was forced, and meant so, if what was built last is among them; else that
  // was pushed after it.
  const bool forced =
      push.forced || (!push.before.empty() && !is_ancestor(push.before, push.after).value_or(true));
  if (forced && (push.before.empty() || is_ancestor(*built, push.before).value_or(true))) return Order{};
  return Order{Order::Is::late, fmt::format("an older commit than {}, which was built already", short_built)};
}

}  // namespace kiln::queue
