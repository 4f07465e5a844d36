#include "wire/event_json.h"

#include <boost/json.hpp>

#include "base/printable.h"
#include "base/strings.h"
#include "base/time_format.h"

namespace kiln::wire {
namespace {

namespace json = boost::json;
using model::EventKind;

constexpr int kEventSchemaVersion = 1;

// What strangers chose, fit for a terminal.
std::string told(const std::string& text) {
  return printable_lines(text, text.size() * kReplacement.size());
}

json::value event_time(const std::optional<TimeMs>& time) {
  if (!time) return nullptr;
  return json::value(format_rfc3339(*time));
}

const char* status_word(EventKind kind) {
  switch (kind) {
    case EventKind::build_queued:
      return "queued";
    case EventKind::build_succeeded:
      return "success";
    case EventKind::build_failed:
      return "failed";
    case EventKind::build_canceled:
      return "canceled";
    case EventKind::build_skipped:
      return "skipped";
    case EventKind::build_started:
    case EventKind::version_created:
    case EventKind::deployment_created:
    case EventKind::preview_ended:
    case EventKind::runner_lost:
    case EventKind::delivery_refused:
    case EventKind::disk_low:
    case EventKind::sink_test:
      break;
  }
  return "running";
}

json::value outcome_word(EventKind kind) {
  if (!model::is_ending(kind)) return nullptr;
  return json::value(kind == EventKind::build_failed ? "failure" : status_word(kind));
}

// The event's own word for a push.
std::string_view source_word(model::TriggerSource source) {
  return source == model::TriggerSource::push ? "push_event" : to_string(source);
}

json::object trigger_metadata(const model::BuildMetadata& metadata) {
  return {{"buildTriggerSource", source_word(metadata.source)},
          {"branch", told(metadata.branch)},
          {"commitHash", metadata.commit_hash},
          {"commitMessage", told(metadata.commit_message)},
          {"author", told(metadata.author)},
          {"buildCommand", told(metadata.build_command)},
          {"deployCommand", told(metadata.deploy_command)},
          {"rootDirectory", told(metadata.root_directory)},
          {"repoName", told(metadata.repo_name)},
          {"providerAccountName", told(metadata.provider_account_name)},
          {"providerType", metadata.provider_type}};
}

void put_build(json::object& payload, const model::Build& build, EventKind kind) {
  const bool is_queued = kind == EventKind::build_queued;
  payload["buildUuid"] = build.uuid.str();
  payload["status"] = status_word(kind);
  payload["buildOutcome"] = outcome_word(kind);
  payload["createdAt"] = format_rfc3339(build.created_on);
  payload["initializingAt"] = is_queued ? json::value(nullptr) : event_time(build.initializing_on);
  payload["runningAt"] = is_queued ? json::value(nullptr) : event_time(build.running_on);
  payload["stoppedAt"] = model::is_ending(kind) ? event_time(build.stopped_on) : json::value(nullptr);
  payload["buildTriggerMetadata"] = trigger_metadata(build.metadata);
}

void put_detail(json::object& payload, const model::Event& event) {
  switch (event.kind) {
    case EventKind::version_created:
      payload["versionId"] = event.detail;
      return;
    case EventKind::deployment_created:
      payload["deploymentId"] = event.detail;
      return;
    case EventKind::preview_ended:
      payload["previewName"] = told(event.detail);
      return;
    case EventKind::delivery_refused:
      payload["deliveryUuid"] = event.detail;
      return;
    case EventKind::disk_low:
      payload["freeBytes"] = parse_whole(event.detail).value_or(0);
      return;
    case EventKind::sink_test:
      payload["message"] = "This sink can be reached.";
      return;
    case EventKind::build_started:
    case EventKind::build_failed:
    case EventKind::build_canceled:
    case EventKind::build_succeeded:
    case EventKind::build_queued:
    case EventKind::build_skipped:
    case EventKind::runner_lost:
      return;
  }
}

}  // namespace

json::object event_json(const model::Event& event, const std::string& subscription_id) {
  json::object source;
  if (event.worker_name.empty()) {
    source["type"] = "kiln";
  } else {
    source["type"] = "workersBuilds.worker";
    source["workerName"] = event.worker_name;
  }
  json::object payload;
  if (event.build) put_build(payload, *event.build, event.kind);
  put_detail(payload, event);
  return {{"type", model::type_of(event.kind)},
          {"source", std::move(source)},
          {"payload", std::move(payload)},
          {"metadata",
           {{"accountId", event.account_id},
            {"eventSubscriptionId", subscription_id},
            {"eventSchemaVersion", kEventSchemaVersion},
            {"eventTimestamp", format_rfc3339(event.made_on)}}}};
}

}  // namespace kiln::wire
