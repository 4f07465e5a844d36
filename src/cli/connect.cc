#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>
#include <memory>
#include <optional>

#include "cli/choice.h"
#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/repository.h"
#include "cli/secret_file.h"
#include "cli/server.h"
#include "model/clone_url.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

// What is not named stays as it is (api: connect).
struct ConnectOptions {
  std::string repository;
  std::optional<std::string> worker;
  std::optional<std::string> branch;
  std::optional<std::string> build_command;
  std::optional<std::string> deploy_command;
  std::optional<std::string> preview_deploy_command;
  std::optional<std::string> root_directory;
  std::optional<std::string> fork_pull_requests;
  std::optional<bool> previews;
  std::optional<bool> require_version;
  std::optional<std::string> provider;
  std::string token_file;
  std::string known_host;
  std::string poll;
  bool deploy_key = false;
  bool build_first = false;
  bool second_repository = false;
};

constexpr TimeMs kLongestPollMs = TimeMs{7} * 24 * 3'600'000;

// Seconds; 0: "off". Errors: Errc::invalid.
Result<std::int64_t> poll_seconds(const std::string& text) {
  if (text == "off") return 0;
  const std::optional<TimeMs> interval = parse_duration(text, "smhd");
  if (interval && *interval <= kLongestPollMs) return *interval / 1'000;
  return fail(
      Errc::invalid,
      fmt::format("--poll {}: give a number of seconds, minutes, hours or days up to 7d, such as 60s or "
                  "5m, or off",
                  text));
}

// What stands in files or on standard input, never in an argument.
Status add_credentials(const ConnectOptions& options, json::object& body) {
  if (const Status read = put_file(body, "token", options.token_file); !read) return read;
  if (!options.known_host.empty()) {
    const Result<std::string> known = read_known_host(options.known_host);
    if (!known) return tl::unexpected<Error>(known.error());
    body["known_host"] = *known;
  }
  if (options.deploy_key) body["deploy_key"] = true;
  if (options.poll.empty()) return {};
  const Result<std::int64_t> seconds = poll_seconds(options.poll);
  if (!seconds) return tl::unexpected<Error>(seconds.error());
  body["poll_seconds"] = *seconds;
  if (options.build_first) body["build_first"] = true;
  return {};
}

json::object body_of(const ConnectOptions& options, const std::string& url) {
  json::object body{{"repo_url", url}, {"second_repository", options.second_repository}};
  const auto put = [&body](const char* name, const auto& value) {
    if (value) body[name] = json::value_from(*value);
  };
  put("worker", options.worker);
  put("branch", options.branch);
  put("build_command", options.build_command);
  put("deploy_command", options.deploy_command);
  put("preview_deploy_command", options.preview_deploy_command);
  put("root_directory", options.root_directory);
  put("fork_pull_requests", options.fork_pull_requests);
  put("previews", options.previews);
  put("require_version", options.require_version);
  put("provider", options.provider);
  return body;
}

// Without the password that may have been given in it.
std::string shown_url(const std::string& url) {
  const Result<model::CleanUrl> clean = model::split_credentials(url);
  return clean ? clean->url : std::string();
}

std::vector<Cell> row(const char* name, Cell cell) {
  return {{name, Colour::dim}, std::move(cell)};
}

std::string joined(const json::array& texts) {
  std::string words;
  for (const json::value& text : texts) {
    if (text.is_string()) words += (words.empty() ? "" : ", ") + safe_line(text.get_string(), false);
  }
  return words;
}

// "main", "*, not main": the patterns, and those that are left out.
std::string patterns_of(const json::value& trigger, const char* includes, const char* excludes) {
  const std::string without = joined(list_at(trigger, excludes));
  return joined(list_at(trigger, includes)) + (without.empty() ? "" : ", not " + without);
}

void add_trigger(std::vector<std::vector<Cell>>& rows, const json::value& trigger) {
  const auto add = [&rows](const char* name, const std::string& text, Colour colour = Colour::none) {
    if (!text.empty()) rows.push_back(row(name, {text, colour}));
  };
  add("trigger", headline(text_at(trigger, "trigger_name"), 60), Colour::cyan);
  add("  branches", patterns_of(trigger, "branch_includes", "branch_excludes"));
  const std::string paths = patterns_of(trigger, "path_includes", "path_excludes");
  if (paths != "*") add("  paths", paths);
  if (const std::string folder = text_at(trigger, "root_directory"); folder != "/")
    add("  folder", safe_line(folder, false));
  const std::string build = text_at(trigger, "build_command");
  add("  build", build.empty() ? "(no build command)" : safe_line(build, false));
  add("  deploy", safe_line(text_at(trigger, "deploy_command"), false));
}

std::string change_words(const json::value& change) {
  const std::string trigger = headline(text_at(change, "trigger_name"), 60);
  const std::string field = text_at(change, "field");
  const std::string before = safe_line(text_at(change, "before"), false);
  const std::string after = safe_line(text_at(change, "after"), false);
  if (field == "trigger_name" && before.empty()) return fmt::format("{}: made", trigger);
  if (field == "trigger_name" && after.empty()) return fmt::format("{}: deleted", trigger);
  const auto quoted = [](const std::string& text) { return text.empty() ? "nothing" : '"' + text + '"'; };
  return fmt::format("{}: {} was {}, is {}", trigger, safe_line(field, false), quoted(before), quoted(after));
}

void add_credential_rows(std::vector<std::vector<Cell>>& rows, const json::value& made) {
  const std::string key = text_at(made, "credentials/host_key_fingerprints");
  if (!key.empty()) rows.push_back(row("host's key", {safe_line(key, false)}));
  const json::value* seconds = member(made, "watch/poll_seconds");
  if (seconds != nullptr && seconds->is_int64() && seconds->get_int64() > 0)
    rows.push_back(row("polled", {fmt::format("every {} s", seconds->get_int64())}));
}

void show(Context& context, const std::string& url, const json::value& made, bool installed) {
  const json::array& changes = list_at(made, "changes");
  std::vector<std::vector<Cell>> news;
  for (const json::value& change : changes)
    news.push_back(row("changed", {change_words(change), Colour::green}));
  if (changes.empty()) news.push_back(row("changed", {"nothing; what stands is below"}));
  context.out << facts(context.style, news) << "\n";
  for (const json::value& note : list_at(made, "notes")) {
    if (note.is_string()) context.out << safe_line(note.get_string(), false) << "\n\n";
  }
  const std::string worker = headline(text_at(made, "worker/name"), 100);
  std::vector<std::vector<Cell>> rows = {row("worker", {worker, Colour::cyan}),
                                         row("repository", {safe_line(shown_url(url), false)})};
  for (const json::value& trigger : list_at(made, "triggers")) add_trigger(rows, trigger);
  add_credential_rows(rows, made);
  if (text_at(made, "hook/kind") == "git") {
    if (installed) rows.push_back(row("hook", {"post-receive installed", Colour::green}));
    context.out << facts(context.style, rows) << deploy_key_words(context.style, made);
    if (installed) context.out << fmt::format("\nPush to it, or build now: kiln build {} --follow\n", worker);
    return;
  }
  if (is_true_at(made, "hook/made_at_host")) {  // deliveries come without anybody adding a webhook
    rows.push_back(row("hook", {"at the repository's host", Colour::green}));
    context.out << facts(context.style, rows) << deploy_key_words(context.style, made)
                << fmt::format("\nPush to it, or build now: kiln build {} --follow\n", worker);
    return;
  }
  context.out << facts(context.style, rows) << deploy_key_words(context.style, made)
              << "\nAdd a webhook at the repository's host (on GitHub: Settings → Webhooks):\n"
              << facts(context.style,
                       {row("  Payload URL", {safe_line(text_at(made, "hook/url"), false), Colour::cyan}),
                        row("  Content type", {"application/json"}),
                        row("  Secret", {safe_line(text_at(made, "hook/secret"), false)}),
                        row("  Events", {"pushes and pull requests"})});
}

Status connect(Context& context, const ConnectOptions& options) {
  const Result<std::string> url = repository_url(options.repository);
  if (!url) return tl::unexpected<Error>(url.error());
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  if (server->is_remote() && url->starts_with('/')) {
    return fail(Errc::invalid,
                fmt::format("{} is a path, and the server is another machine: connect it there, or give the "
                            "repository's address",
                            safe_line(*url, false)));
  }
  json::object body = body_of(options, *url);
  if (Status read = add_credentials(options, body); !read) return read;
  const Result<json::value> made = server->call("POST", server->own_path() + "/connect", body);
  if (!made) return tl::unexpected<Error>(made.error());
  const bool has_own_hook = text_at(*made, "hook/kind") == "git" && !is_web_url(*url);
  Status installed;
  if (has_own_hook) {
    const scm::HookAddress address{text_at(*made, "hook/url"), text_at(*made, "hook/secret")};
    installed = install_hook(context.processes, *url, address);
  }
  if (context.json) {
    context.out << pretty(*made);
  } else {
    show(context, *url, *made, has_own_hook && installed);
  }
  const json::value* polled = member(*made, "watch/poll_seconds");
  if (installed || polled == nullptr || !polled->is_int64() || polled->get_int64() == 0) return installed;
  context.err << "kiln: " << installed.error().message << "\n(it is polled, and needs no hook)\n";
  return {};
}

}  // namespace

void add_connect(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("connect", "Connect a repository to a Worker: a push then builds it");
  const auto options = std::make_shared<ConnectOptions>();
  command
      ->add_option("REPOSITORY", options->repository,
                   "A bare repository's path or SSH address, or an https URL")
      ->required();
  command->add_option("--provider", options->provider,
                      "The kind of host, where its name does not say it: github, gitlab, gitea, bitbucket or "
                      "git");
  command->add_option("--token-file", options->token_file,
                      "A file with the host's access token (-: standard input): git clones by it, its API is "
                      "asked by it");
  command->add_flag("--deploy-key", options->deploy_key,
                    "Make a key of the connection's own for SSH, and print its public half");
  command->add_option("--known-host", options->known_host,
                      "The SSH host's key: its fingerprint, SHA256:..., or a file as ssh-keyscan prints it "
                      "(default: the key that it shows first)");
  command->add_option(
      "--poll", options->poll,
      "Ask the host for pushes so often, such as 60s: for one that cannot reach Kiln; off: no "
      "more");
  command->add_flag("--build-first", options->build_first,
                    "With --poll: build the production branch's head at once");
  command->add_option(
      "--worker", options->worker,
      "The Worker's name; made when it is new (default: as the repository's wrangler configuration has "
      "it, or as the repository is called)");
  command->add_option("--branch", options->branch, "The production branch (default: the repository's HEAD)");
  command->add_option("--build-command", options->build_command, "What builds it, such as \"npm run build\"");
  command->add_option("--deploy-command", options->deploy_command, "What deploys the production branch");
  command->add_option("--preview-deploy-command", options->preview_deploy_command,
                      "What uploads other branches");
  command->add_option("--root-directory", options->root_directory, "The folder to build in");
  add_choice(*command, "--previews,!--no-previews", options->previews,
             "Build the other branches too, or the production branch alone");
  add_choice(*command, "--require-version,!--no-require-version", options->require_version,
             "Fail a build whose deploy command uploads no version, or only warn");
  take_one_of(command->add_option("--fork-pull-requests", options->fork_pull_requests,
                                  "Which pull requests from forks are built"),
              {"never", "approve", "without_secrets", "with_secrets"});
  command->add_flag("--second-repository", options->second_repository,
                    "Let this repository deploy the Worker beside the one that does");
  finish_command(*command, context, [&context, options] { return connect(context, *options); });
}

}  // namespace kiln::cli
