#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "base/strings.h"
#include "cli/commands.h"
#include "cli/runner_program.h"
#include "cli/server.h"
#include "wire/json.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr int kCheckTimeoutMs = 120'000;

// What kiln-runner found, {"builds_can_run", "rows"}. Errors: Errc::unavailable with its own words.
Result<json::object> ask_runner(Context& context, const std::string& config) {
  ProcessSpec spec;
  spec.argv = runner_arguments("--doctor", context.data_dir / "runner", config);
  spec.environment = own_environment();
  spec.timeout_ms = kCheckTimeoutMs;
  const Result<ProcessEnd> end = context.processes.run(spec);
  if (!end) return tl::unexpected<Error>(end.error());
  const Result<json::value> said = wire::parse_json(end->out);
  if (said && said->is_object() && said->get_object().contains("rows") &&
      said->get_object().at("rows").is_array()) {
    return said->get_object();
  }
  return fail(Errc::unavailable, fmt::format("kiln-runner could not examine this machine: {}",
                                             safe_line(trim(to_valid_utf8(end->err)), false)));
}

// What the server says of itself, one row a subject; one row when there is none.
json::array server_rows(Context& context) {
  json::object row{
      {"name", "server"}, {"state", "ok"}, {"means", "this command line reaches it"}, {"todo", ""}};
  Result<Server> server = Server::find(context);
  const Result<json::value> status =
      server ? server->get("/kiln/v1/status") : Result<json::value>(tl::unexpected<Error>(server.error()));
  if (status) {
    std::string version = text_at(*status, "version");
    if (version.empty()) version = text_at(server->facts(), "version");
    row["found"] = fmt::format("running, version {}", version);
    json::array rows{std::move(row)};
    const Result<json::value> health = server->get("/kiln/v1/health");
    const json::value* told =
        health && health->is_object() ? health->get_object().if_contains("rows") : nullptr;
    if (told != nullptr && told->is_array())
      for (const json::value& one : told->get_array()) rows.push_back(one);
    return rows;
  }
  row["state"] = "missing";
  if (server && server->is_remote()) {
    row["found"] = status.error().message;
    row["means"] = "nothing can be asked of it from here";
    return json::array{std::move(row)};
  }
  const bool absent = status.error().code == Errc::unavailable;
  row["found"] = absent ? fmt::format("none runs on {}", context.data_dir.string()) : status.error().message;
  row["means"] = "pushes are not built; `kiln run` works without a server";
  row["todo"] = fmt::format("kiln serve --data-dir {}", shell_quote(context.data_dir.string()));
  return json::array{std::move(row)};
}

Cell state_cell(const std::string& state) {
  if (state == "ok") return {state, Colour::green};
  return {safe_line(state, false), state == "limited" ? Colour::yellow : Colour::red};
}

void show(Context& context, const json::object& found) {
  for (const json::value& row : found.at("rows").get_array()) {
    const std::string state = text_at(row, "state");
    const Cell cell = state_cell(state);
    std::string line = fmt::format("{:<8}{:<20}", cell.text, text_at(row, "name"));
    line.replace(0, cell.text.size(), paint(context.style, cell.colour, cell.text));
    line += safe_line(text_at(row, "found"), false);
    if (const std::string means = text_at(row, "means"); !means.empty())
      line += " — " + safe_line(means, false);
    if (const std::string todo = text_at(row, "todo"); state != "ok" && !todo.empty())
      line += ". To do: " + safe_line(todo, false);
    context.out << line << '\n';
  }
}

// The same of the server's machine, which the server examines itself. Errors: those of the server; it answers
// administrators.
Result<json::object> ask_server(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  Result<json::value> found = server->get("/kiln/v1/doctor");
  if (!found) return tl::unexpected<Error>(found.error());
  if (found->is_object() && !list_at(*found, "rows").empty()) return std::move(found->get_object());
  return fail(Errc::unavailable, "the server's answer holds no findings");
}

// This machine, and the server as it is seen from here.
Result<json::object> ask_here(Context& context, const std::string& config) {
  Result<json::object> found = ask_runner(context, config);
  if (!found) return found;
  json::array& rows = found->at("rows").get_array();
  for (json::value& row : server_rows(context)) rows.push_back(std::move(row));
  return found;
}

struct DoctorOptions {
  std::string config;
  bool server = false;
};

Status examine(Context& context, const DoctorOptions& options) {
  const Result<json::object> found = options.server ? ask_server(context) : ask_here(context, options.config);
  if (!found) return tl::unexpected<Error>(found.error());
  const json::value* can = found->if_contains("builds_can_run");
  const bool builds = can != nullptr && can->is_bool() && can->get_bool();
  if (!builds) context.exit_code = kFailed;
  if (context.json) {
    context.out << pretty(*found);
    return {};
  }
  show(context, *found);
  context.out << fmt::format("Builds {} run on {} machine.\n", builds ? "can" : "cannot",
                             options.server ? "the server's" : "this");
  return {};
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("doctor", "Say what this machine can and cannot do for builds");
  const auto options = std::make_shared<DoctorOptions>();
  CLI::Option* config =
      command->add_option("--config", options->config, "The server's settings")->type_name("FILE.toml");
  command->add_flag("--server", options->server, "The server's machine, examined by the server itself")
      ->excludes(config);
  finish_command(*command, context, [&context, options] { return examine(context, *options); });
}

}  // namespace kiln::cli
