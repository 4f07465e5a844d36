// Which version answers: splits, overrides, calls between Workers, and deployments while requests run.
#include <gmock/gmock.h>

#include <set>

#include "serving/front/front_for_test.h"

namespace kiln::serving {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kGetShop = "GET /a HTTP/1.1\r\nHost: shop.acme.localhost\r\n\r\n";

TEST_F(FrontTest, AnAcknowledgedDeploymentIsWhatTheNextRequestSees) {
  deploy(polite("v0"));
  http::Wire wire(port());
  for (int i = 0; i < 5; ++i) {
    wire.send(kGetShop);
    EXPECT_THAT(wire.response(), EndsWith(fmt::format("v{} GET /a", i)));
    deploy(polite(fmt::format("v{}", i + 1)));
  }
}

TEST_F(FrontTest, ServesPreviewsBesideTheDeployment) {
  deploy(polite("live"));
  const Uuid preview = add_version(polite("preview"), "pr-1");
  EXPECT_THAT(get("/a", preview.str().substr(0, 8) + "-shop.acme.localhost"), EndsWith("preview GET /a"));
  EXPECT_THAT(get("/a", "pr-1-shop.acme.localhost"), EndsWith("preview GET /a"));
  EXPECT_THAT(get("/a"), EndsWith("live GET /a"));
}

TEST_F(FrontTest, SplitsByPercentage) {
  const Uuid one = add_version(polite("one"));
  const Uuid two = add_version(polite("two"));
  deploy({{one, 90}, {two, 10}});
  http::Wire wire(port());
  int of_two = 0;
  constexpr int kRequests = 2000;
  for (int i = 0; i < kRequests; ++i) {
    wire.send(kGetShop);
    if (wire.response().ends_with("two GET /a")) ++of_two;
  }
  // Six standard deviations of a binomial.
  EXPECT_NEAR(of_two, 200, 81);
}

TEST_F(FrontTest, HonoursAnOverrideWithinTheDeployment) {
  const Uuid one = add_version(polite("one"));
  const Uuid two = add_version(polite("two"));
  const Uuid other = add_version(polite("other"));
  deploy({{one, 100}, {two, 0}});
  const auto wish = [](const Uuid& id) {
    return fmt::format("Cloudflare-Workers-Version-Overrides: x=\"y\", shop=\"{}\"\r\n", id.str());
  };
  const std::string host = "shop.acme.localhost";
  EXPECT_THAT(get("/a", host, wish(two)), EndsWith("two GET /a"));
  EXPECT_THAT(get("/a", host, wish(other)), EndsWith("one GET /a"));
  EXPECT_THAT(get("/a", host, "Cloudflare-Workers-Version-Overrides: shop=\r\n"), EndsWith("one GET /a"));
}

TEST_F(FrontTest, LetsWorkersCallEachOtherWithTheSecretAlone) {
  options_.service_secret = "hush";
  deploy(polite("one"));
  (void)port();
  const std::string path = (store_.folder.path() / "calls").string();
  ASSERT_TRUE(front_->listen_services(path));
  const auto call = [&](const std::string& headers) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    Peer peer(std::move(fd));
    peer.send("GET /head HTTP/1.1\r\nHost: any.thing\r\nConnection: close\r\n" + headers + "\r\n");
    std::string answer;
    for (std::string bytes = peer.some(); !bytes.empty(); bytes = peer.some()) answer += bytes;
    return answer;
  };
  const std::string account = "X-Kiln-Account: " + account_.id + "\r\n";
  const std::string key = service_key("hush", {account_.id, "shop", ""});
  const std::string shows = "X-Kiln-Secret: " + key + "\r\n";
  const std::string good = call(account + "X-Kiln-Service: shop\r\n" + shows);
  EXPECT_THAT(good, HasSubstr("\r\nhost: any.thing\r\n"));
  EXPECT_THAT(good, ::testing::Not(HasSubstr(key)));
  const std::string told = call(account + shows +
                                "X-Kiln-Service: shop\r\nCF-Connecting-IP: 192.0.2.7\r\n"
                                "X-Forwarded-For: 192.0.2.7\r\nX-Kiln-Cf: {\"country\":\"SE\"}\r\n");
  for (const char* kept : {"\r\nCF-Connecting-IP: 192.0.2.7\r\n", "\r\nx-forwarded-for: 192.0.2.7\r\n",
                           "\r\nx-kiln-cf: {\"country\":\"SE\"}\r\n"}) {
    EXPECT_THAT(told, HasSubstr(kept)) << "what a Worker passes on is its own affair";
  }
  EXPECT_THAT(good, HasSubstr("\r\nx-kiln-cf: {\"colo\":"));
  for (const std::string& bad :
       {account + "X-Kiln-Service: shop\r\n", account + "X-Kiln-Service: shop\r\nX-Kiln-Secret: hush\r\n",
        account + "X-Kiln-Service: shop\r\nX-Kiln-Service: shop\r\n" + shows,
        account + "X-Kiln-Service: other\r\n" + shows, "X-Kiln-Service: shop\r\n" + shows,
        account + "X-Kiln-Service: shop\r\nX-Kiln-Entrypoint: Admin\r\n" + shows}) {
    EXPECT_THAT(call(bad), StartsWith("HTTP/1.1 404 ")) << bad;
  }
  EXPECT_THAT(get("/", "127.0.0.1", account + "X-Kiln-Service: shop\r\n" + shows),
              StartsWith("HTTP/1.1 404 "))
      << "not on the public port";
}

TEST_F(FrontTest, DropsNoRequestWhileTenDeploymentsTakeOver) {
  deploy(polite("v0"));
  (void)port();
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::atomic<int> deployed = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      http::Wire wire(port_);
      while (!stop) {
        const int before = deployed;
        wire.send(kGetShop);
        const std::string answer = wire.response();
        const int after = deployed;
        bool known = false;
        // One deployment may be acknowledged to us a moment after it is.
        for (int v = before; v <= after + 1; ++v) known |= answer.ends_with(fmt::format("v{} GET /a", v));
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ") && known) << before << ' ' << after << ' ' << answer;
        ++answered;
        answered.notify_all();
      }
    });
  }
  for (int v = 1; v <= 10; ++v) {
    deploy(polite(fmt::format("v{}", v)));
    deployed = v;
    for (int now = answered, until = now + 40; now < until; now = answered) answered.wait(now);
  }
  stop = true;
  for (std::thread& client : clients) client.join();
}

}  // namespace
}  // namespace kiln::serving
