// `kiln import`: sets up here what an account of the hosted service has, or what `kiln export` printed.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/ids.h"
#include "cli/commands.h"
#include "cli/remote.h"
#include "cli/secret_file.h"
#include "cli/secret_prompt.h"
#include "cli/set_up/carry_out.h"
#include "cli/set_up/here.h"
#include "cli/set_up/hosted.h"
#include "cli/set_up/hosted_set_up.h"
#include "cli/set_up/plan.h"
#include "cli/set_up/plan_view.h"
#include "cli/set_up/set_up_file.h"

namespace kiln::cli {
namespace {

constexpr std::size_t kLargestSetUp = std::size_t{64} << 20U;
constexpr std::size_t kLargestSecrets = std::size_t{1} << 20U;
constexpr const char* kStandardInput = "-";
constexpr const char* kTokenVariable = "CLOUDFLARE_API_TOKEN";

struct ImportOptions {
  std::string hosted_account;
  std::string token_file;
  std::string url = kHostedUrl;
  std::vector<std::string> workers;
  std::string file;
  std::string secrets_file;
  bool update = false;
  bool dry_run = false;
};

Result<SecretValues> secrets_of(Context& context, const ImportOptions& options) {
  const bool may_ask = !options.dry_run && !context.json && isatty(STDIN_FILENO) != 0;
  std::ostream* asks = may_ask ? &context.err : nullptr;
  if (options.secrets_file.empty()) return SecretValues({}, asks);
  const Result<std::string> text = text_in(options.secrets_file, kLargestSecrets);
  if (!text) return tl::unexpected<Error>(text.error());
  Result<std::map<std::string, std::string>> values = read_secret_values(*text);
  if (!values) return tl::unexpected<Error>(values.error());
  return SecretValues(*std::move(values), asks);
}

std::vector<DoneStep> only_planned(const Plan& plan) {
  std::vector<DoneStep> steps;
  for (const Step& step : plan.steps) steps.push_back({step});
  return steps;
}

Status bring_over(Context& context, Server& server, const ImportOptions& options,
                  const AccountSetUp& wanted) {
  Result<SecretValues> secrets = secrets_of(context, options);
  if (!secrets) return tl::unexpected<Error>(secrets.error());
  const Result<Here> here = read_here(server);
  if (!here) return tl::unexpected<Error>(here.error());
  const auto has_value_of = [&secrets](const std::string& name) { return secrets->has(name); };
  const Plan plan = plan_of(wanted, *here, {options.update, has_value_of});
  const std::vector<DoneStep> steps =
      options.dry_run ? only_planned(plan) : carry_out(server, *here, plan, *secrets);
  if (context.json) {
    context.out << pretty(plan_json(steps, plan.left_over, options.dry_run));
  } else {
    context.out << plan_text(context.style, steps, plan.left_over, options.dry_run);
  }
  const bool failed = std::any_of(steps.begin(), steps.end(), [](const DoneStep& step) {
    return step.outcome == Outcome::failed || step.outcome == Outcome::not_tried;
  });
  if (failed)
    return fail(Errc::unavailable,
                "not all could be set up; what was done stays, and running it again goes on");
  return {};
}

Result<std::string> token_of(const ImportOptions& options) {
  if (!options.token_file.empty()) return secret_in(options.token_file);
  const char* value = std::getenv(kTokenVariable);
  if (value != nullptr && *value != '\0') return std::string(value);
  return ask_secret("API token of the hosted account (it is not shown): ");
}

Status import_hosted(Context& context, const ImportOptions& options) {
  if (!is_hex32(options.hosted_account))
    return fail(Errc::invalid, "--account: the id of an account of the hosted service is 32 hex digits");
  if (options.token_file == kStandardInput && options.secrets_file == kStandardInput)
    return fail(Errc::invalid, "the token and the secrets cannot both come from standard input");
  const Result<std::string> url = server_url(options.url, context.insecure);
  if (!url) return tl::unexpected<Error>(url.error());
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<std::string> token = token_of(options);
  if (!token) return tl::unexpected<Error>(token.error());
  const auto wait = [](std::int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); };
  Hosted hosted(context.http, {*url, options.hosted_account, *token}, wait, context.err);
  const Result<HostedSetUp> read = read_hosted(hosted, options.workers);
  if (!read) return tl::unexpected<Error>(read.error());
  if (Status done = bring_over(context, *server, options, read->set_up); !done || read->whole) return done;
  return fail(Errc::forbidden, "the token may not read all that was asked for; see what is left to do");
}

Status import_file(Context& context, const ImportOptions& options) {
  if (options.file == kStandardInput && options.secrets_file == kStandardInput)
    return fail(Errc::invalid, "the file and the secrets cannot both come from standard input");
  const Result<std::string> text = text_in(options.file, kLargestSetUp);
  if (!text) return tl::unexpected<Error>(text.error());
  const Result<AccountSetUp> wanted = read_set_up(*text);
  if (!wanted) return kiln::context(wanted.error(), options.file);
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  return bring_over(context, *server, options, *wanted);
}

void add_ways(CLI::App& command, const std::shared_ptr<ImportOptions>& options) {
  command
      .add_option("--secrets", options->secrets_file,
                  "A file of NAME=VALUE lines, or a JSON object: the secrets, which cannot be read (-: "
                  "standard input)")
      ->type_name("FILE");
  command.add_flag("--update", options->update, "Change what is here and otherwise, secrets excepted");
  command.add_flag("--dry-run", options->dry_run, "Print what would be done, and do nothing");
}

}  // namespace

void add_import(CLI::App& app, Context& context) {
  CLI::App* group =
      app.add_subcommand("import", "Set up here what the hosted service, or a file of kiln export, has");
  group->require_subcommand(1);
  const auto options = std::make_shared<ImportOptions>();
  CLI::App* hosted =
      group->add_subcommand("cloudflare", "Bring Workers, repositories, triggers and hooks over");
  hosted->add_option("--account", options->hosted_account, "The account there, by its id")
      ->type_name("ID")
      ->required();
  hosted->add_option("--into", context.account, "The account here, by id or name (else KILN_ACCOUNT)")
      ->type_name("ACCOUNT");
  hosted
      ->add_option("--api-token-file", options->token_file,
                   "A file with an API token that may read there (-: standard input); else "
                   "CLOUDFLARE_API_TOKEN, else it is asked for")
      ->type_name("FILE");
  hosted->add_option("--url", options->url, "Where the hosted API is")->type_name("URL");
  hosted->add_option("--worker", options->workers, "Of this Worker alone; may be repeated")
      ->type_name("WORKER")
      ->allow_extra_args(false);
  add_ways(*hosted, options);
  finish_command(*hosted, context, [&context, options] { return import_hosted(context, *options); });
  CLI::App* file = group->add_subcommand("file", "Set up what kiln export printed");
  file->add_option("FILE", options->file, "The file; - for standard input")->required();
  add_ways(*file, options);
  finish_command(*file, context, [&context, options] { return import_file(context, *options); });
}

}  // namespace kiln::cli
