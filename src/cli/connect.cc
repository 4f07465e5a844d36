#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>
#include <memory>
#include <optional>

#include "cli/commands.h"
#include "cli/repository.h"
#include "cli/server.h"
#include "model/clone_url.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

// What is not named stays as it is (api: connect).
struct ConnectOptions {
  std::string repository;
  std::string worker;
  std::optional<std::string> branch;
  std::optional<std::string> build_command;
  std::optional<std::string> deploy_command;
  std::optional<std::string> preview_deploy_command;
  std::optional<std::string> root_directory;
  std::optional<std::string> fork_pull_requests;
  std::optional<bool> previews;
  std::optional<bool> require_version;
  bool second_repository = false;
};

json::object body_of(const ConnectOptions& options, const std::string& url) {
  json::object body{
      {"repo_url", url}, {"worker", options.worker}, {"second_repository", options.second_repository}};
  const auto put = [&body](const char* name, const auto& value) {
    if (value) body[name] = json::value_from(*value);
  };
  put("branch", options.branch);
  put("build_command", options.build_command);
  put("deploy_command", options.deploy_command);
  put("preview_deploy_command", options.preview_deploy_command);
  put("root_directory", options.root_directory);
  put("fork_pull_requests", options.fork_pull_requests);
  put("previews", options.previews);
  put("require_version", options.require_version);
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

void show(Context& context, const ConnectOptions& options, const std::string& url, const json::value& made) {
  const json::array& changes = list_at(made, "changes");
  std::vector<std::vector<Cell>> news;
  for (const json::value& change : changes)
    news.push_back(row("changed", {change_words(change), Colour::green}));
  if (changes.empty()) news.push_back(row("changed", {"nothing; what stands is below"}));
  context.out << table(context.style, news) << "\n";
  for (const json::value& note : list_at(made, "notes")) {
    if (note.is_string()) context.out << safe_line(note.get_string(), false) << "\n\n";
  }
  std::vector<std::vector<Cell>> rows = {
      row("worker", {headline(text_at(made, "worker/name"), 100), Colour::cyan}),
      row("repository", {safe_line(shown_url(url), false)})};
  for (const json::value& trigger : list_at(made, "triggers")) add_trigger(rows, trigger);
  if (text_at(made, "hook/kind") == "git") {
    rows.push_back(row("hook", {"post-receive installed", Colour::green}));
    context.out << table(context.style, rows);
    context.out << fmt::format("\nPush to it, or build now: kiln build {} --follow\n", options.worker);
    return;
  }
  context.out << table(context.style, rows)
              << "\nAdd a webhook at the repository's host (on GitHub: Settings → Webhooks):\n"
              << table(context.style,
                       {row("  Payload URL", {safe_line(text_at(made, "hook/url"), false), Colour::cyan}),
                        row("  Content type", {"application/json"}),
                        row("  Secret", {safe_line(text_at(made, "hook/secret"), false)}),
                        row("  Events", {"pushes and pull requests"})});
}

// A flag and its contrary, of which the last one counts; nothing while neither is given.
void add_choice(CLI::App& command, const char* names, std::optional<bool>& choice, const char* about) {
  command.add_flag_function(
      names, [&choice](std::int64_t count) { choice = count > 0; }, about);
}

Status connect(Context& context, const ConnectOptions& options) {
  const Result<std::string> url = repository_url(options.repository);
  if (!url) return tl::unexpected<Error>(url.error());
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> made =
      server->call("POST", server->own_path() + "/connect", body_of(options, *url));
  if (!made) return tl::unexpected<Error>(made.error());
  if (text_at(*made, "hook/kind") == "git") {
    const scm::HookAddress address{text_at(*made, "hook/url"), text_at(*made, "hook/secret")};
    if (Status installed = install_hook(context.processes, *url, address); !installed) return installed;
  }
  if (context.json) {
    context.out << pretty(*made);
  } else {
    show(context, options, *url, *made);
  }
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
  command->add_option("--worker", options->worker, "The Worker's name; made when it is new")->required();
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
  command->add_option("--fork-pull-requests", options->fork_pull_requests,
                      "Build pull requests from forks: never, without_secrets or with_secrets");
  command->add_flag("--second-repository", options->second_repository,
                    "Let this repository deploy the Worker beside the one that does");
  finish_command(*command, context, [&context, options] { return connect(context, *options); });
}

}  // namespace kiln::cli
