// `kiln compare`: what is different between two builds, or between two versions.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <memory>
#include <tuple>

#include "cli/commands.h"
#include "cli/deployed.h"
#include "cli/ids.h"
#include "cli/print.h"
#include "cli/server.h"
#include "cli/table.h"
#include "cli/worker_name.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownOfAValue = 60;
constexpr std::size_t kShortId = 13;

struct Compared {
  std::string what;
  std::string with;
};

// "build_command" as "build command".
std::string subject_words(std::string subject) {
  std::replace(subject.begin(), subject.end(), '_', ' ');
  return headline(subject, 40);
}

std::string side(const json::value& change, std::string_view name) {
  const json::value* value = member(change, name);
  return value != nullptr && value->is_string() ? headline(value->get_string(), kShownOfAValue)
                                                : std::string("(none)");
}

void print_changes(Context& context, const json::value& answer) {
  std::vector<std::vector<Cell>> rows;
  for (const json::value& change : list_at(answer, "changes")) {
    const std::string name = headline(text_at(change, "name"), 100);
    const std::string from = side(change, "from");
    const std::string to = side(change, "to");
    // Sizes and kinds are told; what is in them may differ all the same.
    rows.push_back({{"  " + subject_words(text_at(change, "subject")) + (name.empty() ? "" : " " + name)},
                    {from, Colour::dim},
                    {"→"},
                    {from == to ? "other contents" : to}});
  }
  for (const auto& [list, from, to] : {std::tuple("secrets/only_there", "set", "(none)"),
                                       std::tuple("secrets/only_here", "(none)", "set")}) {
    for (const json::value& name : list_at(answer, list)) {
      if (name.is_string())
        rows.push_back({{"  secret " + headline(name.get_string(), 100)}, {from, Colour::dim}, {"→"}, {to}});
    }
  }
  if (rows.empty()) {
    context.out << "Nothing is different.\n";
  } else {
    context.out << table(context.style, rows);
  }
}

Status compare_builds(Context& context, Server& server, const std::string& build, const std::string& given) {
  std::string with = "last_good";
  if (!given.empty()) {
    Result<std::string> other = build_meant(server, given);
    if (!other) return tl::unexpected<Error>(other.error());
    with = *std::move(other);
  }
  const Result<json::value> answer = server.get(
      fmt::format("{}/builds/{}/compare?to={}", server.builds_path(), url_part(build), url_part(with)));
  if (!answer) return tl::unexpected<Error>(named(answer.error(), "build", build, "kiln builds"));
  if (context.json) {
    context.out << pretty(*answer);
    return {};
  }
  const json::value* other = member(*answer, "other");
  if (other == nullptr || !other->is_object()) {
    context.out << "No build of that Worker and branch before it was a success: there is nothing to compare "
                   "it with. kiln compare BUILD WITH takes any other.\n";
    return {};
  }
  context.out << fmt::format("build {} compared with {} ({}, {}){}\n",
                             headline(build, 64).substr(0, kShortId),
                             headline(text_at(*other, "build_uuid"), 64).substr(0, kShortId),
                             headline(text_at(*other, "branch"), 60),
                             relative_time(text_at(*other, "created_on"), context.clock.now()),
                             is_true_at(*answer, "same_commit") ? ", of the same commit" : "");
  if (const std::string url = text_at(*answer, "commits_url"); !url.empty())
    context.out << "commits between: " << headline(url, 300) << "\n";
  context.out << "\n";
  print_changes(context, *answer);
  return {};
}

Status compare_versions(Context& context, Server& server, const FoundId& version, const std::string& given) {
  std::string with = "live";
  if (!given.empty()) {
    Result<std::string> other = whole_id(server, kVersionIds, given);
    if (!other) return tl::unexpected<Error>(other.error());
    with = *std::move(other);
  }
  const Result<json::value> answer =
      server.get(fmt::format("{}/{}/compare?to={}", script_path(server, version.worker_name, "versions"),
                             url_part(version.id), url_part(with)));
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (context.json) {
    context.out << pretty(*answer);
    return {};
  }
  const json::array& others = list_at(*answer, "other_version_ids");
  if (others.empty()) {
    context.out << fmt::format("Of the Worker {} nothing is live to compare it with.\n",
                               headline(version.worker_name, 63));
    return {};
  }
  context.out << fmt::format(
      "version {} of {} compared with {}{}\n\n", headline(version.id, 64).substr(0, kShortId),
      headline(version.worker_name, 63),
      headline(others[0].is_string() ? std::string(others[0].get_string()) : "", 64).substr(0, kShortId),
      with == "live" ? ", which is live" : "");
  print_changes(context, *answer);
  return {};
}

Status compare(Context& context, const Compared& asked) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<std::string> build = build_meant(*server, asked.what);
  if (build) {
    Status compared = compare_builds(context, *server, *build, asked.with);
    if (compared || compared.error().code != Errc::not_found || !may_begin_an_id(asked.what)) return compared;
  } else if (build.error().code != Errc::not_found && build.error().code != Errc::worker_not_found) {
    return tl::unexpected<Error>(build.error());
  }
  const Result<FoundId> version = find_id(*server, kVersionIds, asked.what);
  if (version) return compare_versions(context, *server, *version, asked.with);
  if (version.error().code != Errc::not_found) return tl::unexpected<Error>(version.error());
  return tl::unexpected<Error>(build ? named({Errc::not_found, "", {}}, "build", asked.what, "kiln builds")
                                     : build.error());
}

}  // namespace

void add_compare(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("compare", "Say what differs between two builds, or two versions");
  const auto asked = std::make_shared<Compared>();
  command
      ->add_option("BUILD|VERSION|WORKER", asked->what,
                   "By its id or the beginning of that; of a Worker its newest build")
      ->required();
  command->add_option("WITH", asked->with,
                      "Another of the same kind; left out, the last good build of its branch, or the version "
                      "that is live");
  finish_command(*command, context, [&context, asked] { return compare(context, *asked); });
}

}  // namespace kiln::cli
