#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/repository.h"
#include "cli/server.h"
#include "model/clone_url.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

struct ConnectOptions {
  std::string repository;
  std::string worker;
  std::string branch;
  std::string build_command;
  std::string deploy_command;
  std::string preview_deploy_command;
  std::string root_directory;
  std::string fork_pull_requests;
  bool no_previews = false;
  bool require_version = false;
};

json::object body_of(const ConnectOptions& options, const std::string& url) {
  json::object body{{"repo_url", url},
                    {"worker", options.worker},
                    {"previews", !options.no_previews},
                    {"require_version", options.require_version}};
  const auto put = [&body](const char* name, const std::string& value) {
    if (!value.empty()) body[name] = value;
  };
  put("branch", options.branch);
  put("build_command", options.build_command);
  put("deploy_command", options.deploy_command);
  put("preview_deploy_command", options.preview_deploy_command);
  put("root_directory", options.root_directory);
  put("fork_pull_requests", options.fork_pull_requests);
  return body;
}

// Without the password that may have been given in it.
std::string shown_url(const std::string& url) {
  const Result<model::CleanUrl> clean = model::split_credentials(url);
  return clean ? clean->url : std::string();
}

std::string branches_of(const json::value& trigger) {
  const json::object* object = trigger.if_object();
  const json::value* includes = object != nullptr ? object->if_contains("branch_includes") : nullptr;
  std::string words;
  if (includes != nullptr && includes->is_array()) {
    for (const json::value& pattern : includes->get_array()) {
      if (pattern.is_string()) words += (words.empty() ? "" : ", ") + safe_line(pattern.get_string(), false);
    }
  }
  return words;
}

void show(Context& context, const ConnectOptions& options, const std::string& url, const json::value& made) {
  const auto row = [](const char* name, Cell cell) {
    return std::vector<Cell>{{name, Colour::dim}, std::move(cell)};
  };
  std::vector<std::vector<Cell>> rows = {
      row("worker", {headline(text_at(made, "worker/name"), 100), Colour::cyan}),
      row("repository", {safe_line(shown_url(url), false)})};
  const json::object* object = made.if_object();
  const json::value* triggers = object != nullptr ? object->if_contains("triggers") : nullptr;
  if (triggers != nullptr && triggers->is_array()) {
    for (const json::value& trigger : triggers->get_array()) {
      rows.push_back(row(
          "trigger", {fmt::format("{}: {} → {}", headline(text_at(trigger, "trigger_name"), 60),
                                  branches_of(trigger), headline(text_at(trigger, "deploy_command"), 80))}));
    }
  }
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
                        row("  Events", {"just the push event"})});
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
  command->add_option("--branch", options->branch, "The production branch (default: main)");
  command->add_option("--build-command", options->build_command, "What builds it, such as \"npm run build\"");
  command->add_option("--deploy-command", options->deploy_command, "What deploys the production branch");
  command->add_option("--preview-deploy-command", options->preview_deploy_command,
                      "What uploads other branches");
  command->add_option("--root-directory", options->root_directory, "The folder to build in");
  command->add_flag("--no-previews", options->no_previews, "Build the production branch alone");
  command->add_flag("--require-version", options->require_version,
                    "Fail a build whose deploy command uploads no version");
  command->add_option("--fork-pull-requests", options->fork_pull_requests,
                      "Build pull requests from forks: never, without_secrets or with_secrets");
  finish_command(*command, context, [&context, options] { return connect(context, *options); });
}

}  // namespace kiln::cli
