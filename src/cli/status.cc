#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "cli/commands.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

Status show(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  Result<boost::json::value> status = server->get("/kiln/v1/status");
  if (!status) return tl::unexpected<Error>(status.error());
  // What the server leaves out, its file in the data directory has.
  if (boost::json::object* object = status->if_object(); object != nullptr && server->facts().is_object()) {
    for (const auto& [key, value] : server->facts().get_object()) object->emplace(key, value);
  }
  if (context.json) {
    context.out << pretty(*status);
    return {};
  }
  std::vector<std::vector<Cell>> rows = {{{"server", Colour::dim}, {"running", Colour::green}}};
  if (auto* object = status->if_object(); object != nullptr) {
    if (const std::string why = text_at(*status, "no_builds"); !why.empty()) {
      rows.push_back(
          {{"builds", Colour::dim}, {"no runner takes any: " + safe_line(why, false), Colour::red}});
      object->erase("no_builds");
      object->erase("paused_runners");
    }
    if (!server->is_remote()) object->emplace("data_dir", context.data_dir.string());
    for (const auto& [key, value] : *object) {
      const std::string words =
          value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
      rows.push_back({{safe_line(std::string_view(key), false), Colour::dim}, {headline(words, 200)}});
    }
  }
  context.out << facts(context.style, rows);
  return {};
}

}  // namespace

void add_status(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("status", "Say whether a server runs, and where");
  finish_command(*command, context, [&context] { return show(context); });
}

}  // namespace kiln::cli
