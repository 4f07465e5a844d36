#include "app/trace_parts.h"

#include "base/version.h"

namespace kiln::app {
namespace {

using Destinations = std::vector<events::Lanes::Destination>;

// A version that is gone left nothing to say.
Result<std::vector<events::TracedUpload>> uploads_of(store::VersionStore& versions,
                                                     const model::Build& build) {
  std::vector<events::TracedUpload> out;
  for (const Uuid& id : build.version_ids) {
    const Result<model::Version> version = versions.version(build.worker_tag, id);
    if (!version && version.error().code != Errc::version_not_found &&
        version.error().code != Errc::not_found)
      return tl::unexpected<Error>(version.error());
    if (version) out.push_back({id, version->created_on, version->startup_time_ms});
  }
  return out;
}

Result<Destinations> waiting_collector(store::TraceStore& traces) {
  const Result<std::optional<TimeMs>> due = traces.due_on();
  if (!due) return tl::unexpected<Error>(due.error());
  return *due ? Destinations{{"collector", **due}} : Destinations{};
}

}  // namespace

TraceParts::TraceParts(store::sqlite::Database& database, store::StoryStore& stories,
                       store::VersionStore& versions, const Clock& clock, const Settings& settings)
    : on_(!settings.endpoint.empty()),
      traces_(database),
      exporter_({traces_, stories, [] { return std::make_unique<CurlClient>(); }, settings.endpoint,
                 settings.authorization, kVersion,
                 [&versions](const model::Build& build) { return uploads_of(versions, build); }}),
      lanes_({"traces",
              {},
              [this] { return waiting_collector(traces_); },
              [this](const std::string& /*collector*/) { return exporter_.send_next(); }},
             clock) {}

void TraceParts::start() {
  if (on_) lanes_.start();
}

void TraceParts::stop() {
  exporter_.stop();
  lanes_.stop();
}

void TraceParts::add_wishes(const std::vector<store::OutboxRow>& rows, store::EventWishes& wishes) const {
  if (!on_) return;
  for (const store::OutboxRow& row : rows) {
    if (row.move == model::Happening::stopped) wishes.traces.push_back(row.build);
  }
}

}  // namespace kiln::app
