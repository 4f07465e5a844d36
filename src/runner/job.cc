#include "runner/job.h"

#include <fmt/format.h>

#include <optional>

#include "base/log.h"
#include "base/printable.h"
#include "model/failure_words.h"
#include "model/root_directory.h"
#include "runner/job_secrets.h"
#include "runner/limit_words.h"
#include "runner/steps/attempt.h"
#include "runner/steps/caches.h"
#include "runner/steps/checkout.h"
#include "runner/steps/commands.h"
#include "runner/steps/lfs.h"
#include "runner/steps/materials.h"
#include "runner/steps/submodules.h"
#include "runner/steps/tools_step.h"
#include "runner/watchers.h"

namespace kiln::runner {
namespace {

constexpr const char* kTokenMissing =
    "Failed: The build token selected for this build has been deleted or rolled and cannot be used for this "
    "build. Please update your build token in the Worker Builds settings and retry the build.";

std::string seconds(TimeMs milliseconds) {
  if (milliseconds % 1000 == 0) return fmt::format("{} s", milliseconds / 1000);
  return fmt::format("{:.1f} s", static_cast<double>(milliseconds) / 1000);
}

void say_what_is_special(Attempt& attempt, const std::vector<std::string>& unenforced) {
  if (!unenforced.empty()) {
    attempt.log.say(fmt::format("Warning: this machine does not enforce every limit of a build: {}.",
                                fmt::join(unenforced, "; ")));
  }
  const model::JobSpec& job = attempt.job;
  if (job.attempt > 1) {
    attempt.log.say(fmt::format(
        "This is attempt {}: the runner of the one before was lost before it began to deploy.", job.attempt));
  }
  for (const model::EnvVar& variable : job.environment) {
    if (variable.is_secret && !variable.value.empty() && variable.value.size() < kShortestSecret) {
      attempt.log.say(fmt::format(
          "Warning: the secret variable {} is shorter than {} bytes and is not masked in this log.",
          variable.name, kShortestSecret));
    }
  }
  if (job.restricted) {
    attempt.log.say(
        "This is a pull request from a fork: it is built without secret variables and without a token, and "
        "not deployed.");
  }
  if (job.build_caching_enabled && attempt.caches == nullptr) {
    attempt.log.say(
        "Note: build caching is on for this trigger, but this runner keeps no cache; its own log says why.");
  }
}

// Tells the server how the build ended. `reason` bears no secrets.
void finish(Lease& lease, ServerClient& client, const model::JobEnd& end) {
  const Status told = lease.insist([&] { return client.finish(lease.build(), {lease.id(), end}); });
  if (told) {
    log::info("build={} outcome={} reason={}", lease.build().str(), model::to_string(end.outcome),
              log::quoted(end.reason));
  } else {
    log::warn("build={} its end could not be told: {}", lease.build().str(), told.error().message);
  }
}

// What its limits did to a build, and what it used.
void say_what_limits_did(Sandbox& sandbox, const Limits& limits, BuildLog& log) {
  for (const std::string& line : harm_lines(sandbox.harm(), limits)) log.say(line);
  if (const std::optional<std::string> used = usage_line(sandbox.usage())) log.say(*used);
}

// Of one line, and no longer than it may be.
std::string fitting(const std::string& sentence) {
  return printable(sentence, model::kLongestSentence - 10);
}

// With the step that it happened in.
model::EndWords end_words(BuildLog& log, const std::string& what, model::EndCause cause) {
  const std::optional<model::StepName> step = log.step();
  if (!step) return {fitting(what), {}, cause};
  return {fitting(fmt::format("{}, in the step {}", what, model::to_string(*step))), step, cause};
}

// A failure in one sentence. Of a command what it printed tells why, if any tool is known that says so.
std::string words_of(const StepResult& result, BuildLog& log) {
  if (result.command.empty()) {
    const std::string words = log.mask(result.reason);
    return words.substr(0, words.find(". "));
  }
  const std::string why = model::why_it_failed(log.recent_output());
  return fmt::format("{} failed: {}", model::command_words(log.mask(result.command)),
                     why.empty() ? result.ending : why);
}

// What the steps came to, said in the log; success is said with the end itself. Nothing: the server is not to
// be told anything.
std::optional<model::JobEnd> conclude(const StepResult& result, StopReason stopped, BuildLog& log,
                                      TimeMs limit, const std::optional<std::string>& ended_by, TimeMs now) {
  // Everything was done a moment before the limit: that counts.
  if (result.end == StepEnd::done && stopped == StopReason::timed_out) stopped = StopReason::none;
  switch (stopped) {
    case StopReason::lease_lost:
    case StopReason::shutting_down:
      return std::nullopt;
    case StopReason::timed_out:
      log.end_step(model::StepState::stopped);
      log.say("Build was timed out");
      log.say(fmt::format(
          "The build reached its time limit of {} and everything it had started was stopped. The step "
          "it was in stands above.",
          seconds(limit)));
      return model::JobEnd{
          .outcome = model::BuildOutcome::terminated,
          .reason = "time limit of " + seconds(limit),
          .words = end_words(log, fmt::format("Ended at the time limit of {}", seconds(limit)),
                             model::EndCause::time_limit)};
    case StopReason::none:
      break;
  }
  switch (result.end) {
    case StepEnd::done:
      log.end_step(model::StepState::done);
      return model::JobEnd{.outcome = model::BuildOutcome::success,
                           .reason = {},
                           .last_line = model::LogLine{now, "Success! Build completed.", true}};
    case StepEnd::failed:
      log.end_step(model::StepState::failed);
      if (ended_by) {
        return model::JobEnd{
            .outcome = model::BuildOutcome::terminated,
            .reason = *ended_by,
            .words = end_words(log, "Ended by the " + *ended_by, model::EndCause::resources)};
      }
      return model::JobEnd{.outcome = model::BuildOutcome::fail,
                           .reason = log.mask(result.reason),
                           .words = {fitting(words_of(result, log)), log.step()}};
    case StepEnd::stopped:
      return std::nullopt;
  }
  return std::nullopt;
}

// Host work that needs no sandbox yet: what is wrong here fails the build before anything starts.
StepResult check_before_start(Attempt& attempt) {
  if (attempt.job.build_token_missing) return failed(attempt, kTokenMissing, {});
  Result<std::string> root = model::clean_root_directory(attempt.job.root_directory);
  if (!root) {
    return failed(attempt, "Failed: bad root directory",
                  fmt::format("The root directory \"{}\" {}. Correct the trigger's root directory.",
                              attempt.job.root_directory, root.error().message));
  }
  attempt.root = *root;
  return {};
}

// What one build is lent of the caches, for as long as it runs.
class Lending {
 public:
  Lending(ArchiveStore* caches, Attempt& attempt)
      : caches_(caches), build_(fmt::format("{}-{}", attempt.job.build_uuid.str(), attempt.job.attempt)) {
    if (caches_ == nullptr) return;
    const Result<std::filesystem::path> folder = caches_->make_lending_folder(build_);
    if (!folder) {
      log::warn("build={} runs without caches reason={}", attempt.job.build_uuid.str(),
                log::quoted(folder.error().message));
      return;
    }
    attempt.caches = caches_;
    attempt.cache_folder = *folder;
  }
  ~Lending() {
    if (caches_ != nullptr) caches_->remove_lending_folder(build_);
  }
  Lending(const Lending&) = delete;
  Lending& operator=(const Lending&) = delete;

 private:
  ArchiveStore* caches_;
  std::string build_;
};

}  // namespace

Slot::Slot(const Workshop& workshop, int number)
    : workshop_(workshop),
      number_(number),
      client_(workshop.clients.make()),
      keeper_client_(workshop.clients.make()),
      shipper_client_(workshop.clients.make()) {}

void Slot::run(const model::JobSpec& job, StopSwitch& stop) {
  log::info("build={} attempt={} worker={} commit={} starts in slot={}", job.build_uuid.str(), job.attempt,
            job.worker_name, job.commit_hash, number_);
  Lease lease(workshop_.clock, job.build_uuid, job.lease_id, job.lease_ms);
  BuildLog log(workshop_.clock, secrets_of(job), workshop_.log_limits);
  LogShipper shipper(log, lease, *shipper_client_);
  LeaseKeeper keeper(lease, *keeper_client_, workshop_.clock, [&] {
    stop.stop(StopReason::lease_lost);
    log.discard();
  });
  const std::unique_ptr<Source> source = workshop_.source_of(job);
  std::unique_ptr<Sandbox> sandbox;
  Attempt attempt{job, workshop_.operator_environment, log, lease, *client_, stop, *source, workshop_.tools};
  const Lending lending(job.build_caching_enabled ? workshop_.caches : nullptr, attempt);
  StepResult result;
  {
    const Deadline deadline(job.timeout_ms, [&] { stop.stop(StopReason::timed_out); });
    result = run_steps(attempt, sandbox, stop);
  }
  std::optional<std::string> ended;
  if (sandbox) {
    say_what_limits_did(*sandbox, workshop_.limits, log);
    ended = ended_by(sandbox->harm(), workshop_.limits);
  }
  std::optional<model::JobEnd> end =
      conclude(result, stop.reason(), log, job.timeout_ms, ended, workshop_.clock.now());
  if (end) {
    if (sandbox) end->usage = to_tell(sandbox->usage());
    shipper.finish();
    keeper.end();
    finish(lease, *client_, *end);
  } else {
    keeper.end();
  }
  stop.watch(nullptr);
  if (sandbox) sandbox->close();
  workshop_.sandboxes.prepare_next();
}

StepResult Slot::run_steps(Attempt& attempt, std::unique_ptr<Sandbox>& sandbox, StopSwitch& stop) {
  attempt.log.begin_step(model::StepName::initialize);
  attempt.log.say("Initializing build environment...");
  say_what_is_special(attempt, workshop_.unenforced);
  StepResult result = check_before_start(attempt);
  if (result.end == StepEnd::done) result = start_sandbox(attempt, sandbox, stop);
  if (result.end != StepEnd::done) return result;
  attempt.log.say("Success: Finished initializing build environment");
  attempt.log.begin_step(model::StepName::clone);
  attempt.log.say("Cloning repository...");
  // The first step runs on the host while the sandbox starts. The server is told of the steps that change
  // what it says about the build (enter): those that run commands of the repository's.
  using Step = StepResult (*)(Attempt&);
  for (const Step step :
       {Step(fetch_commit), Step(check_out), Step(fetch_lfs), Step(check_out_submodules),
        Step(restore_caches), Step(find_tools), Step(tell_materials), Step(install_dependencies),
        Step(unpack_build_output), Step(run_build_command), Step(run_deploy_command)}) {
    if (attempt.stop.stopped()) return {StepEnd::stopped, {}};
    result = step(attempt);
    if (result.end != StepEnd::done) return result;
    if (step == Step(check_out)) workshop_.sandboxes.prepare_next();
  }
  return save_caches(attempt);
}

// Begins the sandbox's start and returns; it goes on beside the fetch.
StepResult Slot::start_sandbox(Attempt& attempt, std::unique_ptr<Sandbox>& sandbox, StopSwitch& stop) {
  const Result<std::filesystem::path> mirror = attempt.source.mirror();
  if (!mirror)
    return failed(attempt, "Failed: error occurred while cloning the repository", mirror.error().message);
  SandboxSpec spec;
  spec.slot = number_;
  spec.build_folder =
      workshop_.builds_folder / fmt::format("{}-{}", attempt.job.build_uuid.str(), attempt.job.attempt);
  spec.mirror = *mirror;
  spec.tools = workshop_.tools_folder;
  spec.cache = attempt.cache_folder;
  spec.agent = workshop_.agent;
  spec.api_base_url = attempt.job.api_base_url;
  Result<std::unique_ptr<Sandbox>> started = workshop_.sandboxes.start(spec);
  if (!started) {
    return failed(
        attempt, "Failed: the sandbox of this build did not start",
        started.error().message + " This is a fault of the runner's machine, not of the repository.");
  }
  sandbox = std::move(*started);
  attempt.sandbox = sandbox.get();
  stop.watch(sandbox.get());
  return {};
}

}  // namespace kiln::runner
