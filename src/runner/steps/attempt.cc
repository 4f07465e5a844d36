#include "runner/steps/attempt.h"

#include <fmt/format.h>

namespace kiln::runner {

StepResult enter(Attempt& attempt, model::Step step) {
  if (attempt.stop.stopped()) return {StepEnd::stopped, {}};
  const Status told = attempt.lease.insist([&] {
    return attempt.server.enter_step(attempt.lease.build(), {attempt.lease.id(), step});
  });
  if (told) return attempt.stop.stopped() ? StepResult{StepEnd::stopped, {}} : StepResult{};
  if (told.error().code == Errc::lease_lost) return {StepEnd::stopped, {}};
  return failed(attempt,
                fmt::format("Failed: the server refused to let the {} step begin", model::to_string(step)),
                told.error().message);
}

}  // namespace kiln::runner
