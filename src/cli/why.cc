#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <memory>

#include "base/ids.h"
#include "base/strings.h"
#include "cli/commands.h"
#include "cli/delivery_view.h"
#include "cli/ids.h"
#include "cli/started.h"
#include "cli/working_copy.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kShortestCommit = 4;
constexpr std::size_t kLongestCommit = 64;
constexpr std::size_t kMostShown = 3;
constexpr IdKind kDeliveryIds{"delivery", "kiln deliveries"};

struct WhyOptions {
  std::string what;  // empty: the commit that is checked out here
  std::string trigger;
  bool build = false;
};

// What was asked for, and how an answer names it.
struct Asked {
  std::string what;
  std::string words;
  bool is_commit = false;
};

// What was found for it, the newest first, and which of its refs are meant; empty: all.
struct Found {
  json::array deliveries;
  std::string branch{};
  std::string commit{};  // the beginning of its hash

  // The newest push among them, which decided about builds; hosts tell of its pull request after it.
  [[nodiscard]] const json::value& newest() const {
    const auto push = std::find_if(deliveries.begin(), deliveries.end(), [](const json::value& delivery) {
      return text_at(delivery, "event") == "push";
    });
    return push == deliveries.end() ? deliveries.front() : *push;
  }
};

bool may_be_commit(const std::string& text) {
  return text.size() >= kShortestCommit && text.size() <= kLongestCommit &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

Result<Asked> asked_for(Context& context, const std::string& what) {
  if (what.empty()) {
    const Result<WorkingCopy> copy = find_working_copy(context.processes, ".");
    if (!copy) {
      return fail(Errc::invalid,
                  "name a commit, a branch or a delivery, or ask in a work tree: " + copy.error().message);
    }
    Result<std::string> head = head_commit(context.processes, *copy);
    if (!head) return tl::unexpected<Error>(head.error());
    return Asked{*head, "the commit " + head->substr(0, 7), true};
  }
  const std::string shown = safe_line(what, false);
  if (Uuid::parse(what)) return Asked{what, "the id " + shown, false};
  if (may_be_commit(what)) return Asked{what, "the commit or branch " + shown, true};
  return Asked{what, "the branch " + shown, false};
}

Result<json::array> list_by(Server& server, const char* key, const std::string& value) {
  const Result<Listed> listed = server.get_list(
      fmt::format("{}/deliveries?per_page=20&{}={}", server.builds_path(), key, url_part(value)));
  if (!listed) return tl::unexpected<Error>(listed.error());
  const json::array* list = listed->items.if_array();
  if (list == nullptr) return fail(Errc::corrupt, "the server's answer is no list of deliveries");
  return *list;
}

// By a delivery's id, a commit's beginning, a branch, or the sender's own id, the first that has any.
Result<Found> find_deliveries(Server& server, const Asked& asked) {
  const auto as_found = [](json::array list) { return Found{std::move(list)}; };
  if (const std::optional<Uuid> uuid = Uuid::parse(asked.what)) {
    const Result<json::value> one = server.get(server.builds_path() + "/deliveries/" + uuid->str());
    if (one) return Found{json::array{*one}};
    if (one.error().code != Errc::not_found) return tl::unexpected<Error>(one.error());
    return list_by(server, "provider_delivery_id", asked.what).map(as_found);
  }
  if (asked.is_commit) {
    Result<json::array> list = list_by(server, "commit", asked.what);
    if (!list) return tl::unexpected<Error>(list.error());
    if (!list->empty()) return Found{std::move(*list), {}, to_lower(asked.what)};
  }
  Result<json::array> list = list_by(server, "branch", asked.what);
  if (!list) return tl::unexpected<Error>(list.error());
  if (!list->empty()) return Found{std::move(*list), asked.what};
  list = list_by(server, "provider_delivery_id", asked.what);
  if (!list || !list->empty() || !may_begin_an_id(asked.what)) return std::move(list).map(as_found);
  const Result<FoundId> id = find_id(server, kDeliveryIds, asked.what);
  if (!id && id.error().code == Errc::not_found) return Found{};
  if (!id) return tl::unexpected<Error>(id.error());
  Result<json::value> one = server.get(server.builds_path() + "/deliveries/" + id->id);
  if (!one) return tl::unexpected<Error>(one.error());
  return Found{json::array{*std::move(one)}};
}

// What to look at when nothing came, with what did come last.
Status nothing_came(Context& context, Server& server, const Asked& asked) {
  const Result<Listed> last = server.get_list(server.builds_path() + "/deliveries?per_page=20");
  if (!last) return tl::unexpected<Error>(last.error());
  const json::array* list = last->items.if_array();
  std::string words = fmt::format(
      "no delivery with {} came, so nothing was built. Look at:\n"
      "- was it pushed?  git push\n"
      "- is the repository that it was pushed to connected?  kiln connect REPOSITORY --worker NAME\n"
      "- a repository with a hook of its own: the answer behind `remote:` says why a report failed\n"
      "- a host's webhook: its page lists what it sent, and what the server answered",
      asked.words);
  if (list == nullptr || list->empty())
    return fail(Errc::not_found, words + "\nNo delivery came at all yet.");
  words += fmt::format("\nThe last delivery came {} (kiln deliveries lists them).",
                       relative_time(text_at(list->front(), "received_on"), context.clock.now()));
  const auto refused = std::find_if(list->begin(), list->end(), [](const json::value& delivery) {
    return text_at(delivery, "signature") == "refused";
  });
  if (refused != list->end()) {
    words +=
        fmt::format("\nOne for {} was refused {}: kiln why {}", headline(text_at(*refused, "repo_name"), 100),
                    relative_time(text_at(*refused, "received_on"), context.clock.now()),
                    headline(text_at(*refused, "delivery_uuid"), 36));
  }
  return fail(Errc::not_found, words);
}

std::string names_of(const std::vector<Unbuilt>& all) {
  std::string names;
  for (const Unbuilt& one : all) {
    const std::string name = fmt::format("\"{}\"", headline(one.trigger_name, 100));
    if (names.find(name) == std::string::npos) names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

// What `--build` builds: with a trigger's name its refs; else what was skipped, which that trigger would have
// built, or what one trigger alone passed over. Which of several is meant, each with a deploy command of its
// own, is the caller's to say. Errors: Errc::conflict when nothing is left, Errc::invalid with the names.
Result<std::vector<Unbuilt>> to_build(const Found& found, const std::string& trigger) {
  std::vector<Unbuilt> all = unbuilt_of(found.newest());
  std::erase_if(all, [&](const Unbuilt& one) {
    return !one.commit.starts_with(found.commit) || (!found.branch.empty() && one.branch != found.branch);
  });
  if (all.empty()) return fail(Errc::conflict, "nothing of this delivery is left to build");
  const std::string names = names_of(all);
  if (!trigger.empty()) {
    std::erase_if(
        all, [&](const Unbuilt& one) { return one.trigger_name != trigger && one.trigger_uuid != trigger; });
    if (all.empty())
      return fail(Errc::invalid,
                  fmt::format("no trigger called so is left to build it; there are {}", names));
    return all;
  }
  if (std::any_of(all.begin(), all.end(), [](const Unbuilt& one) { return one.skipped; })) {
    std::erase_if(all, [](const Unbuilt& one) { return !one.skipped; });
    return all;
  }
  const auto another = [&](const Unbuilt& one) { return one.trigger_uuid != all.front().trigger_uuid; };
  if (std::any_of(all.begin(), all.end(), another)) {
    return fail(Errc::invalid,
                fmt::format("several triggers passed it over, each with a deploy command of its "
                            "own; name one with --trigger: {}",
                            names));
  }
  return all;
}

std::string what_to_do(const Found& found, const Asked& asked) {
  const std::string again =
      "build it now: kiln why " + safe_line(shell_quote(asked.what), false) + " --build";
  const Result<std::vector<Unbuilt>> left = to_build(found, "");
  if (left) return again + "\n";
  const json::value& delivery = found.newest();
  if (left.error().code == Errc::invalid)
    return fmt::format("{} --trigger NAME, of {}\n", again, names_of(unbuilt_of(delivery)));
  const std::vector<std::string> builds = builds_of_delivery(delivery);
  if (!builds.empty()) return fmt::format("its log: kiln logs {}\n", headline(builds.front(), 36));
  return "there is nothing in it to build\n";
}

Status build_now(Context& context, Server& server, const WhyOptions& options, const Found& found) {
  const Result<std::vector<Unbuilt>> chosen = to_build(found, options.trigger);
  if (!chosen) return tl::unexpected<Error>(chosen.error());
  json::array all;
  for (const Unbuilt& one : *chosen) {
    const Result<json::value> started =
        server.call("POST", fmt::format("{}/triggers/{}/builds", server.builds_path(), one.trigger_uuid),
                    json::object{{"branch", one.branch}, {"commit_hash", one.commit}});
    if (!started)
      return tl::unexpected<Error>(named(started.error(), "trigger", one.trigger_name, "kiln why"));
    all.push_back(*started);
    if (context.json) continue;
    if (Status shown = show_started(context, server, *started, false); !shown) return shown;
  }
  if (context.json) context.out << pretty(all);
  return {};
}

Status explain(Context& context, const WhyOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<Asked> asked = asked_for(context, options.what);
  if (!asked) return tl::unexpected<Error>(asked.error());
  const Result<Found> found = find_deliveries(*server, *asked);
  if (!found) return tl::unexpected<Error>(found.error());
  const json::array& deliveries = found->deliveries;
  if (deliveries.empty()) return nothing_came(context, *server, *asked);
  if (options.build) return build_now(context, *server, options, *found);
  if (context.json) {
    context.out << pretty(deliveries);
    return {};
  }
  for (std::size_t i = 0; i < std::min(kMostShown, deliveries.size()); ++i)
    context.out << delivery_words(context.style, deliveries[i], context.clock.now());
  if (deliveries.size() > kMostShown)
    context.out << fmt::format("and {} more: kiln deliveries\n", deliveries.size() - kMostShown);
  context.out << what_to_do(*found, *asked);
  return {};
}

}  // namespace

void add_why(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("why", "Say why a push was built or not");
  const auto options = std::make_shared<WhyOptions>();
  command->add_option("WHAT", options->what,
                      "A commit, a branch or a delivery; else the commit that is checked out here");
  CLI::Option* build = command->add_flag("--build", options->build,
                                         "Build now what the newest of them skipped or passed over");
  command->add_option("--trigger", options->trigger, "With this trigger, by name or UUID")->needs(build);
  finish_command(*command, context, [&context, options] { return explain(context, *options); });
}

}  // namespace kiln::cli
