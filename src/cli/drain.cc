#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "cli/commands.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr const char* kDrainPath = "/kiln/v1/drain";
constexpr std::chrono::milliseconds kBetweenLooks{500};

struct DrainOptions {
  bool end = false;
  bool wait = false;
};

std::int64_t running_in(const json::value& state) {
  const json::value* running = state.is_object() ? state.get_object().if_contains("running") : nullptr;
  return running != nullptr && running->is_int64() ? running->get_int64() : 0;
}

std::string builds_words(std::int64_t count) {
  return count == 1 ? "1 build runs" : fmt::format("{} builds run", count);
}

void show(Context& context, const DrainOptions& options, const json::value& state) {
  if (context.json) {
    context.out << pretty(state);
  } else if (options.end) {
    context.out << "builds start again\n";
  } else if (const std::int64_t running = running_in(state); running == 0) {
    context.out << "drained: no build runs, and none starts until `kiln drain --end` or a restart\n";
  } else {
    context.out << fmt::format("draining: {}, and none starts; `kiln drain --wait` waits for them\n",
                               builds_words(running));
  }
}

Status drain(Context& context, const DrainOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  Result<json::value> state = server->call("PUT", kDrainPath, {{"draining", !options.end}});
  std::int64_t told = -1;
  while (state && options.wait && running_in(*state) > 0) {
    if (std::exchange(told, running_in(*state)) != running_in(*state))
      context.err << builds_words(running_in(*state)) << '\n';
    std::this_thread::sleep_for(kBetweenLooks);
    state = server->get(kDrainPath);
  }
  if (!state) return tl::unexpected<Error>(state.error());
  show(context, options, *state);
  return {};
}

}  // namespace

void add_drain(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("drain", "Let running builds end and start none, before work on the machine");
  const auto options = std::make_shared<DrainOptions>();
  CLI::Option* end = command->add_flag("--end", options->end, "Let builds start again");
  command->add_flag("--wait", options->wait, "Come back when no build runs")->excludes(end);
  finish_command(*command, context, [&context, options] { return drain(context, *options); });
}

}  // namespace kiln::cli
