#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <memory>

#include "base/ids.h"
#include "cli/commands.h"
#include "cli/follow.h"

namespace kiln::cli {
namespace {

struct LogsOptions {
  std::string build;
  bool follow = false;
  LogChoice choice;
};

// As people shorten a build's id.
bool may_be_part_of_a_uuid(const std::string& text) {
  constexpr std::size_t kShortest = 4;
  return text.size() >= kShortest && text.find_first_not_of("0123456789abcdefABCDEF-") == std::string::npos;
}

// The newest build of that Worker. Errors: Errc::not_found when it has none.
Result<std::string> newest_build(Server& server, const std::string& worker) {
  const Result<boost::json::value> builds =
      server.get(fmt::format("{}/builds?page=1&worker={}", server.own_path(), url_part(worker)));
  if (!builds) {
    if (builds.error().code == Errc::invalid && may_be_part_of_a_uuid(worker)) {
      return fail(Errc::not_found,
                  fmt::format("{} is neither a Worker nor a whole build id; `kiln builds` lists both",
                              safe_line(worker, false)));
    }
    return tl::unexpected<Error>(builds.error());
  }
  const boost::json::array* list = builds->if_array();
  const std::string uuid = list == nullptr || list->empty() ? "" : text_at(list->front(), "build_uuid");
  if (uuid.empty()) {
    return fail(Errc::not_found, fmt::format("the Worker {0} has no build yet; start one: kiln build {0}",
                                             safe_line(worker, false)));
  }
  return uuid;
}

Status show(Context& context, const LogsOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const bool is_build = Uuid::parse(options.build).has_value();
  const Result<std::string> build =
      is_build ? Result<std::string>(options.build) : newest_build(*server, options.build);
  if (!build) return tl::unexpected<Error>(build.error());
  Status shown = options.follow ? follow_log(context, *server, *build, options.choice)
                                : print_log(context, *server, *build, options.choice);
  if (!shown) return tl::unexpected<Error>(named(std::move(shown.error()), "build", *build, "kiln builds"));
  return shown;
}

}  // namespace

void add_logs(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("logs", "Print a build's log, or follow it live");
  const auto options = std::make_shared<LogsOptions>();
  command->add_option("BUILD_UUID|WORKER", options->build, "The build, or a Worker: its newest one")
      ->required();
  command->add_flag("--follow,-f", options->follow, "Until the build ends; exit code 1 unless it succeeds");
  add_log_options(*command, options->choice, true);
  finish_command(*command, context, [&context, options] { return show(context, *options); });
}

}  // namespace kiln::cli
