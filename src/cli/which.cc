#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <memory>

#include "base/ids.h"
#include "cli/asked_url.h"
#include "cli/commands.h"
#include "cli/deployed.h"
#include "cli/ids.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

std::string details(Style style, const std::string& version, const boost::json::value& build, TimeMs now) {
  const auto meta = [&build](const char* key) {
    return headline(text_at(build, fmt::format("build_trigger_metadata/{}", key)), 200);
  };
  const std::string uuid = headline(text_at(build, "build_uuid"), 36);
  const std::string created = headline(text_at(build, "created_on"), 30);
  const auto row = [](const char* name, Cell cell) {
    return std::vector<Cell>{{name, Colour::dim}, std::move(cell)};
  };
  std::vector<std::vector<Cell>> rows = {
      row("version", {version}),
      row("build", {uuid, Colour::cyan}),
      row("state", state_of(build)),
      row("commit", {meta("commit_hash")}),
      row("message", {meta("commit_message")}),
      row("branch", {meta("branch")}),
      row("author", {meta("author")}),
      row("trigger", {fmt::format("{} ({})", headline(text_at(build, "trigger/trigger_name"), 100),
                                  meta("build_trigger_source"))}),
      row("time", {fmt::format("{} ({})", created, relative_time(created, now))}),
      row("log", {"kiln logs " + uuid})};
  for (const auto& [name, key] :
       {std::pair("preview", "preview_url"), std::pair("alias", "preview_alias_url")}) {
    if (const std::string url = headline(text_at(build, key), 300); !url.empty())
      rows.push_back(row(name, {url}));
  }
  return facts(style, rows);
}

Status which_version(Context& context, Server& server, const Uuid& version) {
  const Result<boost::json::object> builds = builds_of(server, server.builds_path(), {version.str()});
  if (!builds) return tl::unexpected<Error>(builds.error());
  const boost::json::value* build = builds->if_contains(version.str());
  if (context.json) context.out << pretty(*builds);
  if (build == nullptr) {
    return fail(Errc::not_found,
                fmt::format("no build here made version {}: it is unknown, or was uploaded outside any "
                            "build",
                            version.str()));
  }
  if (!context.json) context.out << details(context.style, version.str(), *build, context.clock.now());
  return {};
}

void show_target(Context& context, const boost::json::value& target, const boost::json::object& builds) {
  const std::string version = headline(text_at(target, "version_id"), 36);
  if (const std::string share = percent_words(target); share != "100 %" && share != "?")
    context.out << share << " of requests\n";
  if (const boost::json::value* build = builds.if_contains(version)) {
    context.out << details(context.style, version, *build, context.clock.now());
  } else {
    context.out << facts(context.style, {{{"version", Colour::dim}, {version}},
                                         {{"build", Colour::dim}, {"none: uploaded outside any build"}}});
  }
}

// `record` says what answers now: "versions", one or the several of a gradual deployment.
Status show_targets(Context& context, Server& server, const std::string& builds_path,
                    boost::json::value record) {
  boost::json::value* versions = record.is_object() ? record.get_object().if_contains("versions") : nullptr;
  if (versions == nullptr || !versions->is_array())
    return fail(Errc::corrupt, "the server's answer holds no versions");
  std::vector<std::string> ids;
  for (const boost::json::value& target : versions->get_array()) ids.push_back(text_at(target, "version_id"));
  const Result<boost::json::object> known = builds_of(server, builds_path, ids);
  if (!known) return tl::unexpected<Error>(known.error());
  if (context.json) {
    for (boost::json::value& target : versions->get_array()) {
      const boost::json::value* build = known->if_contains(text_at(target, "version_id"));
      if (target.is_object()) target.get_object()["build"] = build != nullptr ? *build : nullptr;
    }
    context.out << pretty(record);
    return {};
  }
  bool first = true;
  for (const boost::json::value& target : versions->get_array()) {
    if (!first) context.out << "\n";
    first = false;
    show_target(context, target, *known);
  }
  return {};
}

Status which_url(Context& context, Server& server, const AskedUrl& url) {
  const Result<boost::json::value> route = route_of(server, url);
  if (!route) return tl::unexpected<Error>(route.error());
  const std::string account = "/client/v4/accounts/" + url_part(text_at(*route, "account_id"));
  return show_targets(context, server, account + "/builds", *route);
}

// A Worker's, or a version by the beginning of its id, which no Worker is called like.
Status which_named(Context& context, Server& server, const std::string& given) {
  const Result<boost::json::array> deployments = deployments_of(server, given);
  if (deployments && !deployments->empty())
    return show_targets(context, server, server.builds_path(), deployments->front());
  if (deployments) {
    return fail(Errc::not_found, fmt::format("{0} has never been deployed; build it: kiln build {0}",
                                             safe_line(given, false)));
  }
  if (deployments.error().code != Errc::worker_not_found || !may_begin_an_id(given))
    return tl::unexpected<Error>(deployments.error());
  const Result<std::string> version = whole_id(server, kVersionIds, given);
  if (!version) return tl::unexpected<Error>(version.error());
  return which_version(context, server, Uuid::parse(*version).value_or(Uuid{}));
}

Status which(Context& context, const std::string& text) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  if (const auto version = Uuid::parse(text)) return which_version(context, *server, *version);
  if (const auto url = parse_asked(text)) return which_url(context, *server, *url);
  return which_named(context, *server, text);
}

}  // namespace

void add_which(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("which", "Say which build made a version, or what a Worker or a URL answers with");
  const auto version = std::make_shared<std::string>();
  command->add_option("VERSION|WORKER|URL", *version, "A version, a Worker, or where one answers")
      ->required();
  finish_command(*command, context, [&context, version] { return which(context, *version); });
}

}  // namespace kiln::cli
