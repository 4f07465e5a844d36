// `kiln badge`: the picture of a Worker's latest build for a README, at an address that strangers cannot
// guess.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/server.h"
#include "cli/worker_name.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

struct BadgeOptions {
  std::string worker;
  std::optional<std::string> branch;
  bool on = false;
  bool off = false;
  bool replace = false;
};

void show(Context& context, const std::string& worker, const json::value& badge) {
  if (context.json) {
    context.out << pretty(badge);
    return;
  }
  if (badge.is_null()) {
    context.out << fmt::format(
        "{0} has no badge; whoever is told its address may see how builds end: kiln badge {0} --on\n",
        worker);
    return;
  }
  const std::string branch = text_at(badge, "branch");
  const std::string url = safe_line(text_at(badge, "url"), false);
  context.out << facts(context.style,
                       {{{"picture", Colour::dim}, {url, Colour::cyan}},
                        {{"live", Colour::dim}, {url + "?of=live"}},
                        {{"branch", Colour::dim}, {branch.empty() ? "every" : safe_line(branch, false)}},
                        {{"markdown", Colour::dim}, {safe_line(text_at(badge, "markdown"), false)}}});
}

Status badge(Context& context, const BadgeOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> worker = worker_named(*server, options.worker);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const std::string name = text_at(*worker, "name");
  const std::string path = fmt::format("{}/workers/{}/badge", server->builds_path(), url_part(name));
  if (options.off) {
    const Result<json::value> gone = server->call("DELETE", path, nullptr);
    if (!gone) return tl::unexpected<Error>(gone.error());
    if (context.json) {
      context.out << pretty(*gone);
    } else {
      context.out << fmt::format("The badge of {} is off: its address answers no more.\n",
                                 safe_line(name, false));
    }
    return {};
  }
  json::object body;
  if (options.branch) body["branch"] = *options.branch;
  if (options.replace) body["replace"] = true;
  const bool changes = options.on || !body.empty();
  if (changes && !options.on) {  // what is off is not published by the way
    const Result<json::value> now = server->get(path);
    if (!now) return tl::unexpected<Error>(now.error());
    if (now->is_null())
      return fail(Errc::not_found,
                  fmt::format("{0} has no badge: kiln badge {0} --on makes one", safe_line(name, false)));
  }
  const Result<json::value> shown = changes ? server->call("PUT", path, body) : server->get(path);
  if (!shown) return tl::unexpected<Error>(shown.error());
  show(context, safe_line(name, false), *shown);
  return {};
}

}  // namespace

void add_badge(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("badge", "Show, switch on or off the picture of a Worker's latest build");
  const auto options = std::make_shared<BadgeOptions>();
  command->add_option("WORKER", options->worker, "The Worker's name")->required();
  CLI::Option* off = command->add_flag("--off", options->off, "Its address answers no more");
  command->add_flag("--on", options->on, "Make it, at an address of its own; whoever is told that sees it")
      ->excludes(off);
  command->add_flag("--replace", options->replace, "Give it another address; the one before answers no more")
      ->excludes(off);
  command
      ->add_option("--branch", options->branch,
                   "Whose builds count (default: the production branch; empty: every branch)")
      ->type_name("BRANCH")
      ->excludes(off);
  finish_command(*command, context, [&context, options] { return badge(context, *options); });
}

}  // namespace kiln::cli
