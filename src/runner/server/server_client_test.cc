#include "runner/server/server_client.h"

#include <gtest/gtest.h>

namespace kiln::runner {
namespace {

// Answers every request alike and keeps the last one.
class OneAnswer final : public HttpClient {
 public:
  OneAnswer(Result<HttpResponse> answer, HttpRequest& seen) : answer_(std::move(answer)), seen_(seen) {}
  Result<HttpResponse> send(const HttpRequest& request) override {
    seen_ = request;
    return answer_;
  }

 private:
  Result<HttpResponse> answer_;
  HttpRequest& seen_;
};

const Uuid kBuild = Uuid::parse("aaaaaaaa-1111-4111-8111-111111111111").value();
const Uuid kLease = Uuid::parse("bbbbbbbb-1111-4111-8111-111111111111").value();

HttpServerClient client(Result<HttpResponse> answer, HttpRequest& seen) {
  return {ServerAddress::parse("unix:/run/k.sock").value(), "r",
          std::make_unique<OneAnswer>(std::move(answer), seen)};
}

TEST(ServerClient, FindsItsServer) {
  EXPECT_EQ(ServerAddress::parse("unix:/run/k.sock")->unix_socket, "/run/k.sock");
  EXPECT_EQ(ServerAddress::parse("https://kiln.example/")->base_url, "https://kiln.example");
  EXPECT_FALSE(ServerAddress::parse("unix:relative"));
  EXPECT_FALSE(ServerAddress::parse("ftp://x"));
}

TEST(ServerClient, ClaimsNothingOrAJob) {
  HttpRequest seen;
  const std::atomic<bool> stop{false};
  EXPECT_EQ(client(HttpResponse{204, {}, ""}, seen).claim({"r", 20'000}, stop).value(), std::nullopt);
  EXPECT_EQ(seen.unix_socket, "/run/k.sock");
  EXPECT_GT(seen.timeout_ms, 20'000) << "the long poll outlives its wait";
  model::JobSpec job;
  job.build_uuid = kBuild;
  const auto got = client(HttpResponse{200, {}, wire::encode(job)}, seen).claim({"r", 1}, stop);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->value().build_uuid, kBuild);
  EXPECT_FALSE(client(HttpResponse{200, {}, "{}"}, seen).claim({"r", 1}, stop));
}

TEST(ServerClient, ALostLeaseAndAnAbsentServerAreToldApart) {
  HttpRequest seen;
  const std::string lost = wire::encode_error({Errc::lease_lost, "cancelled", {}});
  EXPECT_EQ(client(HttpResponse{409, {}, lost}, seen).append_log(kBuild, {kLease, 1, {}}).error().code,
            Errc::lease_lost);
  EXPECT_EQ(seen.url, "http://kiln/runner/v1/builds/aaaaaaaa-1111-4111-8111-111111111111/log");
  EXPECT_EQ(client(fail(Errc::unavailable, "refused"), seen).finish(kBuild, {kLease, {}}).error().code,
            Errc::unavailable);
  EXPECT_EQ(client(HttpResponse{503, {}, "busy"}, seen)
                .enter_step(kBuild, {kLease, model::Step::deploy})
                .error()
                .code,
            Errc::unavailable);
}

}  // namespace
}  // namespace kiln::runner
