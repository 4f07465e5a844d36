// `kiln workers`: every Worker at a glance: how its last build went, and what is live.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <memory>

#include "cli/build_rows.h"
#include "cli/commands.h"
#include "cli/deployed.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kLiveDigits = 8;

// "9fceb02a of main", "9fceb02a 90 %, 1b2c3d4e 10 %", or "a version without a build".
std::string live_words(const json::value& worker) {
  const json::array& live = list_at(worker, "live");
  if (live.empty()) return "nothing";
  std::string words;
  for (const json::value& version : live) {
    const std::string commit = headline(text_at(version, "commit_hash"), 64).substr(0, kLiveDigits);
    std::string one =
        commit.empty() ? headline(text_at(version, "version_id"), 36).substr(0, kLiveDigits) : commit;
    if (live.size() == 1 && !commit.empty()) one += " of " + headline(text_at(version, "branch"), 60);
    if (live.size() > 1) one += " " + percent_words(version);
    words += (words.empty() ? "" : ", ") + one;
  }
  return words;
}

Status list_workers(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> overview = server->get(server->builds_path() + "/overview");
  if (!overview) return tl::unexpected<Error>(overview.error());
  const json::array& workers = list_at(*overview, "workers");
  if (context.json) {
    context.out << pretty(workers);
    return {};
  }
  if (workers.empty()) {
    context.err << "no Workers yet; connect a repository: kiln connect REPOSITORY --worker NAME\n";
    return {};
  }
  std::vector<Row> rows = {heading({"WORKER", "LAST BUILD", "WHEN", "LIVE", "URL?"})};
  for (const json::value& worker : workers) {
    const json::value* latest = member(worker, "latest_build");
    const bool built = latest != nullptr && latest->is_object();
    const std::string url = text_at(worker, "url");
    rows.push_back(
        {{headline(text_at(worker, "worker_name"), 63), Colour::cyan},
         built ? state_of(*latest)
               : Cell{is_true_at(worker, "connected") ? "none" : "not connected", Colour::dim},
         {built ? relative_time(text_at(*latest, "created_on"), context.clock.now()) : "-", Colour::dim},
         {live_words(worker)},
         {url.empty() ? "-" : headline(url, 200)}});
  }
  context.out << table(context.style, std::move(rows));
  return {};
}

}  // namespace

void add_workers(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("workers", "List Workers: their last build, what is live, and where");
  finish_command(*command, context, [&context] { return list_workers(context); });
}

}  // namespace kiln::cli
