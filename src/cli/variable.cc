// `kiln variable`: what builds find in their environment, of one trigger or of all of a Worker's. Values come
// from standard input or a file, a plain one also with its name; no secret from an argument.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/secret_file.h"
#include "cli/server.h"
#include "cli/triggers_meant.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

struct VariableOptions {
  std::string worker;
  std::string trigger;
  std::string name;  // or NAME=VALUE
  std::string file;
  bool secret = false;
};

struct Meant {
  Server server;
  json::array triggers;
};

Result<Meant> meant_by(Context& context, const VariableOptions& options) {
  if (options.worker.empty() && options.trigger.empty())
    return fail(Errc::invalid, "name whose variables: --worker NAME, or --trigger TRIGGER");
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  if (!options.trigger.empty()) {
    Result<json::value> one = trigger_meant(*server, options.trigger);
    if (!one) return tl::unexpected<Error>(one.error());
    return Meant{*std::move(server), {*std::move(one)}};
  }
  Result<json::array> all = triggers_meant(*server, options.worker);
  if (!all) return tl::unexpected<Error>(all.error());
  return Meant{*std::move(server), *std::move(all)};
}

std::string variables_path(const Server& server, const json::value& trigger) {
  return trigger_path(server, trigger) + "/environment_variables";
}

// Every trigger of the Worker, or "Deploy main of shop" when it is one of several.
std::string whose(const VariableOptions& options, const Meant& meant) {
  if (options.trigger.empty() && meant.triggers.size() > 1)
    return fmt::format("every trigger of {}", safe_line(options.worker, false));
  return trigger_words(meant.triggers.front());
}

Status list_variables(Context& context, const VariableOptions& options) {
  Result<Meant> meant = meant_by(context, options);
  if (!meant) return tl::unexpected<Error>(meant.error());
  std::vector<Row> rows = {heading({"VARIABLE", "VALUE", "TRIGGER", "SET"})};
  json::array all;
  for (const json::value& trigger : meant->triggers) {
    const Result<json::value> variables = meant->server.get(variables_path(meant->server, trigger));
    if (!variables) return tl::unexpected<Error>(variables.error());
    if (!variables->is_object()) return fail(Errc::corrupt, "the server's answer holds no variables");
    all.push_back({{"trigger_uuid", text_at(trigger, "trigger_uuid")},
                   {"trigger_name", text_at(trigger, "trigger_name")},
                   {"variables", *variables}});
    for (const auto& [name, variable] : variables->get_object()) {
      const bool secret = is_true_at(variable, "is_secret");
      rows.push_back({{safe_line(std::string_view(name), false), Colour::cyan},
                      {secret ? "[secret]" : headline(text_at(variable, "value"), 200),
                       secret ? Colour::dim : Colour::none},
                      {headline(text_at(trigger, "trigger_name"), 60)},
                      {relative_time(text_at(variable, "created_on"), context.clock.now()), Colour::dim}});
    }
  }
  if (context.json) {
    context.out << pretty(all);
  } else if (rows.size() == 1) {
    context.err << "no variables; set one: kiln variable set NAME=VALUE --worker NAME\n";
  } else {
    context.out << table(context.style, std::move(rows));
  }
  return {};
}

struct Named {
  std::string name;
  std::string value;
};

Result<Named> named_value(const VariableOptions& options) {
  const std::size_t equals = options.name.find('=');
  if (equals == std::string::npos) {
    Result<std::string> value = value_in(options.file, options.name);
    if (!value) return tl::unexpected<Error>(value.error());
    return Named{options.name, *std::move(value)};
  }
  const Named named{options.name.substr(0, equals), options.name.substr(equals + 1)};
  if (options.secret) {
    return fail(Errc::invalid,
                fmt::format("a secret is not given as an argument, which others can read: kiln "
                            "variable set {} --secret < FILE",
                            safe_line(named.name, false)));
  }
  if (!options.file.empty()) return fail(Errc::invalid, "give the value or --file, not both");
  return named;
}

Status set_variable(Context& context, const VariableOptions& options) {
  const Result<Named> named = named_value(options);
  if (!named) return tl::unexpected<Error>(named.error());
  Result<Meant> meant = meant_by(context, options);
  if (!meant) return tl::unexpected<Error>(meant.error());
  const json::object body{{named->name, {{"is_secret", options.secret}, {"value", named->value}}}};
  json::array all;
  for (const json::value& trigger : meant->triggers) {
    const Result<json::value> set = meant->server.call("PATCH", variables_path(meant->server, trigger), body);
    if (!set) return tl::unexpected<Error>(set.error());
    all.push_back({{"trigger_uuid", text_at(trigger, "trigger_uuid")}, {"variables", *set}});
  }
  if (context.json) {
    context.out << pretty(all);
  } else {
    context.out << fmt::format("set {}{} for builds by {}\n", options.secret ? "the secret " : "",
                               safe_line(named->name, false), whose(options, *meant));
  }
  return {};
}

Status unset_variable(Context& context, const VariableOptions& options) {
  Result<Meant> meant = meant_by(context, options);
  if (!meant) return tl::unexpected<Error>(meant.error());
  std::size_t gone = 0;
  for (const json::value& trigger : meant->triggers) {
    const Result<json::value> done = meant->server.call(
        "DELETE", variables_path(meant->server, trigger) + "/" + url_part(options.name), nullptr);
    if (!done && done.error().code != Errc::not_found) return tl::unexpected<Error>(done.error());
    gone += done ? 1 : 0;
  }
  if (gone == 0) {
    return fail(Errc::not_found,
                fmt::format("{} has no variable {}; `kiln variable list` lists those that there are",
                            whose(options, *meant), safe_line(options.name, false)));
  }
  if (context.json) {
    context.out << pretty(json::object{{"name", options.name}, {"triggers", gone}});
  } else {
    context.out << fmt::format("unset {} for builds by {}\n", safe_line(options.name, false),
                               whose(options, *meant));
  }
  return {};
}

void add_place(CLI::App& command, const std::shared_ptr<VariableOptions>& options) {
  CLI::Option* worker =
      command.add_option("--worker", options->worker, "Of every trigger of this Worker")->type_name("WORKER");
  command
      .add_option("--trigger", options->trigger,
                  "Of this trigger alone, by its id or name, or of a Worker's one")
      ->type_name("TRIGGER")
      ->excludes(worker);
}

}  // namespace

void add_variable(CLI::App& app, Context& context) {
  CLI::App* group =
      app.add_subcommand("variable", "List, set and unset what builds find in their environment");
  group->require_subcommand(1);
  const auto options = std::make_shared<VariableOptions>();
  CLI::App* listing = group->add_subcommand("list", "List variables; a secret's value is never shown");
  add_place(*listing, options);
  finish_command(*listing, context, [&context, options] { return list_variables(context, *options); });
  CLI::App* setting =
      group->add_subcommand("set", "Set one, to what standard input or a file holds, or to VALUE");
  setting->add_option("NAME[=VALUE]", options->name, "Its name; with a value, unless it is secret")
      ->required();
  setting->add_option("--file", options->file, "The value is in this file; - for standard input")
      ->type_name("FILE");
  setting->add_flag("--secret", options->secret, "It is masked in logs and never shown again");
  add_place(*setting, options);
  finish_command(*setting, context, [&context, options] { return set_variable(context, *options); });
  CLI::App* unsetting = group->add_subcommand("unset", "Take one away");
  unsetting->add_option("NAME", options->name, "Its name")->required();
  add_place(*unsetting, options);
  finish_command(*unsetting, context, [&context, options] { return unset_variable(context, *options); });
}

}  // namespace kiln::cli
