// `kiln prune`: takes away what the settings keep no longer, now instead of by and by.
#include <fmt/format.h>

#include <array>
#include <boost/json/object.hpp>
#include <memory>
#include <utility>

#include "base/sizes.h"
#include "cli/commands.h"
#include "cli/line_answer.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<const char*, const char*>, 6> kPruned{
    {{"builds", "builds"},
     {"logs", "logs of builds"},
     {"versions", "versions"},
     {"versions_of_deleted_workers", "versions of deleted Workers"},
     {"assets", "static files that no version serves"},
     {"deliveries", "reported pushes"}}};

Status show_pruned(Context& context, const json::value& line) {
  const json::object& object = line.as_object();
  const json::value* done = object.if_contains("done");
  if (done == nullptr) return {};
  if (!done->is_bool() || !done->get_bool())
    return fail(Errc::io, safe_line(text_at(line, "message"), false));
  if (context.json) {
    context.out << pretty(line);
    return {};
  }
  const auto number = [&object](const char* key) -> std::int64_t {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
  };
  const json::value* trial = object.if_contains("dry_run");
  context.out << (trial != nullptr && trial->is_bool() && trial->get_bool() ? "Would go:\n" : "Gone:\n");
  for (const auto& [key, words] : kPruned) context.out << fmt::format("{:>9}  {}\n", number(key), words);
  context.out << fmt::format("{:>9}  uploads that nothing names, {}\n", number("blobs"),
                             size_words(static_cast<std::uint64_t>(number("blob_bytes"))));
  const json::value* held = object.if_contains("blobs_held");
  if (held != nullptr && held->is_bool() && held->get_bool())
    context.err << "A backup is being made, so uploads stayed; the next prune takes them.\n";
  return {};
}

}  // namespace

void add_prune(CLI::App& app, Context& context) {
  const auto trial = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "prune",
      "Take away now what the settings ([retention]) keep no longer; a server does it every 6 hours");
  command->add_flag("--dry-run", *trial, "Take nothing away: say how much it would be");
  finish_command(*command, context, [&context, trial]() -> Status {
    Result<Server> server = Server::find(context);
    if (!server) return tl::unexpected<Error>(server.error());
    return each_line(*server, "POST", *trial ? "/kiln/v1/prune?dry_run=true" : "/kiln/v1/prune",
                     [&context](const json::value& line) { return show_pruned(context, line); });
  });
}

}  // namespace kiln::cli
