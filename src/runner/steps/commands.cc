#include "runner/steps/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "model/log_text.h"
#include "model/trace_ids.h"
#include "runner/steps/environment.h"
#include "runner/steps/exit_words.h"
#include "runner/steps/routes_check.h"
#include "runner/steps/uploads.h"
#include "runner/tools/certificates.h"
#include "runner/tools/shims.h"

namespace kiln::runner {
namespace {

// The default deploy command among others.
bool forces_npx(const Attempt& attempt, const std::string& command) {
  return attempt.npx_refuses && command.starts_with("npx ");
}

Command shell(const Attempt& attempt, const std::string& command) {
  EnvironmentFacts facts;
  facts.commit = attempt.commit;
  facts.tool_folders = attempt.tool_folders;
  facts.operator_environment = attempt.operator_environment;
  facts.system_certificates = access(kSystemCertificates, R_OK) == 0;
  facts.uses_python = attempt.uses_python;
  facts.forces_npx = forces_npx(attempt, command);
  if (const std::optional<model::StepName> step = attempt.log.step())
    facts.trace_parent = model::trace_parent(attempt.job.build_uuid, attempt.job.attempt, *step);
  Command made;
  made.argv = {"/bin/sh", "-c", command};
  made.environment = command_environment(attempt.job, facts);
  made.directory =
      attempt.root.empty() ? std::string(kCheckout) : fmt::format("{}/{}", kCheckout, attempt.root);
  return made;
}

// `what`: "The build command", for the line that says how it ended.
StepResult run(Attempt& attempt, const std::string& command, const std::string& headline,
               const std::string& what) {
  if (forces_npx(attempt, command)) {
    attempt.log.say(
        "npx would refuse to run, since devEngines of package.json name another package manager: "
        "npm_config_force is set for this command");
  }
  attempt.log.begin_command(command);
  const Result<CommandEnd> end = attempt.sandbox->run(
      shell(attempt, command), [&attempt](std::string_view bytes) { attempt.log.output(bytes); });
  attempt.log.end_output();
  if (attempt.stop.stopped()) return {StepEnd::stopped, {}};
  if (!end) {
    return failed(attempt, headline,
                  fmt::format("The sandbox ended while {} ran: {}", what, end.error().message));
  }
  attempt.log.end_command(end->exit_code, end->signal);
  if (end->exit_code == 0 && end->signal == 0) return {};
  StepResult result =
      failed(attempt, headline, fmt::format("{} {}. What it printed stands above.", what, exit_words(*end)));
  result.command = command;
  result.ending = short_exit_words(*end);
  return result;
}

bool skips_install(const model::JobSpec& job) {
  return std::any_of(job.environment.begin(), job.environment.end(), [](const model::EnvVar& variable) {
    return variable.name == "SKIP_DEPENDENCY_INSTALL";
  });
}

StepResult make_python_home(Attempt& attempt) {
  attempt.log.say("Making a virtual environment for the project's Python packages");
  return run(attempt, fmt::format("python3 -m venv {}", kPythonHome),
             "Failed: error occurred while installing tools or dependencies",
             "Making a virtual environment of Python (the runner's machine needs the package python3-venv)");
}

constexpr const char* kNothingUploaded =
    "The deploy command ended with exit code 0, but this build uploaded no version. Check that it really "
    "deploys: a command that only prints its help, or matches no package, ends like this.";

const char* words_before(wire::AddressKind kind) {
  switch (kind) {
    case wire::AddressKind::production:
      return "Live at";
    case wire::AddressKind::version:
      return "Preview of this version:";
    case wire::AddressKind::alias:
      return "Preview of this branch:";
  }
  return "";
}

// wrangler makes its addresses up from what it knows of another host, so the server's stand below them.
void say_addresses(Attempt& attempt, const std::vector<wire::Address>& addresses) {
  for (const wire::Address& address : addresses) {
    attempt.log.say(fmt::format("{} {}", words_before(address.kind), address.url));
  }
}

// A green build that deployed nothing says so, or fails where its trigger wants that. The server knows what
// was uploaded to it; of an outside target wrangler's output file has to tell.
StepResult check_uploads(Attempt& attempt) {
  wire::UploadsCall call{attempt.lease.id(), {}};
  if (attempt.job.api_base_url.empty() || !attempt.server.sees_uploads())
    call.claims = claimed_versions(attempt);
  if (attempt.stop.stopped()) return {StepEnd::stopped, {}};
  wire::UploadsAnswer uploads;
  const Status told = attempt.lease.insist([&]() -> Status {
    Result<wire::UploadsAnswer> answer = attempt.server.uploads(attempt.lease.build(), call);
    if (!answer) return tl::unexpected<Error>(answer.error());
    uploads = *std::move(answer);
    return {};
  });
  if (!told && told.error().code == Errc::lease_lost) return {StepEnd::stopped, {}};
  if (!told)
    return failed(attempt, "Failed: the server did not tell what was uploaded", told.error().message);
  for (const std::string& note : uploads.notes) attempt.log.say(note);
  say_addresses(attempt, uploads.addresses);
  if (uploads.versions > 0) return {};
  if (attempt.job.require_version) {
    return failed(attempt, "Failed: no version was uploaded",
                  std::string(kNothingUploaded) + " The trigger's require_version makes that a failure.");
  }
  attempt.log.say(std::string("Warning: no version was uploaded. ") + kNothingUploaded);
  return {};
}

}  // namespace

StepResult install_dependencies(Attempt& attempt) {
  if (skips_install(attempt.job)) {
    attempt.log.say("Skipping dependency install: SKIP_DEPENDENCY_INSTALL is set");
    return {};
  }
  if (attempt.install_commands.empty()) {
    attempt.log.say(
        "No dependencies to install: no package.json, requirements.txt, pyproject.toml, uv.lock or Pipfile "
        "in the root directory");
    return {};
  }
  attempt.log.begin_step(model::StepName::install);
  if (StepResult entered = enter(attempt, model::Step::install); entered.end != StepEnd::done) return entered;
  if (attempt.uses_python) {
    StepResult result = make_python_home(attempt);
    if (result.end != StepEnd::done) return result;
  }
  for (const std::string& command : attempt.install_commands) {
    attempt.log.say("Installing project dependencies: " + command);
    StepResult result = run(attempt, command, "Failed: error occurred while installing tools or dependencies",
                            fmt::format("The install command \"{}\"", command));
    if (result.end != StepEnd::done) return result;
  }
  return {};
}

StepResult run_build_command(Attempt& attempt) {
  const std::string& command = attempt.job.build_command;
  if (command.empty()) return {};
  attempt.log.begin_step(model::StepName::build);
  if (StepResult entered = enter(attempt, model::Step::build); entered.end != StepEnd::done) return entered;
  attempt.log.say(fmt::format("{}build command: {}", model::kExecuting, command));
  StepResult result =
      run(attempt, command, "Failed: error occurred while running build command", "The build command");
  if (result.end == StepEnd::done) attempt.log.say("Success: Build command completed");
  return result;
}

StepResult run_deploy_command(Attempt& attempt) {
  const std::string& command = attempt.job.deploy_command;
  if (command.empty()) return {};
  attempt.log.begin_step(model::StepName::deploy);
  if (StepResult fits = check_routes(attempt); fits.end != StepEnd::done) return fits;
  if (StepResult entered = enter(attempt, model::Step::deploy); entered.end != StepEnd::done) return entered;
  attempt.log.say(fmt::format("{}deploy command: {}", model::kExecuting, command));
  StepResult result =
      run(attempt, command, "Failed: error occurred while running deploy command", "The deploy command");
  if (result.end != StepEnd::done) return result;
  attempt.log.say("Success: Deploy command completed");
  result = check_uploads(attempt);
  if (result.end != StepEnd::done) return result;
  // Whatever becomes of this runner from here on, the build is known to have succeeded. A server that does
  // not take it hears the same with the end.
  const Status told = attempt.lease.insist([&] {
    return attempt.server.enter_step(attempt.lease.build(), {attempt.lease.id(), model::Step::deployed});
  });
  if (!told && told.error().code == Errc::lease_lost) return {StepEnd::stopped, {}};
  return {};
}

}  // namespace kiln::runner
