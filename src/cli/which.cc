#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <memory>

#include "base/ids.h"
#include "cli/commands.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

struct AskedUrl {
  std::string scheme;  // "https" or whatever stood there
  std::string host;
  std::string target;  // path and query
};

// Of a URL, or of one without its scheme that has a dot in its host.
std::optional<AskedUrl> parse_asked(std::string_view url) {
  AskedUrl asked;
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    asked.scheme = url.substr(0, scheme);
    url.remove_prefix(scheme + 3);
  }
  url = url.substr(0, url.find('#'));
  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  asked.host = url.substr(0, end);
  asked.target = url.substr(end);
  if (!asked.target.starts_with('/')) asked.target.insert(0, "/");
  if (asked.host.find('.') == std::string::npos || asked.host.find('@') != std::string::npos)
    return std::nullopt;
  return asked;
}

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
  return table(style, rows);
}

// The account's builds of those versions, by version id.
Result<boost::json::value> builds_of(Server& server, const std::string& account_path,
                                     const std::string& version_ids) {
  Result<boost::json::value> found = server.get(account_path + "/builds?version_ids=" + version_ids);
  if (!found) return found;
  const boost::json::object* object = found->if_object();
  const boost::json::value* builds = object != nullptr ? object->if_contains("builds") : nullptr;
  if (builds == nullptr || !builds->is_object())
    return fail(Errc::corrupt, "the server's answer holds no builds");
  return *builds;
}

Status which_version(Context& context, Server& server, const Uuid& version) {
  const Result<boost::json::value> builds = builds_of(server, server.builds_path(), version.str());
  if (!builds) return tl::unexpected<Error>(builds.error());
  const boost::json::value* build = builds->get_object().if_contains(version.str());
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
  const boost::json::value* share =
      target.is_object() ? target.get_object().if_contains("percentage") : nullptr;
  if (share != nullptr && share->is_number() && share->to_number<double>() != 100) {
    context.out << fmt::format("{} % of requests\n", share->to_number<double>());
  }
  if (const boost::json::value* build = builds.if_contains(version)) {
    context.out << details(context.style, version, *build, context.clock.now());
  } else {
    context.out << table(context.style, {{{"version", Colour::dim}, {version}},
                                         {{"build", Colour::dim}, {"none: uploaded outside any build"}}});
  }
}

// What answers at the URL now: one version, or the several of a gradual deployment.
Status which_url(Context& context, Server& server, const AskedUrl& url) {
  const Result<boost::json::value> route =
      server.get(fmt::format("/kiln/v1/route?host={}&target={}&scheme={}", url_part(url.host),
                             url_part(url.target), url_part(url.scheme)));
  if (!route) return tl::unexpected<Error>(route.error());
  const boost::json::object* found = route->if_object();
  const boost::json::value* versions = found != nullptr ? found->if_contains("versions") : nullptr;
  if (versions == nullptr || !versions->is_array())
    return fail(Errc::corrupt, "the server's answer holds no versions");
  std::string ids;
  for (const boost::json::value& target : versions->get_array()) {
    ids += (ids.empty() ? "" : ",") + text_at(target, "version_id");
  }
  const std::string account = "/client/v4/accounts/" + url_part(text_at(*route, "account_id"));
  const Result<boost::json::value> builds = builds_of(server, account + "/builds", ids);
  if (!builds) return tl::unexpected<Error>(builds.error());
  const boost::json::object& known = builds->get_object();
  if (context.json) {
    boost::json::value out = *route;
    for (boost::json::value& target : out.at("versions").as_array()) {
      const boost::json::value* build = known.if_contains(text_at(target, "version_id"));
      target.as_object()["build"] = build != nullptr ? *build : nullptr;
    }
    context.out << pretty(out);
    return {};
  }
  bool first = true;
  for (const boost::json::value& target : versions->get_array()) {
    if (!first) context.out << "\n";
    first = false;
    show_target(context, target, known);
  }
  return {};
}

Status which(Context& context, const std::string& text) {
  const std::optional<Uuid> version = Uuid::parse(text);
  const std::optional<AskedUrl> url = version ? std::nullopt : parse_asked(text);
  if (!version && !url) {
    context.err << "kiln: " << safe_line(text, false)
                << " is neither a version id (8-4-4-4-12 hex digits) nor a Worker's URL\n";
    context.exit_code = kWrongUsage;
    return {};
  }
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  return version ? which_version(context, *server, *version) : which_url(context, *server, *url);
}

}  // namespace

void add_which(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("which", "Say which build made a version, or what answers at a URL");
  const auto version = std::make_shared<std::string>();
  command->add_option("VERSION_ID|URL", *version, "The Worker version, or where a Worker answers")
      ->required();
  finish_command(*command, context, [&context, version] { return which(context, *version); });
}

}  // namespace kiln::cli
