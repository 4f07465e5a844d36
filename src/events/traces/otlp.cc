#include "events/traces/otlp.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/strings.h"
#include "model/trace_ids.h"

namespace kiln::events {
namespace {

namespace json = boost::json;

// Span.SpanKind and Status.StatusCode of the protocol.
constexpr int kInternal = 1;
enum class SpanStatus { unset = 0, ok = 1, error = 2 };

json::object text_attribute(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", {{"stringValue", to_valid_utf8(value)}}}};
}

// 64-bit numbers are text in this JSON.
json::object number_attribute(std::string_view key, std::int64_t value) {
  return {{"key", key}, {"value", {{"intValue", std::to_string(value)}}}};
}

std::string nanoseconds(TimeMs time) {
  return std::to_string(time) + "000000";
}

struct SpanTime {
  TimeMs begin = 0;
  TimeMs end = 0;
};

class Trace {
 public:
  explicit Trace(const Uuid& build) : build_(build), root_(model::span_id(build, "")) {}

  void add(const std::string& id, std::string_view parent, std::string_view name, SpanTime time,
           json::array attributes, SpanStatus status = SpanStatus::unset, std::string_view message = {}) {
    json::object span{{"traceId", model::trace_id(build_)},
                      {"spanId", id},
                      {"name", name},
                      {"kind", kInternal},
                      {"startTimeUnixNano", nanoseconds(time.begin)},
                      {"endTimeUnixNano", nanoseconds(std::max(time.begin, time.end))},
                      {"attributes", std::move(attributes)}};
    if (!parent.empty()) span["parentSpanId"] = parent;
    json::object& told = span["status"].emplace_object();
    told["code"] = static_cast<int>(status);
    if (!message.empty()) told["message"] = to_valid_utf8(message);
    spans_.push_back(std::move(span));
  }

  [[nodiscard]] const std::string& root() const { return root_; }
  json::array take() { return std::move(spans_); }

 private:
  Uuid build_;
  std::string root_;
  json::array spans_;
};

SpanStatus status_of(const model::Build& build) {
  if (!build.outcome) return SpanStatus::unset;
  switch (*build.outcome) {
    case model::BuildOutcome::success:
      return SpanStatus::ok;
    case model::BuildOutcome::fail:
    case model::BuildOutcome::terminated:
      return SpanStatus::error;
    case model::BuildOutcome::skipped:
    case model::BuildOutcome::cancelled:
      return SpanStatus::unset;
  }
  return SpanStatus::unset;
}

void add_build(Trace& trace, const store::BuildNote& note, TimeMs end) {
  const model::Build& build = note.row.build;
  json::array attributes{text_attribute("cicd.pipeline.name", note.row.worker_name),
                         text_attribute("cicd.pipeline.run.id", build.uuid.str()),
                         text_attribute("vcs.ref.head.name", build.metadata.branch),
                         text_attribute("vcs.ref.head.revision", build.metadata.commit_hash),
                         text_attribute("kiln.account_id", build.account_id),
                         text_attribute("kiln.trigger", model::to_string(build.metadata.source)),
                         number_attribute("kiln.attempts", note.attempt)};
  if (build.outcome) attributes.push_back(text_attribute("kiln.outcome", model::to_string(*build.outcome)));
  if (!note.runner_id.empty()) attributes.push_back(text_attribute("kiln.runner_id", note.runner_id));
  const SpanStatus status = status_of(build);
  trace.add(trace.root(), {}, "build", {build.created_on, end}, std::move(attributes), status,
            status == SpanStatus::error ? note.words.sentence : std::string_view());
}

void add_step(Trace& trace, const model::Build& build, const model::BuildStep& step, TimeMs build_end) {
  json::array attributes{number_attribute("kiln.attempt", step.attempt),
                         text_attribute("kiln.step.state", model::to_string(step.state))};
  if (!step.command.empty()) attributes.push_back(text_attribute("process.command_line", step.command));
  if (step.exit_code) attributes.push_back(number_attribute("process.exit.code", *step.exit_code));
  if (step.signal) attributes.push_back(number_attribute("kiln.step.signal", *step.signal));
  const SpanStatus status = step.state == model::StepState::done     ? SpanStatus::ok
                            : step.state == model::StepState::failed ? SpanStatus::error
                                                                     : SpanStatus::unset;
  trace.add(model::step_span_id(build.uuid, step.attempt, step.step), trace.root(),
            model::to_string(step.step), {step.started_on, step.stopped_on.value_or(build_end)},
            std::move(attributes), status);
}

}  // namespace

std::string otlp_trace(const store::BuildStory& story, const std::vector<TracedUpload>& uploads,
                       std::string_view program_version) {
  const model::Build& build = story.note.row.build;
  const TimeMs end = build.stopped_on.value_or(build.modified_on);
  Trace trace(build.uuid);
  add_build(trace, story.note, end);
  const TimeMs first =
      story.steps.empty() ? build.initializing_on.value_or(end) : story.steps.front().started_on;
  trace.add(model::span_id(build.uuid, "queue"), trace.root(), "queue", {build.created_on, first}, {});
  std::string deploy;
  for (const model::BuildStep& step : story.steps) {
    add_step(trace, build, step, end);
    if (step.step == model::StepName::deploy)
      deploy = model::step_span_id(build.uuid, step.attempt, step.step);
  }
  for (const TracedUpload& upload : uploads) {
    trace.add(model::span_id(build.uuid, "upload/" + upload.version.str()),
              deploy.empty() ? trace.root() : deploy, "upload",
              {upload.stored_on - upload.tried_ms, upload.stored_on},
              {text_attribute("kiln.version_id", upload.version.str())}, SpanStatus::ok);
  }
  const json::object scope{{"name", "kiln"}, {"version", program_version}};
  json::array resource{text_attribute("service.name", "kiln"),
                       text_attribute("service.version", program_version)};
  const json::object body{
      {"resourceSpans",
       json::array{{{"resource", {{"attributes", std::move(resource)}}},
                    {"scopeSpans", json::array{{{"scope", scope}, {"spans", trace.take()}}}}}}}};
  return json::serialize(body);
}

}  // namespace kiln::events
