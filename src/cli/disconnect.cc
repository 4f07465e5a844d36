// `kiln disconnect`: pushes build nothing any more, and the hook that reported them goes.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <set>

#include "cli/commands.h"
#include "cli/repository.h"
#include "cli/repository_meant.h"
#include "cli/server.h"
#include "cli/triggers_meant.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

// A connection, of which one Worker's triggers go; without a Worker all.
struct Connected {
  std::string connection;
  std::string worker_tag;
};

// A Worker's name is meant before a repository's, since less goes with it.
Result<std::vector<Connected>> meant_by(Server& server, const std::string& given) {
  const Result<json::array> all = all_triggers(server);
  if (!all) return tl::unexpected<Error>(all.error());
  std::vector<Connected> found;
  std::set<std::string> seen;
  for (const json::value& trigger : *all) {
    const std::string connection = text_at(trigger, "repo_connection/repo_connection_uuid");
    if (text_at(trigger, "worker_name") == given && seen.insert(connection).second)
      found.push_back({connection, text_at(trigger, "external_script_id")});
  }
  if (!found.empty()) return found;
  const Result<json::value> repository = find_repository(server, given);
  if (!repository) return tl::unexpected<Error>(repository.error());
  return std::vector<Connected>{{text_at(*repository, "repo_connection_uuid"), ""}};
}

void show_disconnected(Context& context, const json::value& done) {
  for (const json::value& trigger : list_at(done, "triggers"))
    context.out << "deleted " << trigger_words(trigger) << '\n';
  context.out << (is_true_at(done, "connection_deleted")
                      ? "the repository is disconnected; builds and versions stay\n"
                      : "the repository stays connected, since other Workers are built from it\n");
  for (const json::value& note : list_at(done, "notes")) {
    if (note.is_string()) context.out << safe_line(note.get_string(), false) << '\n';
  }
}

// Takes away what stands in the repository itself.
Status take_hook_back(Context& context, const json::value& done) {
  const std::string url = text_at(done, "hook_left/clone_url");
  if (url.empty() || is_web_url(url)) return {};
  const Status removed = remove_hook(context.processes, url, text_at(done, "hook_left/hook_path"));
  if (removed && !context.json) context.out << "its post-receive hook is removed\n";
  return removed;
}

Status disconnect(Context& context, const std::string& given) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<std::vector<Connected>> meant = meant_by(*server, given);
  if (!meant) return tl::unexpected<Error>(meant.error());
  json::array all;
  Status hooks;
  for (const auto& [connection, worker_tag] : *meant) {
    json::object body;
    if (!worker_tag.empty()) body["script_tag"] = worker_tag;
    const Result<json::value> done = server->call(
        "POST",
        fmt::format("{}/repos/connections/{}/disconnect", server->builds_path(), url_part(connection)), body);
    if (!done) return tl::unexpected<Error>(done.error());
    all.push_back(*done);
    if (!context.json) show_disconnected(context, *done);
    if (Status removed = take_hook_back(context, *done); !removed) hooks = removed;
  }
  if (context.json) context.out << pretty(all);
  return hooks;
}

}  // namespace

void add_disconnect(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("disconnect", "Disconnect a repository, or a Worker from it, with the hook");
  const auto given = std::make_shared<std::string>();
  command
      ->add_option("WORKER|REPOSITORY", *given,
                   "A Worker, or a repository by its address, OWNER/NAME or id: all its Workers")
      ->required();
  finish_command(*command, context, [&context, given] { return disconnect(context, *given); });
}

}  // namespace kiln::cli
