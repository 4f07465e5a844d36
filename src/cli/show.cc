// `kiln show`: what became of a build, and what it went through; or what a version is made of.
#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <memory>
#include <optional>

#include "base/duration_words.h"
#include "base/time_format.h"
#include "cli/commands.h"
#include "cli/ids.h"
#include "cli/server.h"
#include "cli/version_contents.h"
#include "cli/worker_name.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

const json::value& part_of(const json::value& value, std::string_view key) {
  static const json::value none;
  const json::object* object = value.if_object();
  const json::value* found = object != nullptr ? object->if_contains(key) : nullptr;
  return found != nullptr ? *found : none;
}

Colour colour_of(const std::string& state) {
  if (state == "done") return Colour::green;
  if (state == "failed") return Colour::red;
  return state == "running" ? Colour::yellow : Colour::dim;
}

// How long a step took; of one that runs nothing.
std::string step_time(const json::value& step) {
  const Result<TimeMs> began = parse_rfc3339(text_at(step, "started_on"));
  const Result<TimeMs> ended = parse_rfc3339(text_at(step, "stopped_on"));
  return began && ended ? duration_words(*ended - *began) : "";
}

void print_steps(Context& context, const json::value& detail) {
  std::vector<std::vector<Cell>> rows;
  for (const json::value& step : list_at(detail, "steps")) {
    const std::string state = text_at(step, "state");
    std::string end = state;
    if (const auto code = number_at(step, "exit_code"); state == "failed" && code)
      end = fmt::format("failed, exit code {}", *code);
    if (const auto signal = number_at(step, "signal")) end = fmt::format("{}, signal {}", state, *signal);
    rows.push_back({{"  " + safe_line(text_at(step, "step"), false)},
                    {end, colour_of(state)},
                    {step_time(step)},
                    {fmt::format("line {}", number_at(step, "first_line").value_or(1)), Colour::dim},
                    {headline(text_at(step, "command"), 60)}});
  }
  if (!rows.empty()) context.out << "\n" << table(context.style, rows);
}

std::string usage_words(const json::value& usage) {
  std::string words;
  const auto add = [&words](const std::string& more) { words += (words.empty() ? "" : ", ") + more; };
  if (const auto memory = number_at(usage, "memory_peak_bytes"))
    add(fmt::format("{} MiB of memory", *memory >> 20U));
  if (const auto cpu = number_at(usage, "cpu_ms")) add(duration_words(*cpu) + " of CPU time");
  if (const auto written = number_at(usage, "written_bytes"))
    add(fmt::format("wrote {} MiB", *written >> 20U));
  if (const auto minutes = number_at(usage, "build_minutes")) add(fmt::format("{} build minutes", *minutes));
  return words;
}

std::string list_words(const json::array& items, const auto& word_of) {
  std::string words;
  for (const json::value& item : items) words += (words.empty() ? "" : ", ") + word_of(item);
  return words;
}

void print_facts(Context& context, const json::value& detail) {
  const json::value& summary = part_of(detail, "summary");
  std::vector<std::vector<Cell>> rows;
  const auto row = [&rows](const char* name, const std::string& text) {
    if (!text.empty()) rows.push_back({{name, Colour::dim}, {text}});
  };
  row("build", headline(text_at(summary, "build_uuid"), 36));
  row("worker", headline(text_at(summary, "worker_name"), 63));
  row("commit", fmt::format("{} of {}: {}", headline(text_at(summary, "commit_hash"), 64).substr(0, 8),
                            headline(text_at(summary, "branch"), 60),
                            headline(text_at(summary, "commit_message"), 60)));
  row("author", headline(text_at(summary, "author"), 60));
  row("made", relative_time(text_at(summary, "created_on"), context.clock.now()));
  if (const auto queued = number_at(detail, "queued_ms")) row("waited", duration_words(*queued));
  if (const auto duration = number_at(summary, "duration_ms")) {
    const auto usual = number_at(detail, "expected_ms");
    row("took",
        duration_words(*duration) + (usual ? fmt::format(" (as a rule {})", duration_words(*usual)) : ""));
  }
  const std::int64_t attempt = number_at(summary, "attempt").value_or(0);
  if (attempt > 1) row("attempt", std::to_string(attempt));
  row("tools", list_words(list_at(detail, "tools"), [](const json::value& tool) {
        return headline(text_at(tool, "name") + " " + text_at(tool, "version"), 60);
      }));
  row("caches", list_words(list_at(detail, "caches"), [](const json::value& cache) {
        const bool restored = part_of(cache, "restored") == json::value(true);
        return fmt::format("{} {}, {}", headline(text_at(cache, "kind"), 20),
                           restored ? "restored" : "not restored", headline(text_at(cache, "kept"), 20));
      }));
  row("used", usage_words(part_of(detail, "usage")));
  for (const json::value& version : list_at(detail, "versions")) {
    const std::string url = text_at(version, "preview_url");
    row("version",
        headline(text_at(version, "version_id"), 36) + (url.empty() ? "" : "  " + headline(url, 200)));
  }
  context.out << facts(context.style, rows);
}

Result<json::value> detail_of(Server& server, const std::string& given) {
  const Result<std::string> build = build_meant(server, given);
  if (!build) return tl::unexpected<Error>(build.error());
  Result<json::value> detail = server.get(server.builds_path() + "/builds/" + url_part(*build) + "/detail");
  if (!detail) return tl::unexpected<Error>(named(detail.error(), "build", given, "kiln builds"));
  return detail;
}

Status show(Context& context, const std::string& given) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> detail = detail_of(*server, given);
  if (!detail && detail.error().code == Errc::not_found && may_begin_an_id(given)) {
    const Result<FoundId> version = find_id(*server, kVersionIds, given);
    if (version) return show_version(context, *server, *version);
    if (version.error().code != Errc::not_found) return tl::unexpected<Error>(version.error());
  }
  if (!detail) return tl::unexpected<Error>(detail.error());
  if (context.json) {
    context.out << pretty(*detail);
    return {};
  }
  const json::value& summary = part_of(*detail, "summary");
  const Cell state = state_of(summary);
  context.out << paint(context.style, state.colour, state.text) << ": "
              << headline(text_at(summary, "sentence"), 500) << "\n";
  if (const std::string why = text_at(part_of(*detail, "waiting"), "sentence"); !why.empty())
    context.out << "waits: " << headline(why, 500) << "\n";
  context.out << "\n";
  print_facts(context, *detail);
  print_steps(context, *detail);
  return {};
}

}  // namespace

void add_show(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("show", "Say what became of a build, or what a version is made of");
  const auto build = std::make_shared<std::string>();
  command
      ->add_option("BUILD|VERSION|WORKER", *build,
                   "By its id or the beginning of that; of a Worker its newest build")
      ->required();
  finish_command(*command, context, [&context, build] { return show(context, *build); });
}

}  // namespace kiln::cli
