#include "forges/redelivery.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

#include "testing/memory_store.h"

namespace kiln::forges {
namespace {

using Ids = std::vector<std::string>;

constexpr TimeMs kMinute = 60'000;

TEST(Missed, AreThoseOfWhichNoTryArrived) {
  const Missed found = missed(
      {{"3", "a", "push", 30, true}, {"2", "b", "push", 20, false}, {"1", "a", "push", 10, false}}, 40);
  EXPECT_EQ(found.ids, Ids{"2"});
  EXPECT_EQ(found.settled_until, 20);
}

TEST(Missed, AreAskedForLessAndLessForAsLongAsTheyAreKept) {
  std::vector<scm::KeptDelivery> tries{{"1", "a", "push", 0, false}};
  EXPECT_EQ(missed(tries, 1).ids, Ids{"1"}) << "the first time at once";
  int asked = 0;
  for (TimeMs now = kMinute; now < 3 * 24 * 60 * kMinute; now += kMinute) {
    const Missed found = missed(tries, now);
    EXPECT_EQ(found.settled_until, 0);
    if (found.ids.empty()) continue;
    EXPECT_EQ(found.ids, Ids{tries.front().id}) << "by its newest try";
    tries.insert(tries.begin(), {std::to_string(++asked + 1), "a", "push", now, false});
  }
  EXPECT_GE(asked, 10) << "over three days";
  EXPECT_LE(asked, 20);
}

TEST(Missed, AreAskedForInTheOrderInWhichTheyWereSent) {
  EXPECT_EQ(missed({{"2", "b", "push", 20, false}, {"1", "a", "push", 10, false}}, 40).ids, (Ids{"1", "2"}));
}

TEST(Missed, AreNoneOnceAllHaveArrived) {
  const Missed found = missed({{"2", "a", "push", 20, true}, {"1", "a", "push", 10, false}}, 40);
  EXPECT_TRUE(found.ids.empty());
  EXPECT_EQ(found.settled_until, 20);
}

TEST(Missed, AButtonThatWasPressedLongAgoIsNotPressedAgain) {
  const TimeMs pressed = 1'000;
  EXPECT_EQ(missed({{"1", "a", "check_run", pressed, false}}, pressed + 60'000).ids, Ids{"1"});
  const Missed late = missed({{"1", "a", "check_run", pressed, false}}, pressed + 11 * kMinute);
  EXPECT_EQ(late.ids, Ids{});
  EXPECT_EQ(late.settled_until, pressed);
}

std::string fresh_key() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(2048), EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// A host with two deliveries that failed, one of which it refuses to send again.
class KeptAtHost final : public HttpClient {
 public:
  explicit KeptAtHost(std::vector<std::string>& calls) : calls_(calls) {}
  Result<HttpResponse> send(const HttpRequest& request) override {
    const std::string path = request.url.substr(request.url.find('/', 8));
    calls_.push_back(request.method + " " + path.substr(0, path.find('?')));
    HttpResponse answer{
        path.ends_with("/1/attempts") ? 422 : 202, {{"content-type", "application/json"}}, "{}"};
    if (request.method == "GET") {
      answer.status = 200;
      answer.body =
          R"([{"id": 2, "guid": "b", "event": "push", "delivered_at": "2026-01-02T03:04:05Z", "status_code": 502},)"
          R"( {"id": 1, "guid": "a", "event": "push", "delivered_at": "2026-01-02T03:04:04Z", "status_code": 502}])";
    }
    if (request.on_data) {
      request.on_data(answer.body);
      answer.body.clear();
    }
    return answer;
  }

 private:
  std::vector<std::string>& calls_;
};

TEST(Redelivered, IsWhatTheHostRefusesOnlyOnceAndWhatComesBehindItAllTheSame) {
  testing::TestStore t;
  std::vector<std::string> calls;
  Directory directory(t.connections, t.forges, t.clock,
                      [&](const std::string&) { return std::make_unique<KeptAtHost>(calls); });
  const model::ForgeRecord record{t.entropy.uuid(),
                                  t.add_account().id,
                                  "github",
                                  "https://github.example",
                                  "https://api.example",
                                  "12",
                                  "kiln",
                                  "",
                                  "",
                                  5};
  ASSERT_TRUE(t.forges.keep_forge(record, {fresh_key(), "", ""}));
  Redelivery redelivery(t.forges, directory, t.clock);
  const std::string kept = "GET /app/hook/deliveries";
  EXPECT_EQ(redelivery.look(), 1);
  EXPECT_EQ(calls,
            (Ids{kept, "POST /app/hook/deliveries/1/attempts", "POST /app/hook/deliveries/2/attempts"}));
  calls.clear();
  EXPECT_EQ(redelivery.look(), 1);
  EXPECT_EQ(calls, (Ids{kept, "POST /app/hook/deliveries/2/attempts"}));
}

}  // namespace
}  // namespace kiln::forges
