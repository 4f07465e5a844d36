#include "queue/approval.h"

#include <fmt/format.h>

#include "base/printable.h"
#include "queue/queue.h"

namespace kiln::queue {

void await_approval(store::NewBuild& fresh) {
  model::Build& build = fresh.build;
  build.waits_for_approval = true;
  fresh.first_log.push_back(
      {build.created_on,
       fmt::format(
           "Waiting for approval: this is a stranger's commit ({} @ {}). Look at what it changes, then "
           "approve it: kiln approve {}",
           printable(build.metadata.branch), build.metadata.commit_hash.substr(0, 7), build.uuid.str()),
       true});
}

Status Queue::approve(const std::string& account_id, const Uuid& build, const std::string& by_whom) {
  Status approved =
      queue_.approve(account_id, build, fmt::format("The commit was approved by {}.", printable(by_whom)));
  if (approved) announce(build);
  return approved;
}

}  // namespace kiln::queue
