// `kiln builds`: the account's builds, by what somebody remembers of one.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <memory>

#include "base/time_format.h"
#include "cli/build_rows.h"
#include "cli/choice.h"
#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/server.h"
#include "cli/whole_number.h"
#include "cli/worker_name.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostBuildsShown = 10'000;
constexpr std::int64_t kLastPage = 1'000'000;
constexpr std::size_t kBuildsAtOnce = 200;  // the most that the server gives

struct ListOptions {
  std::string worker;
  std::string branch;
  std::string status;
  std::string outcome;
  std::string author;
  std::string commit;
  std::string since;
  std::size_t limit = 50;
  std::size_t page = 1;
};

// "2h", "7d", or a time of RFC 3339, or its date alone.
Result<std::string> since_of(const std::string& text, TimeMs now) {
  if (const auto ago = parse_duration(text, "smhd")) return format_rfc3339(now - *ago);
  constexpr std::size_t date = 10;
  const std::string whole = text.size() == date ? text + "T00:00:00Z" : text;
  if (const Result<TimeMs> time = parse_rfc3339(whole)) return format_rfc3339(*time);
  return fail(
      Errc::invalid,
      fmt::format("--since {}: give a time span such as 30m, 12h or 7d, a date such as 2026-11-30, or "
                  "a UTC time such as 2026-11-30T08:00:00Z",
                  safe_line(text, false)));
}

Result<std::string> question(Context& context, Server& server, const ListOptions& options) {
  std::string query;
  const auto add = [&query](const char* name, const std::string& value) {
    if (!value.empty()) query += fmt::format("&{}={}", name, url_part(value));
  };
  if (!options.worker.empty()) {
    const Result<json::value> worker = worker_named(server, options.worker);
    if (!worker) return tl::unexpected<Error>(worker.error());
    add("script_tag", text_at(*worker, "id"));
  }
  if (context.json) add("whole", "true");
  add("branch", options.branch);
  add("status", options.status);
  add("outcome", options.outcome);
  add("author", options.author);
  add("commit", options.commit);
  if (!options.since.empty()) {
    const Result<std::string> since = since_of(options.since, context.clock.now());
    if (!since) return since;
    add("since", *since);
  }
  return query;
}

// Whether nothing is asked of the builds.
bool is_any(const ListOptions& options) {
  return options.worker.empty() && options.branch.empty() && options.status.empty() &&
         options.outcome.empty() && options.author.empty() && options.commit.empty() && options.since.empty();
}

struct FoundBuilds {
  json::array builds;
  bool more = false;  // there may be older ones
};

// The newest but the first `skip`, `limit` of them.
Result<FoundBuilds> find_builds(Server& server, const std::string& query, std::size_t skip,
                                std::size_t limit) {
  FoundBuilds found;
  std::string cursor;
  while (true) {
    const std::size_t wanted = std::min(kBuildsAtOnce, skip + limit - found.builds.size());
    const Result<json::value> page =
        server.get(fmt::format("{}/builds/list?limit={}{}{}", server.builds_path(), wanted, query,
                               cursor.empty() ? "" : "&cursor=" + url_part(cursor)));
    if (!page) return tl::unexpected<Error>(page.error());
    for (const json::value& build : list_at(*page, "builds")) {
      if (skip > 0) {
        --skip;
      } else {
        found.builds.push_back(build);
      }
    }
    cursor = text_at(*page, "cursor");
    found.more = !cursor.empty();
    if (!found.more || found.builds.size() >= limit) return found;
  }
}

// Each as the API's Build, with what the list says of it besides.
json::array as_builds(const json::array& found) {
  json::array out;
  for (const json::value& one : found) {
    if (!one.is_object()) continue;
    json::object build = one.get_object();
    const json::value* whole = member(one, "build");
    if (whole != nullptr && whole->is_object()) {
      build.erase("build");
      for (const auto& [key, value] : whole->get_object()) build[key] = value;
    }
    out.push_back(std::move(build));
  }
  return out;
}

Status list_builds(Context& context, const ListOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<std::string> query = question(context, *server, options);
  if (!query) return tl::unexpected<Error>(query.error());
  const Result<FoundBuilds> found =
      find_builds(*server, *query, (options.page - 1) * options.limit, options.limit);
  if (!found) return tl::unexpected<Error>(found.error());
  if (context.json) {
    context.out << pretty(as_builds(found->builds));
    return {};
  }
  if (found->builds.empty()) {
    context.err << (options.page > 1 ? fmt::format("page {} is past the last one\n", options.page)
                    : !is_any(options)
                        ? "no such build; kiln builds lists all\n"
                        : "no builds yet; push to a connected repository, or: kiln build WORKER\n");
    return {};
  }
  std::vector<Row> rows = {builds_heading()};
  for (const json::value& build : found->builds) add_build_rows(rows, build, context.clock.now());
  context.out << table(context.style, std::move(rows));
  if (found->more && flush_output(context.out) == 0)
    context.err << fmt::format("there may be older ones: --page {}, or --limit\n", options.page + 1);
  return {};
}

}  // namespace

void add_builds(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("builds", "List builds, newest first, and why they ended so");
  const auto options = std::make_shared<ListOptions>();
  command->add_option("WORKER", options->worker, "Of this Worker alone");
  command->add_option("--branch", options->branch, "Of this branch")->type_name("BRANCH");
  take_one_of(command->add_option("--status", options->status, "That stand so now"),
              {"queued", "initializing", "running", "stopped"});
  take_one_of(command->add_option("--outcome", options->outcome, "That ended so"),
              {"success", "fail", "skipped", "cancelled", "terminated"});
  command->add_option("--author", options->author, "Whose commit was by this author")->type_name("AUTHOR");
  command->add_option("--commit", options->commit, "Of this commit; 7 digits are enough")
      ->type_name("COMMIT");
  command->add_option("--since", options->since, "Made since then: 30m, 12h, 7d, or a date")
      ->type_name("TIME");
  command->add_option("--limit", options->limit, "How many at most (50)")
      ->type_name("N")
      ->check(whole_number("the count of builds", 1, kMostBuildsShown));
  command->add_option("--page", options->page, "Older ones: 2, 3, …")
      ->type_name("N")
      ->check(whole_number("a page", 1, kLastPage));
  finish_command(*command, context, [&context, options] { return list_builds(context, *options); });
}

}  // namespace kiln::cli
