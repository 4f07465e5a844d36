// `kiln rollback` and `kiln promote`: which version of a Worker answers.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/deployed.h"
#include "cli/ids.h"
#include "cli/server.h"
#include "cli/whole_number.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr int kWhole = 100;

struct DeployOptions {
  std::string worker;
  std::string version;
  std::string message;
  int percentage = kWhole;
  bool force = false;
};

// The version that answers every request, if one does.
std::string only_version(const json::value& deployment) {
  const json::array& targets = list_at(deployment, "versions");
  return targets.size() == 1 ? text_at(targets.front(), "version_id") : std::string();
}

// The last one before what is live now that answered every request.
Result<std::string> version_before(const json::array& deployments, const std::string& worker) {
  if (!deployments.empty()) {
    const std::string now = only_version(deployments.front());
    for (std::size_t i = 1; i < deployments.size(); ++i) {
      const std::string one = only_version(deployments[i]);
      if (!one.empty() && one != now) return one;
    }
  }
  return fail(Errc::not_found,
              fmt::format("no other version of {0} was live before; kiln versions {0} shows what there is to "
                          "name",
                          safe_line(worker, false)));
}

Status show_deployed(Context& context, const std::string& worker, const std::string& before,
                     const json::value& made) {
  if (context.json) {
    context.out << pretty(made);
    return {};
  }
  context.out << fmt::format("{} answers with {} (before: {})\n", safe_line(worker, false),
                             targets_words(list_at(made, "versions")), before);
  return {};
}

Status deploy(Context& context, Server& server, const DeployOptions& options, const json::array& targets,
              const std::string& before) {
  json::object body{{"strategy", "percentage"}, {"versions", targets}};
  if (!options.message.empty()) body["annotations"] = json::object{{"workers/message", options.message}};
  const Result<json::value> made = server.call(
      "POST", script_path(server, options.worker, "deployments") + (options.force ? "?force=true" : ""),
      body);
  if (!made) return tl::unexpected<Error>(made.error());
  return show_deployed(context, options.worker, before, *made);
}

std::string live_now(const json::array& deployments) {
  return deployments.empty() ? "nothing" : targets_words(list_at(deployments.front(), "versions"));
}

Status roll_back(Context& context, const DeployOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::array> deployments = deployments_of(*server, options.worker);
  if (!deployments) return tl::unexpected<Error>(deployments.error());
  Result<std::string> version = options.version.empty() ? version_before(*deployments, options.worker)
                                                        : whole_id(*server, kVersionIds, options.version);
  if (!version) return tl::unexpected<Error>(version.error());
  return deploy(context, *server, options, {{{"version_id", *version}, {"percentage", kWhole}}},
                live_now(*deployments));
}

// The rest of the requests stays with the one version that answers now.
Result<json::array> shared_with(const json::array& deployments, const std::string& version, int percentage) {
  json::array targets{{{"version_id", version}, {"percentage", percentage}}};
  if (percentage == kWhole) return targets;
  std::string other;
  if (!deployments.empty()) {
    for (const json::value& target : list_at(deployments.front(), "versions")) {
      const std::string id = text_at(target, "version_id");
      if (id != version && !other.empty())
        return fail(Errc::conflict, "two other versions answer now; promote one of them first");
      if (id != version) other = id;
    }
  }
  if (other.empty()) return fail(Errc::conflict, "no other version answers now that the rest could go to");
  targets.push_back({{"version_id", other}, {"percentage", kWhole - percentage}});
  return targets;
}

Status promote(Context& context, DeployOptions options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  // A whole id is looked up too, since its Worker is wanted.
  const Result<FoundId> version = find_id(*server, kVersionIds, options.version);
  if (!version) return tl::unexpected<Error>(version.error());
  options.worker = version->worker_name;
  const Result<json::array> deployments = deployments_of(*server, options.worker);
  if (!deployments) return tl::unexpected<Error>(deployments.error());
  const Result<json::array> targets = shared_with(*deployments, version->id, options.percentage);
  if (!targets) return tl::unexpected<Error>(targets.error());
  return deploy(context, *server, options, *targets, live_now(*deployments));
}

void add_deploying(CLI::App& command, const std::shared_ptr<DeployOptions>& options) {
  command.add_option("--message", options->message, "Why, for kiln deployments")->type_name("TEXT");
  command.add_flag("--force", options->force, "Even when its secrets have been changed since");
}

}  // namespace

void add_rollback(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("rollback", "Let a Worker answer with the version before, or with another");
  const auto options = std::make_shared<DeployOptions>();
  command->add_option("WORKER", options->worker, "The Worker")->required();
  command->add_option("VERSION", options->version, "The version (default: the last that was live before)");
  add_deploying(*command, options);
  finish_command(*command, context, [&context, options] { return roll_back(context, *options); });
}

void add_promote(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("promote", "Let a version answer its Worker's requests");
  const auto options = std::make_shared<DeployOptions>();
  command->add_option("VERSION", options->version, "The version, such as a preview's")->required();
  command->add_option("--percentage", options->percentage, "Of the requests; the rest goes where all go now")
      ->type_name("N")
      ->check(whole_number("the share", 1, kWhole));
  add_deploying(*command, options);
  finish_command(*command, context, [&context, options] { return promote(context, *options); });
}

}  // namespace kiln::cli
