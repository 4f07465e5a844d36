// A build as it begins: what of its trigger is frozen into it; and one that nobody pushed.
#include <algorithm>

#include "base/printable.h"
#include "queue/approval.h"
#include "queue/queue.h"
#include "queue/skip.h"

namespace kiln::queue {
namespace {

constexpr std::size_t kLongestMessage = 64U << 10U;
constexpr std::size_t kLongestAuthor = 512;

}  // namespace

void skip(store::NewBuild& fresh, const std::string& why) {
  fresh.build.status = model::BuildStatus::stopped;
  fresh.build.outcome = model::BuildOutcome::skipped;
  fresh.build.stopped_on = fresh.build.created_on;
  fresh.first_log.push_back({fresh.build.created_on, "Skipped: " + why + ".", true});
}

Result<store::NewBuild> Queue::new_build(const model::Trigger& trigger, model::BuildMetadata metadata,
                                         bool restricted) {
  Result<std::vector<model::EnvVar>> variables = triggers_.variables(trigger.uuid, true);
  if (!variables) return tl::unexpected<Error>(variables.error());
  store::NewBuild fresh;
  if (restricted) {
    const auto is_secret = [](const model::EnvVar& variable) { return variable.is_secret; };
    variables->erase(std::remove_if(variables->begin(), variables->end(), is_secret), variables->end());
  }
  for (model::EnvVar& variable : *variables) {
    if (!variable.is_secret) continue;
    fresh.secrets[variable.name] = std::move(variable.value);
    variable.value.clear();
  }
  metadata.commit_message = printable_lines(metadata.commit_message, kLongestMessage);
  metadata.author = printable(metadata.author, kLongestAuthor);
  metadata.build_command = trigger.build_command;
  metadata.root_directory = trigger.root_directory;
  if (restricted) {
    // The API promises a UUID here; this one is nobody's.
    metadata.build_token_uuid = entropy_.uuid();
  } else {
    metadata.deploy_command = trigger.deploy_command;
    metadata.build_token_uuid = trigger.build_token_uuid;
    metadata.build_token_name = trigger.build_token_name;
  }
  metadata.environment = std::move(*variables);
  metadata.repo_name = trigger.connection.repo_name;
  metadata.provider_account_name = trigger.connection.provider_account_name;
  metadata.provider_type = trigger.connection.provider_type;
  model::Build& build = fresh.build;
  build.uuid = entropy_.uuid();
  build.account_id = trigger.account_id;
  build.worker_tag = trigger.worker_tag;
  build.trigger_uuid = trigger.uuid;
  build.created_on = clock_.now();
  build.modified_on = build.created_on;
  build.metadata = std::move(metadata);
  build.restricted = restricted;
  return fresh;
}

model::BuildMetadata Queue::metadata_of(const Manual& manual) {
  model::BuildMetadata metadata;
  metadata.source = manual.source;
  metadata.branch = manual.branch;
  metadata.commit_hash = manual.commit_hash;
  metadata.commit_message = manual.commit_message;
  metadata.author = manual.author;
  return metadata;
}

Result<model::Build> Queue::build_now(const model::Trigger& trigger, const Manual& manual) {
  if (const Status may = check_minutes(trigger.account_id); !may) return tl::unexpected<Error>(may.error());
  Result<store::NewBuild> fresh = new_build(trigger, metadata_of(manual), manual.restricted);
  if (!fresh) return tl::unexpected<Error>(fresh.error());
  fresh->build.pull_request = manual.pull_request;
  if (manual.waits_for_approval) await_approval(*fresh);
  store::Intake intake;
  const model::Build build = fresh->build;
  intake.builds.push_back(std::move(*fresh));
  const Result<store::IntakeResult> stored = queue_.enqueue(intake);
  if (!stored) return tl::unexpected<Error>(stored.error());
  announce(build.uuid);
  return build;
}

}  // namespace kiln::queue
