// From a deploy hook's call to a build: the trigger that takes its branch, the commit, the limits.
#include <fmt/format.h>

#include "base/printable.h"
#include "queue/match.h"
#include "queue/queue.h"

namespace kiln::queue {

Result<Queue::HookTaken> Queue::take_hook(const model::DeployHook& hook, const HeadOf& find_head) {
  const Result<std::vector<model::Trigger>> triggers =
      triggers_.triggers_of_worker(hook.account_id, hook.worker_tag);
  if (!triggers) return tl::unexpected<Error>(triggers.error());
  const model::Trigger* trigger = trigger_of_branch(*triggers, hook.branch);
  if (trigger == nullptr) {
    return fail(Errc::conflict,
                fmt::format("no trigger of this Worker builds the branch '{}'; add it to a trigger's "
                            "branch_includes, or point the deploy hook at another branch",
                            printable(hook.branch)),
                "branch");
  }
  if (trigger->paused) {
    return fail(Errc::conflict,
                fmt::format("the trigger \"{}\" is paused; kiln trigger resume lets it build again",
                            printable(trigger->name)),
                "branch");
  }
  store::Intake intake;
  intake.hook = store::HookStart{hook.uuid,
                                 hook.account_id,
                                 hook.worker_tag,
                                 trigger->uuid,
                                 hook.branch,
                                 settings_.hook_builds_per_worker,
                                 settings_.hook_builds_per_account};
  // Asked before git is, so that a flood of calls costs no more than this look.
  Result<std::optional<model::Build>> waiting = queue_.look_before_hook(*intake.hook);
  if (!waiting) return tl::unexpected<Error>(waiting.error());
  if (*waiting) return HookTaken{*std::move(*waiting), true};
  if (const Status may = check_minutes(hook.account_id); !may) return tl::unexpected<Error>(may.error());

  Result<Manual> head = find_head(*trigger);
  if (!head) return tl::unexpected<Error>(head.error());
  Result<store::NewBuild> fresh = new_build(*trigger, metadata_of(*head));
  if (!fresh) return tl::unexpected<Error>(fresh.error());
  const model::Build build = fresh->build;
  intake.builds.push_back(std::move(*fresh));
  Result<store::IntakeResult> stored = queue_.enqueue(intake);
  if (!stored) return tl::unexpected<Error>(stored.error());
  if (stored->waiting) return HookTaken{*std::move(stored->waiting), true};
  announce(build.uuid);
  return HookTaken{build, false};
}

}  // namespace kiln::queue
