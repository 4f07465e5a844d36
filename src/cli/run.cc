#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <system_error>

#include "base/entropy.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/temp_folder.h"
#include "cli/commands.h"
#include "cli/log_view.h"
#include "cli/output.h"
#include "cli/runner_program.h"
#include "cli/whole_number.h"
#include "cli/working_copy.h"
#include "model/root_directory.h"
#include "model/trigger.h"
#include "project/autofill.h"
#include "project/package_manager.h"
#include "wire/json.h"
#include "wire/runner_protocol.h"

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;

struct RunOptions {
  std::string folder = ".";
  std::string build_command;
  std::string deploy_command;
  std::string root_directory;
  std::string branch;
  std::string config;
  std::vector<std::string> variables;  // NAME=VALUE
  std::vector<std::string> secrets;    // NAME
  std::string cache;                   // folder; empty: no build cache
  int timeout_seconds = 20 * 60;
  LogChoice log;
  bool deploy = false;
};

// Everything that a run writes, gone with it; kiln-runner holds it too, which outlives a run that is killed.
// Passable, since builds have uids of their own.
Result<TempFolder> make_run_folder() {
  const Result<fs::path> place = temporary_place();
  if (!place) return tl::unexpected<Error>(place.error());
  Result<TempFolder> folder = TempFolder::make(*place, "kiln-run", 0711);
  if (!folder) return folder;
  if (Status shared = folder->share_with_children(); !shared) return tl::unexpected<Error>(shared.error());
  return folder;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// Wrong usage, with exit code 2.
[[noreturn]] void refuse(const std::string& option, const std::string& why) {
  throw CLI::ValidationError(option, why);
}

std::vector<model::EnvVar> environment_of(const RunOptions& options) {
  std::vector<model::EnvVar> environment;
  for (const std::string& word : options.variables) {
    const std::size_t cut = word.find('=');
    if (cut == std::string::npos || cut == 0) refuse("--env", "takes NAME=VALUE");
    environment.push_back({.name = word.substr(0, cut), .value = word.substr(cut + 1)});
  }
  for (const std::string& name : options.secrets) {
    if (name.empty() || name.find('=') != std::string::npos)
      refuse("--secret", "takes a NAME alone: its value comes from the environment of this command");
    if (std::getenv(name.c_str()) == nullptr)
      refuse("--secret", fmt::format("{} is not in the environment of this command", name));
    environment.push_back({.name = name, .value = variable(name.c_str()), .is_secret = true});
  }
  return environment;
}

void add_target(const RunOptions& options, model::JobSpec& job) {
  if (!options.deploy) return;
  job.deploy_command = options.deploy_command.empty() ? model::kDefaultDeployCommand : options.deploy_command;
  job.api_token = variable("CLOUDFLARE_API_TOKEN");
  job.account_id = variable("CLOUDFLARE_ACCOUNT_ID");
  job.api_base_url = variable("CLOUDFLARE_API_BASE_URL");
  if (job.api_token.empty() || job.account_id.empty())
    refuse("--deploy", "needs CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID in the environment");
}

// The same for the same text, so that a working copy finds its own cache.
Uuid stable_uuid(const std::string& text) {
  std::string digits = sha256_hex(text).substr(0, 32);
  digits[12] = '8';  // a UUID of one's own making
  digits[16] = 'a';
  for (const std::size_t dash : {20, 16, 12, 8}) digits.insert(dash, 1, '-');
  return Uuid::parse(digits).value_or(Uuid{});
}

// What the project's own files fill in.
Result<project::Autofill> look_at(const fs::path& top, const std::string& root) {
  std::map<std::string, std::size_t> sizes;
  std::error_code error;
  for (const std::string& file : project::autofill_files(root)) {
    if (fs::symlink_status(top / file, error).type() != fs::file_type::regular) continue;
    const std::uintmax_t size = fs::file_size(top / file, error);
    if (!error) sizes[file] = size;
  }
  std::map<std::string, std::string> contents;
  for (const std::string& file : project::files_to_read(root, sizes)) {
    Result<std::string> text = read_file(top / file, project::kLargestConfigFile);
    if (!text) return tl::unexpected<Error>(text.error());
    contents[file] = std::move(*text);
  }
  return project::autofill(root, sizes, contents);
}

// The build command of the project's package.json, unless one was given. What is broken there does not stop a
// build that needs nothing of it.
Status fill_in(Context& context, const RunOptions& options, const WorkingCopy& copy, const std::string& root,
               model::JobSpec& job) {
  if (!options.build_command.empty()) return {};
  const Result<project::Autofill> found = look_at(copy.top, root);
  if (!found) return tl::unexpected<Error>(found.error());
  if (!found->scripts) return fail(Errc::invalid, fmt::format("{}", fmt::join(found->unread, "; ")));
  if (found->scripts->contains("build")) {
    const auto manager = project::package_manager_named(found->package_manager.value_or(""));
    job.build_command =
        fmt::format("{} run build", to_string(manager.value_or(project::PackageManager::npm)));
  } else if (!options.deploy) {
    context.err << "kiln: no build command was given and package.json has no script \"build\": only the "
                   "dependencies are installed\n";
  }
  return {};
}

Result<model::JobSpec> prepare(Context& context, const RunOptions& options, const fs::path& folder) {
  model::JobSpec job;
  job.environment = environment_of(options);
  add_target(options, job);
  const Result<WorkingCopy> copy = find_working_copy(context.processes, options.folder);
  if (!copy) return tl::unexpected<Error>(copy.error());
  job.branch = options.branch.empty() ? copy->branch : options.branch;
  if (job.branch.empty()) job.branch = "detached";
  job.root_directory = options.root_directory.empty() ? copy->folder : options.root_directory;
  if (job.root_directory.empty()) job.root_directory = "/";
  const Result<std::string> root = model::clean_root_directory(job.root_directory);
  if (!root) refuse("--root-directory", root.error().message);
  job.build_command = options.build_command;
  if (Status filled = fill_in(context, options, *copy, *root, job); !filled)
    return tl::unexpected<Error>(filled.error());
  const Result<Snapshot> snapshot =
      take_snapshot(context.processes, *copy, job.branch, folder / "source.git");
  if (!snapshot) return tl::unexpected<Error>(snapshot.error());
  job.clone_url = snapshot->repository.string();
  job.commit_hash = snapshot->commit;
  SystemEntropy entropy;
  job.build_uuid = entropy.uuid();
  job.lease_id = entropy.uuid();
  job.trigger_uuid = entropy.uuid();
  job.cache_trust = model::CacheTrust::branch;
  job.timeout_ms = TimeMs{options.timeout_seconds} * 1'000;
  if (!options.cache.empty()) {
    job.build_caching_enabled = true;
    job.trigger_uuid = stable_uuid(copy->top.string());
    job.worker_tag = "local";
  }
  context.err << fmt::format("kiln: building {} at {}{}\n", copy->top.string(), job.commit_hash.substr(0, 12),
                             snapshot->changed ? ", which holds what is not committed" : "");
  context.err.flush();
  return job;
}

Status run_here(Context& context, const RunOptions& options) {
  const Result<TempFolder> folder = make_run_folder();
  if (!folder) return tl::unexpected<Error>(folder.error());
  const fs::path& path = folder->path();
  const Result<model::JobSpec> job = prepare(context, options, path);
  if (!job) return tl::unexpected<Error>(job.error());
  std::vector<std::string> runner = runner_arguments("--local", path / "runner", options.config);
  if (!options.cache.empty()) runner.insert(runner.end(), {"--cache", options.cache});
  LogView view(context, options.log);
  const Result<int> ended = run_runner(runner, wire::encode(*job), [&](std::string_view line) {
    if (const auto value = wire::parse_json(line)) view.take(*value);
    return flush_output(context.out) == 0;
  });
  if (!ended) return tl::unexpected<Error>(ended.error());
  if (*ended == kDone) return {};
  context.exit_code = kFailed;
  context.err << "kiln: the build did not succeed\n";
  return {};
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("run", "Build a working copy here, without a server");
  const auto options = std::make_shared<RunOptions>();
  command->add_option("DIR", options->folder, "A folder of the work tree (default: this one)");
  command->add_option("--build-command", options->build_command,
                      "What builds it (default: package.json's build script)");
  CLI::Option* deploy = command->add_flag("--deploy", options->deploy,
                                          "Deploy too, with CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID");
  command->add_option("--deploy-command", options->deploy_command, "What deploys it")->needs(deploy);
  command->add_option("--root-directory", options->root_directory,
                      "The folder to build in, from the top of the work tree (default: DIR)");
  command->add_option("--branch", options->branch, "The branch to say (default: the one checked out)");
  command->add_option("--env", options->variables, "A variable of the build")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command->add_option("--secret", options->secrets, "A masked one, its value out of the environment")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--timeout", options->timeout_seconds, "How long it may take (default: 1200)")
      ->type_name("SECONDS")
      ->check(whole_number("a time limit", 1, std::int64_t{24} * 60 * 60));
  command->add_option("--cache", options->cache, "Keep the build cache in this folder, for the next run")
      ->type_name("DIR");
  command->add_option("--config", options->config, "A server's settings")->type_name("FILE.toml");
  add_log_options(*command, options->log, false);
  finish_command(*command, context, [&context, options] { return run_here(context, *options); });
}

}  // namespace kiln::cli
