#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <memory>

#include "base/ids.h"
#include "cli/commands.h"
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
  return table(style,
               {row("version", {version}), row("build", {uuid, Colour::cyan}), row("state", state_of(build)),
                row("commit", {meta("commit_hash")}), row("message", {meta("commit_message")}),
                row("branch", {meta("branch")}), row("author", {meta("author")}),
                row("trigger", {fmt::format("{} ({})", headline(text_at(build, "trigger/trigger_name"), 100),
                                            meta("build_trigger_source"))}),
                row("time", {fmt::format("{} ({})", created, relative_time(created, now))}),
                row("log", {"kiln logs " + uuid})});
}

Status which(Context& context, const std::string& text) {
  const std::optional<Uuid> version = Uuid::parse(text);
  if (!version) {
    context.err << "kiln: " << safe_line(text, false) << " is not a version id (8-4-4-4-12 hex digits)\n";
    context.exit_code = kWrongUsage;
    return {};
  }
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<boost::json::value> found =
      server->get(server->builds_path() + "/builds?version_ids=" + version->str());
  if (!found) return tl::unexpected<Error>(found.error());
  const boost::json::object* object = found->if_object();
  const boost::json::value* builds = object != nullptr ? object->if_contains("builds") : nullptr;
  if (builds == nullptr || !builds->is_object())
    return fail(Errc::corrupt, "the server's answer holds no builds");
  const boost::json::value* build = builds->get_object().if_contains(version->str());
  if (context.json) context.out << pretty(*builds);
  if (build == nullptr) {
    return fail(Errc::not_found,
                fmt::format("no build here made version {}: it is unknown, or was uploaded outside any "
                            "build",
                            version->str()));
  }
  if (!context.json) context.out << details(context.style, version->str(), *build, context.clock.now());
  return {};
}

}  // namespace

void add_which(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("which", "Say which build made a version");
  const auto version = std::make_shared<std::string>();
  command->add_option("VERSION_ID", *version, "The Worker version")->required();
  finish_command(*command, context, [&context, version] { return which(context, *version); });
}

}  // namespace kiln::cli
