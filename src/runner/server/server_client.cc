#include "runner/server/server_client.h"

#include <fmt/format.h>

namespace kiln::runner {
namespace {

constexpr int kCallMs = 15'000;
constexpr int kCredentialsMs = 60'000;  // the server may have to ask the host first
constexpr int kBeyondWaitMs = 10'000;   // how much longer than the wait it asked for a long poll may take

}  // namespace

Result<ServerAddress> ServerAddress::parse(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix) && text.substr(kUnix.size()).starts_with('/')) {
    return ServerAddress{"http://kiln", std::string(text.substr(kUnix.size()))};
  }
  if (text.starts_with("http://") || text.starts_with("https://")) {
    while (text.ends_with('/')) text.remove_suffix(1);
    return ServerAddress{std::string(text), {}};
  }
  return fail(Errc::invalid, "the server must be unix:/absolute/path, http://… or https://…", "server");
}

Result<HttpResponse> HttpServerClient::post(const std::string& path, std::string body, int timeout_ms,
                                            const std::atomic<bool>* stop) {
  HttpRequest request;
  request.method = "POST";
  request.url = address_.base_url + path;
  request.unix_socket = address_.unix_socket;
  request.headers = {{"content-type", "application/json"}, {wire::kRunnerHeader, runner_id_}};
  request.body = std::move(body);
  request.timeout_ms = timeout_ms;
  request.stop = stop;
  return http_->send(request);
}

Result<std::string> HttpServerClient::ask_for_build(const Uuid& build, const char* what, std::string body,
                                                    int timeout_ms, const std::atomic<bool>* stop) {
  Result<HttpResponse> answer =
      post(fmt::format("/runner/v1/builds/{}/{}", build.str(), what), std::move(body), timeout_ms, stop);
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (answer->status / 100 == 2) return std::move(answer->body);
  return tl::unexpected<Error>(wire::decode_error(answer->status, answer->body));
}

Status HttpServerClient::post_for_build(const Uuid& build, const char* what, std::string body, int timeout_ms,
                                        const std::atomic<bool>* stop) {
  const Result<std::string> answer = ask_for_build(build, what, std::move(body), timeout_ms, stop);
  if (!answer) return tl::unexpected<Error>(answer.error());
  return {};
}

Result<std::optional<model::JobSpec>> HttpServerClient::claim(const wire::ClaimCall& call,
                                                              const std::atomic<bool>& stop) {
  Result<HttpResponse> answer =
      post("/runner/v1/claim", wire::encode(call), call.wait_ms + kBeyondWaitMs, &stop);
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (answer->status == 204) return std::nullopt;
  if (answer->status != 200) return tl::unexpected<Error>(wire::decode_error(answer->status, answer->body));
  Result<model::JobSpec> job = wire::decode_job(answer->body);
  if (!job) return tl::unexpected<Error>(job.error());
  return std::optional<model::JobSpec>(std::move(*job));
}

Status HttpServerClient::renew(const Uuid& build, const wire::LeaseCall& call,
                               const std::atomic<bool>& stop) {
  return post_for_build(build, "lease", wire::encode(call), call.wait_ms + kBeyondWaitMs, &stop);
}

Status HttpServerClient::enter_step(const Uuid& build, const wire::StepCall& call) {
  return post_for_build(build, "step", wire::encode(call), kCallMs, nullptr);
}

Status HttpServerClient::append_log(const Uuid& build, const wire::LogCall& call) {
  return post_for_build(build, "log", wire::encode(call), kCallMs, nullptr);
}

Result<wire::UploadsAnswer> HttpServerClient::uploads(const Uuid& build, const wire::UploadsCall& call) {
  const Result<std::string> answer = ask_for_build(build, "uploads", wire::encode(call), kCallMs, nullptr);
  if (!answer) return tl::unexpected<Error>(answer.error());
  return wire::decode_uploads_answer(*answer);
}

Status HttpServerClient::tell_materials(const Uuid& build, const wire::MaterialsCall& call) {
  return post_for_build(build, "materials", wire::encode(call), kCallMs, nullptr);
}

Status HttpServerClient::check_routes(const Uuid& build, const wire::RoutesCall& call) {
  return post_for_build(build, "routes", wire::encode(call), kCallMs, nullptr);
}

Result<std::string> HttpServerClient::clone_authorization(const Uuid& build,
                                                          const wire::CredentialsCall& call) {
  const Result<std::string> body =
      ask_for_build(build, "credentials", wire::encode(call), kCredentialsMs, nullptr);
  if (!body) return tl::unexpected<Error>(body.error());
  Result<wire::CredentialsAnswer> answer = wire::decode_credentials_answer(*body);
  if (!answer) return tl::unexpected<Error>(answer.error());
  return std::move(answer->authorization);
}

Result<wire::CachesAnswer> HttpServerClient::caches(const wire::CachesCall& call) {
  const Result<HttpResponse> answer = post("/runner/v1/caches", wire::encode(call), kCallMs, nullptr);
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (answer->status != 200) return tl::unexpected<Error>(wire::decode_error(answer->status, answer->body));
  return wire::decode_caches_answer(answer->body);
}

Status HttpServerClient::finish(const Uuid& build, const wire::FinishCall& call) {
  return post_for_build(build, "finish", wire::encode(call), kCallMs, nullptr);
}

std::unique_ptr<ServerClient> HttpServerClients::make() {
  return std::make_unique<HttpServerClient>(address_, runner_id_, std::make_unique<CurlClient>());
}

}  // namespace kiln::runner
