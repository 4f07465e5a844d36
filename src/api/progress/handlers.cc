#include "api/progress/handlers.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace kiln::api::progress {

namespace json = boost::json;

Result<store::BuildRow> build_of(const ProgressDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  return deps.builds.row(call.account_id, *uuid);
}

Result<bool> truth_of(const std::optional<std::string>& word, const std::string& name, bool fallback) {
  if (!word) return fallback;
  if (*word == "true") return true;
  if (*word == "false") return false;
  return fail(Errc::invalid, fmt::format("Invalid request: {} must be true or false", name), name);
}

json::value window_json(const store::LogWindow& window, bool complete) {
  json::array lines;
  lines.reserve(window.lines.size());
  for (const model::LogLine& line : window.lines)
    lines.push_back(json::array{line.time, line.text, line.service ? "service" : "build"});
  return {
      {"first", window.first}, {"lines", std::move(lines)}, {"total", window.total}, {"complete", complete}};
}

std::string event_text(std::string_view name, std::string_view id, const json::value& data) {
  std::string text = fmt::format("event: {}\n", name);
  if (!id.empty()) text += fmt::format("id: {}\n", id);
  return text + fmt::format("data: {}\n\n", json::serialize(data));
}

std::string error_event(const Error& error) {
  return event_text("error", "", {{"message", fmt::format("{}; ask again to read on", error.message)}});
}

}  // namespace kiln::api::progress

namespace kiln::api {

void add_progress_routes(http::Router& router, const Gate& gate, const ProgressDeps& deps) {
  const auto shared = std::make_shared<const ProgressDeps>(deps);
  builds::Adder adder(router, gate);
  progress::add_log_lines(adder, shared);
  progress::add_log_search(adder, shared);
  progress::add_raw_log(adder, shared);
  progress::add_live_log(adder, shared);
  progress::add_log_marks(adder, shared);
  progress::add_detail(adder, shared);
  progress::add_build_list(adder, shared);
  progress::add_compare(adder, shared);
  progress::add_overview(adder, shared);
  progress::add_queue(adder, shared);
  progress::add_ids(adder, shared);
  progress::add_events(adder, shared);
}

}  // namespace kiln::api
