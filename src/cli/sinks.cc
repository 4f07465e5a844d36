// `kiln sinks`: the addresses to which the account's events are sent.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "base/ids.h"
#include "cli/commands.h"
#include "cli/ids.h"
#include "cli/sink_options.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kLookForAnswer{100};
constexpr int kMostLooksForAnswer = 200;  // a try takes fifteen seconds at most

constexpr IdKind kSinkIds{"sink", "kiln sinks list"};
constexpr IdKind kSinkDeliveryIds{"delivery", "kiln sinks show SINK"};

// By its name, its id, or the beginning of that.
Result<json::value> chosen_sink(Server& server, const std::string& wanted) {
  const Result<json::value> all = server.get(sinks_path(server));
  if (!all) return all;
  if (!all->is_array()) return fail(Errc::corrupt, "the server's answer is no list of sinks");
  return pick(all->get_array(), {"sink_uuid", "name"}, kSinkIds, wanted);
}

struct Chosen {
  Server server;
  json::value sink;
  std::string path;
};

Result<Chosen> choose_sink(Context& context, const SinksOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  Result<json::value> sink = chosen_sink(*server, options.sink);
  if (!sink) return tl::unexpected<Error>(sink.error());
  std::string path = sinks_path(*server) + "/" + url_part(text_at(*sink, "sink_uuid"));
  return Chosen{std::move(*server), std::move(*sink), std::move(path)};
}

Status list_sinks(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> all = server->get(sinks_path(*server));
  if (!all) return tl::unexpected<Error>(all.error());
  if (context.json) {
    context.out << pretty(*all);
  } else {
    show_sinks(context, *all);
  }
  return {};
}

Status show_one_sink(Context& context, const SinksOptions& options) {
  Result<Chosen> chosen = choose_sink(context, options);
  if (!chosen) return tl::unexpected<Error>(chosen.error());
  const Result<json::value> deliveries = chosen->server.get(chosen->path + "/deliveries?per_page=20");
  if (!deliveries) return tl::unexpected<Error>(deliveries.error());
  if (context.json) {
    json::object both = chosen->sink.is_object() ? chosen->sink.get_object() : json::object();
    both["deliveries"] = *deliveries;
    context.out << pretty(both);
  } else {
    show_sink(context, chosen->sink, *deliveries);
  }
  return {};
}

// Waits until the delivery has been tried.
Result<json::value> tried(Server& server, const std::string& path, const std::string& uuid) {
  const std::string one = path + "/deliveries/" + url_part(uuid);
  for (int look = 0; look < kMostLooksForAnswer; ++look) {
    Result<json::value> delivery = server.get(one);
    if (!delivery || number_at(*delivery, "attempts").value_or(0) > 0) return delivery;
    std::this_thread::sleep_for(kLookForAnswer);
  }
  return fail(
      Errc::timeout,
      "the sink has not answered yet; others may be before this one: kiln sinks show says how it went");
}

// The end of the path at which that delivery is sent again.
Result<std::string> resend_tail(Server& server, const std::string& path, const std::string& given) {
  const Result<json::value> all = server.get(path + "/deliveries?per_page=50");
  if (!all) return tl::unexpected<Error>(all.error());
  if (!all->is_array()) return fail(Errc::corrupt, "the server's answer is no list of deliveries");
  const Result<json::value> found = pick(all->get_array(), {"delivery_uuid", ""}, kSinkDeliveryIds, given);
  // An older one than those is known by its whole id.
  const std::string id = found ? text_at(*found, "delivery_uuid") : given;
  if (!found && !Uuid::parse(given)) return tl::unexpected<Error>(found.error());
  return fmt::format("/deliveries/{}/resend", url_part(id));
}

Status send_and_tell(Context& context, const SinksOptions& options, bool again) {
  Result<Chosen> chosen = choose_sink(context, options);
  if (!chosen) return tl::unexpected<Error>(chosen.error());
  const Result<std::string> found =
      again ? resend_tail(chosen->server, chosen->path, options.delivery) : Result<std::string>("/test");
  if (!found) return tl::unexpected<Error>(found.error());
  const std::string& tail = *found;
  const Result<json::value> sent = chosen->server.call("POST", chosen->path + tail, nullptr);
  if (!sent) return tl::unexpected<Error>(sent.error());
  const Result<json::value> told = tried(chosen->server, chosen->path, text_at(*sent, "delivery_uuid"));
  if (!told) return tl::unexpected<Error>(told.error());
  const bool taken = text_at(*told, "state") == "delivered";
  if (context.json) context.out << pretty(*told);
  if (!taken) {
    return fail(Errc::unavailable, fmt::format("{} did not take it: {}", safe_line(options.sink, false),
                                               safe_line(text_at(*told, "error"), false)));
  }
  if (!context.json)
    context.out << fmt::format("{} took it: {}\n", safe_line(options.sink, false),
                               number_at(*told, "status").value_or(0));
  return {};
}

Status rotate_secret(Context& context, const SinksOptions& options) {
  Result<Chosen> chosen = choose_sink(context, options);
  if (!chosen) return tl::unexpected<Error>(chosen.error());
  const Result<json::value> made = chosen->server.call("POST", chosen->path + "/rotate", nullptr);
  if (!made) return tl::unexpected<Error>(made.error());
  if (context.json) {
    context.out << pretty(*made);
  } else {
    show_sink_secret(context, *made);
  }
  return {};
}

Status set_enabled(Context& context, const SinksOptions& options, bool enabled) {
  Result<Chosen> chosen = choose_sink(context, options);
  if (!chosen) return tl::unexpected<Error>(chosen.error());
  const Result<json::value> changed =
      chosen->server.call("PATCH", chosen->path, json::object{{"enabled", enabled}});
  if (!changed) return tl::unexpected<Error>(changed.error());
  if (context.json) {
    context.out << pretty(*changed);
  } else {
    context.out << fmt::format("{} is {}\n", safe_line(options.sink, false), enabled ? "on" : "off");
  }
  return {};
}

Status remove_sink(Context& context, const SinksOptions& options) {
  Result<Chosen> chosen = choose_sink(context, options);
  if (!chosen) return tl::unexpected<Error>(chosen.error());
  const Result<json::value> gone = chosen->server.call("DELETE", chosen->path, nullptr);
  if (!gone) return tl::unexpected<Error>(gone.error());
  if (context.json) {
    context.out << pretty(*gone);
  } else {
    context.out << fmt::format("removed {}; it is sent nothing any more\n", safe_line(options.sink, false));
  }
  return {};
}

}  // namespace

std::string sinks_path(const Server& server) {
  return server.builds_path() + "/sinks";
}

void add_sinks(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("sinks", "Send events to chats, mail and programs");
  group->require_subcommand(1);
  const auto options = std::make_shared<SinksOptions>();
  add_adding_sinks(*group, context, options);
  CLI::App* listing = group->add_subcommand("list", "List whom events are sent to");
  finish_command(*listing, context, [&context] { return list_sinks(context); });
  const auto of_one = [&](const char* name, const char* about, const std::function<Status()>& action) {
    CLI::App* command = group->add_subcommand(name, about);
    command->add_option("SINK", options->sink, "Its name or its id")->required();
    finish_command(*command, context, action);
    return command;
  };
  of_one("show", "Show a sink and what became of what was sent to it",
         [&context, options] { return show_one_sink(context, *options); });
  of_one("test", "Send an event that says nothing, and tell whether it arrived",
         [&context, options] { return send_and_tell(context, *options, false); });
  CLI::App* again = of_one("resend", "Send a delivery again",
                           [&context, options] { return send_and_tell(context, *options, true); });
  again->add_option("DELIVERY", options->delivery, "Its id, as `kiln sinks show` has it, or the beginning")
      ->required();
  of_one("rotate", "Make a new signing secret; the old one is good for another day",
         [&context, options] { return rotate_secret(context, *options); });
  of_one("enable", "Send to it again", [&context, options] { return set_enabled(context, *options, true); });
  of_one("disable", "Send nothing to it for now",
         [&context, options] { return set_enabled(context, *options, false); });
  of_one("remove", "Forget a sink and its secrets",
         [&context, options] { return remove_sink(context, *options); });
}

}  // namespace kiln::cli
