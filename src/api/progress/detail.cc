// A build in full: its story, why it waits, what it made.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/progress/handlers.h"
#include "api/progress/queue_now.h"
#include "api/progress/summary.h"
#include "base/time_format.h"
#include "model/trace_ids.h"
#include "wire/or_null.h"

namespace kiln::api::progress {
namespace {

namespace json = boost::json;

json::array caches_json(const std::vector<model::CacheUse>& caches) {
  json::array out;
  for (const model::CacheUse& use : caches) {
    out.push_back({{"kind", model::to_string(use.kind)},
                   {"restored", use.restored},
                   {"kept", model::to_string(use.kept)},
                   {"bytes", wire::number_or_null(use.bytes)}});
  }
  return out;
}

// What the build uploaded, as far as its Workers are there.
Result<json::array> versions_json(const ProgressDeps& deps, const model::Build& build) {
  const Result<std::vector<store::BuildUpload>> uploads = deps.versions.uploads_of(build.uuid);
  if (!uploads) return tl::unexpected<Error>(uploads.error());
  const workers::Hosts hosts = deps.hosts.of(build.account_id);
  json::array out;
  for (const store::BuildUpload& upload : *uploads) {
    const bool shown = deps.hosts.served() && upload.previews_enabled;
    json::value alias = nullptr;
    json::value alias_url = nullptr;
    if (!upload.aliases.empty()) {
      alias = upload.aliases.front();
      if (shown) alias_url = hosts.preview_url(upload.aliases.front(), upload.worker_name);
    }
    json::value preview_url = nullptr;
    if (shown) preview_url = hosts.preview_url(workers::version_label(upload.version_id), upload.worker_name);
    out.push_back({{"version_id", upload.version_id.str()},
                   {"created_on", format_rfc3339(upload.created_on)},
                   {"preview_url", preview_url},
                   {"alias", alias},
                   {"alias_url", alias_url},
                   {"live_percentage", upload.percentage}});
  }
  return out;
}

TimeMs queued_ms(const model::Build& build, TimeMs now) {
  const TimeMs until = build.initializing_on.value_or(build.stopped_on.value_or(now));
  return std::max<TimeMs>(0, until - build.created_on);
}

json::value worker_url(const ProgressDeps& deps, const store::BuildRow& row) {
  if (!deps.hosts.served() || row.worker_name.empty()) return nullptr;
  return json::value(deps.hosts.of(row.build.account_id).worker_url(row.worker_name));
}

Result<http::Reply> detail(const ProgressDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "build_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<store::BuildStory> story = deps.stories.story(call.account_id, *uuid);
  if (!story) return tl::unexpected<Error>(story.error());
  const model::Build& build = story->note.row.build;
  const TimeMs now = deps.clock.now();
  const auto text =
      deps.texts.of_row(story->note.row, deps.texts.form_for(call.request.header("user-agent")));
  if (!text) return tl::unexpected<Error>(text.error());
  const Result<std::int64_t> lines = deps.logs.count(*uuid);
  if (!lines) return tl::unexpected<Error>(lines.error());
  Result<json::array> versions = versions_json(deps, build);
  if (!versions) return tl::unexpected<Error>(versions.error());
  const Result<std::map<std::string, TimeMs>> usual =
      deps.stories.usual_times(call.account_id, {build.worker_tag});
  if (!usual) return tl::unexpected<Error>(usual.error());
  json::value waiting = nullptr;
  if (!model::is_over(build.status) && !story->note.leased) {
    const Result<QueueNow> queue = queue_now(deps, call.account_id);
    if (!queue) return tl::unexpected<Error>(queue.error());
    waiting = waiting_json(*queue, *uuid);
  }
  json::array steps;
  for (const model::BuildStep& step : story->steps) steps.push_back(step_json(step));
  json::array tools;
  for (const model::ToolUsed& tool : story->tools)
    tools.push_back({{"name", tool.name}, {"version", tool.version}});
  const std::string& runner = story->note.runner_id;
  const json::object rest = {
      {"summary", summary_json(story->note, now)},
      {"worker_url", worker_url(deps, story->note.row)},
      {"trace_id", model::trace_id(*uuid)},
      {"runner_id", wire::text_or_null(runner)},
      {"steps", std::move(steps)},
      {"log_lines", *lines},
      {"caches", caches_json(story->caches)},
      {"tools", std::move(tools)},
      {"usage", usage_json(story->note, now)},
      {"waiting", std::move(waiting)},
      {"versions", std::move(*versions)},
      {"queued_ms", queued_ms(build, now)},
      {"expected_ms", usual->empty() ? json::value(nullptr) : json::value(usual->begin()->second)}};
  // The build's text is JSON already.
  return success_text(
      fmt::format("{{\"build\":{},{}", text->whole(), std::string_view(json::serialize(rest)).substr(1)),
      nullptr);
}

}  // namespace

void add_detail(Adder& routes, const Deps& deps) {
  routes.add(
      "GET", "/builds/{build_uuid}/detail", Needs::ci_read,
      [deps](const Call& call) { return detail(*deps, call); }, kPolled);
}

}  // namespace kiln::api::progress
