// `kiln versions` and `kiln deployments`: what was uploaded for a Worker, and what was live when.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/deployed.h"
#include "cli/server.h"
#include "cli/whole_number.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostVersions = 100;
constexpr std::size_t kVersionCommitDigits = 8;

struct VersionsOptions {
  std::string worker;
  int limit = 20;
};

std::string share_of(const json::array& deployments, const std::string& version) {
  if (deployments.empty()) return "-";
  for (const json::value& target : list_at(deployments.front(), "versions")) {
    if (text_at(target, "version_id") == version) return percent_words(target);
  }
  return "-";
}

// What it was built from; of one that no build made, who uploaded it.
Row origin_cells(const json::object& builds, const json::value& version) {
  const json::value* build = builds.if_contains(text_at(version, "id"));
  const auto meta = [build](const char* key) {
    return build == nullptr ? std::string()
                            : headline(text_at(*build, fmt::format("build_trigger_metadata/{}", key)), 60);
  };
  std::string message = meta("commit_message");
  if (message.empty()) message = headline(annotation_of(version, "workers/message"), 60);
  if (build == nullptr)
    return {{"-"}, {"by " + headline(text_at(version, "metadata/source"), 20), Colour::dim}, {message}};
  return {{meta("branch")}, {meta("commit_hash").substr(0, kVersionCommitDigits)}, {message}};
}

Status list_versions(Context& context, const VersionsOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::array> deployments = deployments_of(*server, options.worker);
  if (!deployments) return tl::unexpected<Error>(deployments.error());
  const Result<json::value> found = server->get(
      fmt::format("{}?page=1&per_page={}", script_path(*server, options.worker, "versions"), options.limit));
  if (!found) return tl::unexpected<Error>(found.error());
  const json::array& versions = list_at(*found, "items");
  if (context.json) {
    context.out << pretty(versions);
    return {};
  }
  if (versions.empty()) {
    context.err << fmt::format("{0} has no version yet; build one: kiln build {0}\n",
                               safe_line(options.worker, false));
    return {};
  }
  std::vector<std::string> ids;
  for (const json::value& version : versions) ids.push_back(text_at(version, "id"));
  const Result<json::object> builds = builds_of(*server, server->builds_path(), ids);
  if (!builds) return tl::unexpected<Error>(builds.error());
  std::vector<Row> rows = {
      heading({"VERSION", "NUMBER", "LIVE", "UPLOADED", "BRANCH", "COMMIT", "MESSAGE?"})};
  for (const json::value& version : versions) {
    const std::string share = share_of(*deployments, text_at(version, "id"));
    Row row = {{headline(text_at(version, "id"), 36), Colour::cyan},
               {std::to_string(number_at(version, "number").value_or(0))},
               {share, share == "-" ? Colour::dim : Colour::green},
               {relative_time(text_at(version, "metadata/created_on"), context.clock.now()), Colour::dim}};
    for (Cell& cell : origin_cells(*builds, version)) row.push_back(std::move(cell));
    rows.push_back(std::move(row));
  }
  context.out << table(context.style, std::move(rows));
  return {};
}

// "upload", "rollback", "secret".
std::string cause_of(const json::value& deployment) {
  const std::string cause = annotation_of(deployment, "workers/triggered_by");
  return headline(cause.empty() ? text_at(deployment, "source") : cause, 20);
}

Status list_deployments(Context& context, const std::string& worker) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::array> deployments = deployments_of(*server, worker);
  if (!deployments) return tl::unexpected<Error>(deployments.error());
  if (context.json) {
    context.out << pretty(*deployments);
    return {};
  }
  if (deployments->empty()) {
    context.err << fmt::format("{0} has never been deployed; build it: kiln build {0}\n",
                               safe_line(worker, false));
    return {};
  }
  std::vector<Row> rows = {heading({"DEPLOYED", "VERSIONS", "BY", "CAUSE", "MESSAGE"})};
  for (const json::value& one : *deployments) {
    rows.push_back({{relative_time(text_at(one, "created_on"), context.clock.now())},
                    {targets_words(list_at(one, "versions")), Colour::cyan},
                    {headline(text_at(one, "author_email"), 40)},
                    {cause_of(one)},
                    {headline(annotation_of(one, "workers/message"), 60)}});
  }
  rows[1].front().colour = Colour::green;  // the first is live
  context.out << table(context.style, std::move(rows));
  return {};
}

}  // namespace

void add_versions(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("versions", "List a Worker's versions, and which of them are live");
  const auto options = std::make_shared<VersionsOptions>();
  command->add_option("WORKER", options->worker, "The Worker")->required();
  command->add_option("--limit", options->limit, "How many at most (20)")
      ->type_name("N")
      ->check(whole_number("the count of versions", 1, kMostVersions));
  finish_command(*command, context, [&context, options] { return list_versions(context, *options); });
  CLI::App* deployments =
      app.add_subcommand("deployments", "List what was live of a Worker, newest first: the first is now");
  const auto worker = std::make_shared<std::string>();
  deployments->add_option("WORKER", *worker, "The Worker")->required();
  finish_command(*deployments, context, [&context, worker] { return list_deployments(context, *worker); });
}

}  // namespace kiln::cli
