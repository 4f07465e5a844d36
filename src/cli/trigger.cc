// `kiln trigger`: what a push builds and how, looked at, changed, held back and taken away.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <optional>

#include "cli/choice.h"
#include "cli/commands.h"
#include "cli/server.h"
#include "cli/triggers_meant.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

using Words = std::optional<std::string>;

// A list that takes the place of the one before, when its option is given.
struct Patterns {
  std::vector<std::string> values;
  const CLI::Option* option = nullptr;
};

// What is given is changed.
struct TriggerChange {
  std::string trigger;
  Words name;
  Words build_command;
  Words deploy_command;
  Words root_directory;
  Patterns branch_includes;
  Patterns branch_excludes;
  Patterns path_includes;
  Patterns path_excludes;
  std::optional<bool> cache;
  std::optional<bool> require_version;
  Words fork_pull_requests;
};

Cell state_of_trigger(const json::value& trigger) {
  if (is_true_at(trigger, "paused")) return {"paused", Colour::yellow};
  return {"active", Colour::green};
}

std::string repository_words(const json::value& trigger) {
  return headline(text_at(trigger, "repo_connection/provider_account_name") + "/" +
                      text_at(trigger, "repo_connection/repo_name"),
                  80);
}

// "main, release/* but not x-*".
std::string pattern_words(const json::value& trigger, const char* includes, const char* excludes) {
  const std::string taken = joined(list_at(trigger, includes));
  const std::string left = joined(list_at(trigger, excludes));
  return (taken.empty() ? "none" : taken) + (left.empty() ? "" : " but not " + left);
}

Status list_triggers(Context& context, const std::string& worker) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::array> found = worker.empty() ? all_triggers(*server) : triggers_meant(*server, worker);
  if (!found) return tl::unexpected<Error>(found.error());
  if (context.json) {
    context.out << pretty(*found);
    return {};
  }
  if (found->empty()) {
    context.err << "no triggers yet; connect a repository: kiln connect REPOSITORY --worker NAME\n";
    return {};
  }
  std::vector<Row> rows = {heading({"TRIGGER", "WORKER", "NAME", "STATE", "BRANCHES", "DEPLOYS BY?"})};
  for (const json::value& one : *found) {
    rows.push_back({{headline(text_at(one, "trigger_uuid"), 36), Colour::cyan},
                    {headline(text_at(one, "worker_name"), 63)},
                    {headline(text_at(one, "trigger_name"), 60)},
                    state_of_trigger(one),
                    {pattern_words(one, "branch_includes", "branch_excludes")},
                    {headline(text_at(one, "deploy_command"), 60)}});
  }
  context.out << table(context.style, std::move(rows));
  return {};
}

std::string on_off(const json::value& trigger, const char* field) {
  return is_true_at(trigger, field) ? "yes" : "no";
}

void print_trigger(Context& context, const json::value& trigger) {
  const auto row = [](const char* name, Cell cell) { return Row{{name, Colour::dim}, std::move(cell)}; };
  const auto text = [&](const char* field) { return headline(text_at(trigger, field), 2'000); };
  const std::string build = text("build_command");
  context.out << facts(
      context.style,
      {row("trigger", {text("trigger_uuid"), Colour::cyan}), row("name", {text("trigger_name")}),
       row("worker", {text("worker_name")}), row("state", state_of_trigger(trigger)),
       row("repository", {repository_words(trigger)}),
       row("branches", {pattern_words(trigger, "branch_includes", "branch_excludes")}),
       row("paths", {pattern_words(trigger, "path_includes", "path_excludes")}),
       row("folder", {text("root_directory")}), row("builds by", {build.empty() ? "nothing" : build}),
       row("deploys by", {text("deploy_command")}),
       row("build cache", {on_off(trigger, "build_caching_enabled")}),
       row("must upload", {on_off(trigger, "require_version")}),
       row("forks' pulls", {text("fork_pull_requests")}), row("build token", {text("build_token_name")})});
}

Status show_triggers(Context& context, const std::string& given) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::array> found = triggers_meant(*server, given);
  if (!found) return tl::unexpected<Error>(found.error());
  if (context.json) {
    context.out << pretty(*found);
    return {};
  }
  for (std::size_t i = 0; i < found->size(); ++i) {
    if (i > 0) context.out << '\n';
    print_trigger(context, (*found)[i]);
  }
  return {};
}

json::object change_body(const TriggerChange& change) {
  json::object body;
  const auto put = [&body](const char* field, const auto& value) {
    if (value) body[field] = json::value(*value);
  };
  const auto put_list = [&body](const char* field, const Patterns& list) {
    if (list.option == nullptr || list.option->count() == 0) return;
    json::array& patterns = body[field].emplace_array();
    for (const std::string& pattern : list.values) {
      if (!pattern.empty()) patterns.emplace_back(pattern);  // "" takes the last one away
    }
  };
  put("trigger_name", change.name);
  put("build_command", change.build_command);
  put("deploy_command", change.deploy_command);
  put("root_directory", change.root_directory);
  put_list("branch_includes", change.branch_includes);
  put_list("branch_excludes", change.branch_excludes);
  put_list("path_includes", change.path_includes);
  put_list("path_excludes", change.path_excludes);
  put("build_caching_enabled", change.cache);
  put("require_version", change.require_version);
  put("fork_pull_requests", change.fork_pull_requests);
  return body;
}

Status set_trigger(Context& context, const TriggerChange& change) {
  const json::object body = change_body(change);
  if (body.empty())
    return fail(Errc::invalid, "say what to change; kiln help trigger set names what there is");
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> trigger = trigger_meant(*server, change.trigger);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  Result<json::value> changed = server->call("PATCH", trigger_path(*server, *trigger), body);
  if (!changed) return tl::unexpected<Error>(changed.error());
  if (changed->is_object()) changed->get_object()["worker_name"] = text_at(*trigger, "worker_name");
  if (context.json) {
    context.out << pretty(*changed);
  } else {
    print_trigger(context, *changed);
  }
  return {};
}

Status pause_triggers(Context& context, const std::string& given, bool paused) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::array> found = triggers_meant(*server, given);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array all;
  for (const json::value& trigger : *found) {
    const Result<json::value> changed =
        server->call("PATCH", trigger_path(*server, trigger), json::object{{"paused", paused}});
    if (!changed) return tl::unexpected<Error>(changed.error());
    all.push_back(*changed);
    if (!context.json) context.out << (paused ? "paused " : "resumed ") << trigger_words(trigger) << '\n';
  }
  if (context.json) context.out << pretty(all);
  if (paused && !context.json)
    context.out << "pushes build nothing by it until kiln trigger resume; kiln build still does\n";
  return {};
}

Status delete_trigger(Context& context, const std::string& given) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> trigger = trigger_meant(*server, given);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  const Result<json::value> gone = server->call("DELETE", trigger_path(*server, *trigger), nullptr);
  if (!gone) return tl::unexpected<Error>(gone.error());
  if (context.json) {
    context.out << pretty(
        json::object{{"trigger_uuid", text_at(*trigger, "trigger_uuid")}, {"deleted", true}});
  } else {
    context.out << "deleted " << trigger_words(*trigger) << '\n';
  }
  return {};
}

void add_set(CLI::App& group, Context& context) {
  CLI::App* setting = group.add_subcommand("set", "Change what a trigger builds, and how");
  const auto change = std::make_shared<TriggerChange>();
  setting->add_option("TRIGGER", change->trigger, "Its id, its name, or the Worker when that has one")
      ->required();
  const auto add = [setting](const char* name, auto& value, const char* type, const char* about) {
    return setting->add_option(name, value, about)->type_name(type);
  };
  add("--name", change->name, "NAME", "What it is called");
  add("--build-command", change->build_command, "COMMAND", "What builds it; \"\" for nothing");
  add("--deploy-command", change->deploy_command, "COMMAND", "What deploys it");
  add("--root-directory", change->root_directory, "DIR", "The folder to build in");
  const auto list = [&add](const char* name, Patterns& value, const char* about) {
    value.option = add(name, value.values, "PATTERN", about)->allow_extra_args(false);
  };
  list("--branch", change->branch_includes, "Branches to build, in place of those before; may be repeated");
  list("--not-branch", change->branch_excludes, "Branches to leave out; may be repeated");
  list("--path", change->path_includes, "Files whose changes are built; may be repeated");
  list("--not-path", change->path_excludes, "Files that do not count; may be repeated");
  add_choice(*setting, "--cache,!--no-cache", change->cache, "Keep a build cache, or none");
  add_choice(*setting, "--require-version,!--no-require-version", change->require_version,
             "Fail a build that uploads no version, or only warn");
  take_one_of(setting->add_option("--fork-pull-requests", change->fork_pull_requests,
                                  "Which pull requests from forks are built"),
              {"never", "approve", "without_secrets", "with_secrets"});
  finish_command(*setting, context, [&context, change] { return set_trigger(context, *change); });
}

}  // namespace

void add_trigger(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("trigger", "List, change, pause and delete what pushes build");
  group->require_subcommand(1);
  const auto given = std::make_shared<std::string>();
  CLI::App* listing = group->add_subcommand("list", "List triggers, and the branches that they build");
  listing->add_option("WORKER", *given, "Of this Worker alone");
  finish_command(*listing, context, [&context, given] { return list_triggers(context, *given); });
  CLI::App* showing = group->add_subcommand("show", "Show all that is set of a trigger");
  showing->add_option("TRIGGER|WORKER", *given, "Its id, its name, or a Worker: all of its")->required();
  finish_command(*showing, context, [&context, given] { return show_triggers(context, *given); });
  add_set(*group, context);
  CLI::App* pausing =
      group->add_subcommand("pause", "Let pushes, pull requests and deploy hooks build nothing by it");
  pausing->add_option("TRIGGER|WORKER", *given, "Its id, its name, or a Worker: all of its")->required();
  finish_command(*pausing, context, [&context, given] { return pause_triggers(context, *given, true); });
  CLI::App* resuming = group->add_subcommand("resume", "Let pushes build by it again");
  resuming->add_option("TRIGGER|WORKER", *given, "Its id, its name, or a Worker: all of its")->required();
  finish_command(*resuming, context, [&context, given] { return pause_triggers(context, *given, false); });
  CLI::App* deleting = group->add_subcommand("delete", "Delete a trigger with its variables; builds stay");
  deleting->add_option("TRIGGER", *given, "Its id, its name, or the Worker when that has one")->required();
  finish_command(*deleting, context, [&context, given] { return delete_trigger(context, *given); });
}

}  // namespace kiln::cli
