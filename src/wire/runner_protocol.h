// The protocol between a runner and the server: JSON over HTTP, the runner always the caller. The same over
// the unix socket of `kiln serve` and, later, over HTTPS. Every message can be sent again safely: a claim is
// bound to its lease, a log chunk to its sequence number, a finish to its lease. Pure encode/decode; any
// thread.
//
//   POST /runner/v1/claim {runner_id, wait_ms, paused?}
//     → 200 {job} | 204: nothing to do; at once to a runner that is paused and says why
//   POST /runner/v1/builds/{uuid}/lease {lease_id, wait_ms}
//     → 200 {} after at most wait_ms, renewed | 409 lease_lost at once when it is over
//   POST /runner/v1/builds/{uuid}/step {lease_id, step}
//     → 200 {}
//   POST /runner/v1/builds/{uuid}/log {lease_id, seq, chunks: [size…], story?}, a line feed, and the chunks
//     → 200 {}; chunks as of model/log_text.h, the first of them number `seq`, each next one more; story:
//     what
//       is new of the steps, tools and caches (story_notes.h)
//   POST /runner/v1/builds/{uuid}/uploads {lease_id, claims: [version id…]}
//     → 200 {versions, addresses: [[kind, url]…], notes: [text…]}
//   POST /runner/v1/builds/{uuid}/routes {lease_id, routes: [[kind, pattern]…]}, kind "route" or "domain"
//     → 200 {}: the build's Worker may have them | a refusal in words for its log
//   POST /runner/v1/builds/{uuid}/finish {lease_id, outcome, reason, usage?, last_line?: [ms, text],
//     sentence?, failed_step?, cause?}
//     → 200 {}; usage: {memory_peak_bytes?, cpu_ms?, written_bytes?, processes_peak?}, what could be counted
//   POST /runner/v1/caches {triggers: [uuid…]}
//     → 200 {epochs: [[uuid, n]…]}
// A refusal is {"error": {"code": "<errc name>", "message": …}} with 4xx or 5xx; 409 lease_lost means: stop
// the build's processes, throw its log away, send nothing more for it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/build.h"
#include "model/build_story.h"
#include "model/job.h"
#include "model/log_text.h"
#include "model/materials.h"

namespace kiln::wire {

inline constexpr std::size_t kMostPausedWords = 2'000;
// What became of the sandboxes of a runner since its start.
struct SandboxTally {
  std::int64_t prepared = 0;  // ahead of a build
  std::int64_t used = 0;      // of those
  std::int64_t dropped = 0;   // of those, without a build

  bool operator==(const SandboxTally&) const = default;
};
struct ClaimCall {
  std::string runner_id;
  int wait_ms = 0;
  std::string paused = {};    // why it takes no build now; empty: it does
  bool cannot_start = false;  // `paused` says why it ends after this call
  SandboxTally sandboxes = {};
};
// The header by which every call says whose it is.
inline constexpr const char* kRunnerHeader = "x-kiln-runner";

struct LeaseCall {
  Uuid lease_id;
  int wait_ms = 0;
};
struct StepCall {
  Uuid lease_id;
  model::Step step = model::Step::checkout;
};
// A loud build's chunks travel several at once and are stored together.
inline constexpr std::size_t kMostChunks = 64;
struct LogCall {
  Uuid lease_id;
  int seq = 0;  // of the first chunk
  std::vector<model::LogChunk> chunks;
  model::StoryNotes story{};
};
// After the deploy command: which versions its output file names. With the embedded deploy target the server
// knows better and takes no claim's word; with an outside target a claim maps the version, unless it is
// mapped already.
inline constexpr std::size_t kMostClaims = 100;
struct UploadsCall {
  Uuid lease_id;
  std::vector<Uuid> claims;
};
// Where what a build uploaded answers.
enum class AddressKind { production, version, alias };
struct Address {
  AddressKind kind = AddressKind::production;
  std::string url;

  bool operator==(const Address&) const = default;
};
inline constexpr std::size_t kMostAddresses = 300;
struct UploadsAnswer {
  int versions = 0;                  // that this build has uploaded, as the server sees it
  std::vector<Address> addresses;    // none with an outside target: it prints its own
  std::vector<std::string> notes{};  // sentences for the log, about how these versions are run
};
inline constexpr std::size_t kMostNotes = 20;
// Before the deploy command: the routes and custom domains that the project's configuration asks for.
inline constexpr std::size_t kMostRoutes = 1'000;
struct RouteAsked {
  bool custom_domain = false;
  std::string pattern;

  bool operator==(const RouteAsked&) const = default;
};
struct RoutesCall {
  Uuid lease_id;
  std::vector<RouteAsked> routes;
};
// Which build caches are still good: the runner names the triggers whose caches it holds. A trigger that is
// gone is left out of the answer.
inline constexpr std::size_t kMostTriggers = 1'000;
struct CachesCall {
  std::vector<Uuid> triggers;
};
struct CachesAnswer {
  std::map<Uuid, std::int64_t> epochs;
};
// Before git goes to the repository's host, when the job brought no credentials: those of now, which may be
// good for an hour. Empty: there are none.
struct CredentialsCall {
  Uuid lease_id;
};
struct CredentialsAnswer {
  std::string authorization;  // value of an Authorization header; never logged
};
// What the build is made from, told before anything of the project's runs.
struct MaterialsCall {
  Uuid lease_id;
  model::Materials materials;
};
struct FinishCall {
  Uuid lease_id;
  model::JobEnd end;
};

[[nodiscard]] std::string encode(const ClaimCall& call);
[[nodiscard]] std::string encode(const LeaseCall& call);
[[nodiscard]] std::string encode(const StepCall& call);
[[nodiscard]] std::string encode(const LogCall& call);
[[nodiscard]] std::string encode(const UploadsCall& call);
[[nodiscard]] std::string encode(const UploadsAnswer& answer);
[[nodiscard]] std::string encode(const RoutesCall& call);
[[nodiscard]] std::string encode(const CachesCall& call);
[[nodiscard]] std::string encode(const CachesAnswer& answer);
[[nodiscard]] std::string encode(const CredentialsCall& call);
[[nodiscard]] std::string encode(const CredentialsAnswer& answer);
[[nodiscard]] std::string encode(const MaterialsCall& call);
[[nodiscard]] std::string encode(const FinishCall& call);
[[nodiscard]] std::string encode(const model::JobSpec& job);

// Errors: Errc::invalid with `field`.
[[nodiscard]] Result<ClaimCall> decode_claim(std::string_view body);
[[nodiscard]] Result<LeaseCall> decode_lease(std::string_view body);
[[nodiscard]] Result<StepCall> decode_step(std::string_view body);
[[nodiscard]] Result<LogCall> decode_log(std::string_view body);
[[nodiscard]] Result<UploadsCall> decode_uploads(std::string_view body);
[[nodiscard]] Result<UploadsAnswer> decode_uploads_answer(std::string_view body);
[[nodiscard]] Result<RoutesCall> decode_routes(std::string_view body);
[[nodiscard]] Result<CachesCall> decode_caches(std::string_view body);
[[nodiscard]] Result<CachesAnswer> decode_caches_answer(std::string_view body);
[[nodiscard]] Result<CredentialsCall> decode_credentials(std::string_view body);
[[nodiscard]] Result<CredentialsAnswer> decode_credentials_answer(std::string_view body);
[[nodiscard]] Result<MaterialsCall> decode_materials(std::string_view body);
[[nodiscard]] Result<FinishCall> decode_finish(std::string_view body);
[[nodiscard]] Result<model::JobSpec> decode_job(std::string_view body);

// "lease_lost" ↔ Errc::lease_lost, for the error body.
[[nodiscard]] std::string encode_error(const Error& error);
[[nodiscard]] Error decode_error(int http_status, std::string_view body);

}  // namespace kiln::wire
