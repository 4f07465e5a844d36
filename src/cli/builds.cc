#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/server.h"
#include "cli/whole_number.h"

namespace kiln::cli {
namespace {

constexpr std::int64_t kLastPage = 1'000'000'000;  // that the server takes

struct ListOptions {
  std::string worker;
  int page = 1;
};

Status list_builds(Context& context, const ListOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  std::string path = fmt::format("{}/builds?page={}", server->own_path(), options.page);
  if (!options.worker.empty()) path += "&worker=" + url_part(options.worker);
  const Result<Listed> listed = server->get_list(path);
  if (!listed) return tl::unexpected<Error>(listed.error());
  const boost::json::value* builds = &listed->items;
  if (context.json) {
    context.out << pretty(*builds);
    return {};
  }
  if (!builds->is_array()) return fail(Errc::corrupt, "the server's answer is no list of builds");
  if (builds->get_array().empty()) {
    context.err << (listed->total > 0
                        ? fmt::format("page {} is past the last one ({})\n", options.page, listed->pages)
                        : "no builds yet; push to a connected repository, or: kiln build WORKER\n");
    return {};
  }
  std::vector<std::vector<Cell>> rows = {builds_heading()};
  for (const boost::json::value& build : builds->get_array())
    rows.push_back(builds_row(build, context.clock.now()));
  context.out << table(context.style, rows);
  return {};
}

}  // namespace

void add_builds(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("builds", "List builds, newest first");
  const auto options = std::make_shared<ListOptions>();
  command->add_option("WORKER", options->worker, "Of this Worker alone");
  command->add_option("--page", options->page, "Older ones: 2, 3, …")
      ->type_name("N")
      ->check(whole_number("a page", 1, kLastPage));
  finish_command(*command, context, [&context, options] { return list_builds(context, *options); });
}

}  // namespace kiln::cli
