// `kiln queue`: what runs, what waits, why, and when it may start.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <memory>

#include "base/duration_words.h"
#include "base/time_format.h"
#include "cli/build_rows.h"
#include "cli/commands.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

// "in 2 min 5 s"; "now" of what is due; "?" where nobody can tell.
std::string starts_in(const std::string& rfc3339, TimeMs now) {
  const Result<TimeMs> time = parse_rfc3339(rfc3339);
  if (!time) return "?";
  const TimeMs left = (*time - now) / 1'000 * 1'000;
  return left <= 0 ? "now" : "in " + duration_words(left);
}

std::string ran_for(const json::value& build) {
  const auto duration = number_at(build, "duration_ms");
  return duration ? "runs for " + duration_words(*duration / 1'000 * 1'000) : "starts";
}

Row queue_row(const std::string& place, const json::value& build, const std::string& starts) {
  return {{place},
          {headline(text_at(build, "build_uuid"), 36), Colour::cyan},
          {headline(text_at(build, "worker_name"), 63)},
          {headline(text_at(build, "branch"), 60)},
          {starts, Colour::dim},
          {headline(text_at(build, "commit_message"), 60)}};
}

Status show_queue(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> queue = server->get(server->builds_path() + "/queue");
  if (!queue) return tl::unexpected<Error>(queue.error());
  if (context.json) {
    context.out << pretty(*queue);
    return {};
  }
  const json::array& running = list_at(*queue, "running");
  const json::array& waiting = list_at(*queue, "waiting");
  if (const std::string why = text_at(*queue, "no_builds"); !why.empty())
    context.err << "no runner takes builds: " << safe_line(why, false) << '\n';
  if (running.empty() && waiting.empty()) {
    context.err << fmt::format("nothing runs and nothing waits; {} builds can run at a time\n",
                               number_at(*queue, "slots").value_or(0));
    return {};
  }
  const TimeMs now = context.clock.now();
  std::vector<Row> rows = {heading({"PLACE", "BUILD", "WORKER", "BRANCH", "STARTS", "MESSAGE?"})};
  for (const json::value& build : running) {
    rows.push_back(queue_row("-", build, ran_for(build)));
    add_note(rows, text_at(build, "sentence"));
  }
  for (const json::value& one : waiting) {
    const json::value* build = member(one, "build");
    if (build == nullptr) continue;
    const std::string place = std::to_string(number_at(one, "waiting/position").value_or(0));
    rows.push_back(queue_row(place, *build, starts_in(text_at(one, "waiting/expected_start_on"), now)));
    add_note(rows, text_at(one, "waiting/sentence"));
  }
  context.out << table(context.style, std::move(rows));
  context.out << fmt::format("{} of {} at a time run, {} wait\n", running.size(),
                             number_at(*queue, "slots").value_or(0), waiting.size());
  return {};
}

}  // namespace

void add_queue(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("queue", "Say what runs and what waits: its place, why, and when it may start");
  finish_command(*command, context, [&context] { return show_queue(context); });
}

}  // namespace kiln::cli
