// Backup, check and prune of a running server: long work whose outcome comes in pieces.
#include <boost/json.hpp>

#include "api/control/handlers.h"
#include "api/error_table.h"
#include "base/hex.h"

namespace kiln::api::control {
namespace {

// How long a reader waits at most before it looks again whether there is something.
constexpr int kLookMs = 1'000;

// A long answer as a stream: nothing is worked out here.
http::Reply stream_of(std::shared_ptr<UpkeepAnswer> answer, std::string type) {
  http::Headers headers = {{"content-type", std::move(type)}, {"cache-control", "no-store"}};
  return http::Stream{200, std::move(headers), [answer = std::move(answer)]() -> http::StreamStep {
                        UpkeepAnswer::Taken taken = answer->take();
                        const bool nothing = taken.bytes.empty() && !taken.end;
                        http::StreamStep step;
                        step.piece = std::move(taken.bytes);
                        step.end = taken.end;
                        if (nothing) step.wait = http::Wait{answer->topic(), kLookMs};
                        return step;
                      }};
}

bool is_asked(const Call& call, const std::string& name) {
  return call.request.query_value(name).value_or("") == "true";
}

Result<http::Reply> answer_with(Result<std::shared_ptr<UpkeepAnswer>> answer, const char* type) {
  if (!answer) return tl::unexpected<Error>(answer.error());
  return stream_of(std::move(*answer), type);
}

Result<http::Reply> give_key(const ControlDeps& deps) {
  const Result<std::string> key = deps.upkeep.key();
  if (!key) return tl::unexpected<Error>(key.error());
  http::Response response = success_response(boost::json::value{{"key", to_base64(*key)}});
  response.headers.emplace_back("cache-control", "no-store");
  return response;
}

}  // namespace

void add_upkeep(http::Router& router, const Gate& gate, const Deps& deps) {
  const http::RouteOptions quick{.work = http::Work::quick};
  router.add("GET", "/kiln/v1/backup", quick, gate.guard(Needs::admin, [deps](const Call& call) {
    return answer_with(deps->upkeep.backup(is_asked(call, "with_key")), "application/zstd");
  }));
  router.add("GET", "/kiln/v1/backup/key", {},
             gate.guard(Needs::admin, [deps](const Call&) { return give_key(*deps); }));
  router.add("POST", "/kiln/v1/check", quick, gate.guard(Needs::admin, [deps](const Call& call) {
    return answer_with(deps->upkeep.check(is_asked(call, "repair")), "application/jsonl");
  }));
  router.add("POST", "/kiln/v1/prune", quick, gate.guard(Needs::admin, [deps](const Call& call) {
    return answer_with(deps->upkeep.prune(is_asked(call, "dry_run")), "application/jsonl");
  }));
}

}  // namespace kiln::api::control
