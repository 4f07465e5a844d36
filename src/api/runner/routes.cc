#include "api/runner/routes.h"

#include <algorithm>

#include "api/error_table.h"
#include "base/log.h"
#include "events/hub.h"

namespace kiln::api {
namespace {

constexpr int kLongestWaitMs = 60'000;
constexpr std::size_t kLogBody = 8U << 20U;
constexpr std::size_t kMaterialsBody = 16U << 20U;

http::Response json_response(std::string body) {
  return {200, {{"content-type", "application/json"}}, std::move(body)};
}

// Runners branch on the error's name, not on the envelope's numbers.
http::Response refusal(const Error& error) {
  http::Response response = json_response(wire::encode_error(error));
  response.status = refusal_for(error.code, Family::plain).http_status;
  if (error.code == Errc::lease_lost) response.status = 409;
  return response;
}

Result<Uuid> build_of(const http::Request& request) {
  const std::optional<Uuid> build = Uuid::parse(request.param("build_uuid"));
  if (!build) return fail(Errc::invalid, "the path's build id is not a UUID", "build_uuid");
  return *build;
}

// Decodes the body, calls `act(build, message)`, answers {} or the refusal.
template <typename Decode, typename Act>
CallHandler step_handler(std::string_view what, Decode decode, Act act) {
  return [what, decode, act](const Call& call) -> Result<http::Reply> {
    const Result<Uuid> build = build_of(call.request);
    if (!build) return refusal(build.error());
    auto message = decode(call.request.body);
    if (!message) return refusal(message.error());
    const Status done = act(*build, *message);
    // The runner comes again with it while it holds the build.
    if (!done && done.error().code == Errc::disk_full)
      log::error("disk full: a runner's {} is not stored build={}: {}", what, build->str(),
                 done.error().message);
    if (!done) return refusal(done.error());
    return json_response("{}");
  };
}

Result<http::Reply> claim(queue::Queue& queue, RunnerNotes& notes, const ServedBuild& served,
                          const Call& call) {
  const Result<wire::ClaimCall> message = wire::decode_claim(call.request.body);
  if (!message) return refusal(message.error());
  notes.heard(*message);
  if (served.came) served.came(*message);
  if (!message->paused.empty()) return http::Response{204, {}, {}};
  if (!notes.is_draining()) {
    const Result<std::optional<model::JobSpec>> job = queue.claim(message->runner_id);
    if (!job) return refusal(job.error());
    if (*job) return json_response(wire::encode(**job));
  }
  const int wait_ms = std::clamp(message->wait_ms, 0, kLongestWaitMs);
  if (call.request.last_try || wait_ms == 0) return http::Response{204, {}, {}};
  return http::Wait{events::kQueueTopic, wait_ms};
}

// Every call renews; the answer comes when the wait is over, or at once when the lease is lost.
Result<http::Reply> lease(queue::Queue& queue, const Call& call) {
  const Result<Uuid> build = build_of(call.request);
  if (!build) return refusal(build.error());
  const Result<wire::LeaseCall> message = wire::decode_lease(call.request.body);
  if (!message) return refusal(message.error());
  const Status renewed = queue.renew(*build, message->lease_id);
  if (!renewed) return refusal(renewed.error());
  const int wait_ms = std::clamp(message->wait_ms, 0, kLongestWaitMs);
  if (call.request.last_try || wait_ms == 0) return json_response("{}");
  return http::Wait{events::build_topic(*build), wait_ms};
}

Result<http::Reply> uploads(queue::Queue& queue, const ServedBuild& served, const Call& call) {
  const Result<Uuid> build = build_of(call.request);
  if (!build) return refusal(build.error());
  const Result<wire::UploadsCall> message = wire::decode_uploads(call.request.body);
  if (!message) return refusal(message.error());
  const Result<int> versions = queue.uploads(*build, message->lease_id, message->claims);
  if (!versions) return refusal(versions.error());
  Result<wire::UploadsAnswer> answer = served.uploads(*build);
  if (!answer) return refusal(answer.error());
  answer->versions = *versions;
  if (answer->addresses.size() > wire::kMostAddresses) answer->addresses.resize(wire::kMostAddresses);
  if (answer->notes.size() > wire::kMostNotes) answer->notes.resize(wire::kMostNotes);
  return json_response(wire::encode(*answer));
}

Result<http::Reply> credentials(queue::Queue& queue, const ServedBuild& served, const Call& call) {
  const Result<Uuid> build = build_of(call.request);
  if (!build) return refusal(build.error());
  const Result<wire::CredentialsCall> message = wire::decode_credentials(call.request.body);
  if (!message) return refusal(message.error());
  const Result<model::RepoConnection> connection = queue.connection_of(*build, message->lease_id);
  if (!connection) return refusal(connection.error());
  const Result<std::string> authorization = served.clone_authorization(*connection);
  if (!authorization) return refusal(authorization.error());
  return json_response(wire::encode(wire::CredentialsAnswer{*authorization}));
}

Result<http::Reply> caches(queue::Queue& queue, const Call& call) {
  const Result<wire::CachesCall> message = wire::decode_caches(call.request.body);
  if (!message) return refusal(message.error());
  const auto epochs = queue.cache_epochs(message->triggers);
  if (!epochs) return refusal(epochs.error());
  return json_response(wire::encode(wire::CachesAnswer{*epochs}));
}

}  // namespace

void add_runner_routes(http::Router& router, const Gate& gate, queue::Queue& queue, RunnerNotes& notes,
                       const ServedBuild& served) {
  const auto add = [&](const std::string& path, http::RouteOptions options, CallHandler handler) {
    router.add("POST", "/runner/v1/" + path, options,
               gate.guard(Needs::admin, [&notes, handler = std::move(handler)](const Call& call) {
                 notes.called(call.request.header(wire::kRunnerHeader));
                 return handler(call);
               }));
  };
  const http::RouteOptions own{.work = http::Work::runner};
  add("claim", own, [&queue, &notes, served](const Call& call) { return claim(queue, notes, served, call); });
  add("caches", own, [&queue](const Call& call) { return caches(queue, call); });
  add("builds/{build_uuid}/lease", own, [&queue](const Call& call) { return lease(queue, call); });
  add("builds/{build_uuid}/step", own,
      step_handler("step", wire::decode_step, [&queue](const Uuid& build, const wire::StepCall& message) {
        return queue.enter_step(build, message.lease_id, message.step);
      }));
  add("builds/{build_uuid}/log", {kLogBody, http::Work::runner},
      step_handler("log", wire::decode_log, [&queue](const Uuid& build, const wire::LogCall& message) {
        return queue.append_log(build, message.lease_id, message.seq, message.chunks, message.story);
      }));
  add("builds/{build_uuid}/uploads", own,
      [&queue, served](const Call& call) { return uploads(queue, served, call); });
  add("builds/{build_uuid}/credentials", {.work = http::Work::git},
      [&queue, served](const Call& call) { return credentials(queue, served, call); });
  add("builds/{build_uuid}/routes", own,
      step_handler("routes", wire::decode_routes,
                   [&queue, served](const Uuid& build, const wire::RoutesCall& message) -> Status {
                     if (Status held = queue.renew(build, message.lease_id); !held) return held;
                     return served.check_routes(build, message.routes);
                   }));
  add("builds/{build_uuid}/materials", {kMaterialsBody, http::Work::runner},
      step_handler("materials", wire::decode_materials,
                   [served](const Uuid& build, const wire::MaterialsCall& message) {
                     return served.materials(build, message.lease_id, message.materials);
                   }));
  add("builds/{build_uuid}/finish", own,
      step_handler("end", wire::decode_finish, [&queue](const Uuid& build, const wire::FinishCall& message) {
        return queue.finish(build, message.lease_id, message.end);
      }));
}

}  // namespace kiln::api
