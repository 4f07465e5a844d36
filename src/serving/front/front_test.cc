// Requests through the front, byte for byte.
#include <gmock/gmock.h>

#include "serving/front/front_for_test.h"

namespace kiln::serving {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kGet = "GET /a HTTP/1.1\r\nHost: shop.acme.localhost\r\n\r\n";

TEST_F(FrontTest, PassesARequestAndItsAnswerOn) {
  const Uuid version = deploy(polite("one"));
  const std::string answer = get("/a?b=c");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("x-kiln-version: " + version.str() + "\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\none GET /a?b=c"));
}

TEST_F(FrontTest, KeepsBothConnectionsOpen) {
  deploy(polite("one"));
  http::Wire wire(port());
  for (int i = 0; i < 3; ++i) {
    wire.send(kGet);
    EXPECT_THAT(wire.response(), EndsWith("one GET /a"));
  }
  wire.send(std::string(kGet) + kGet);  // in one go
  EXPECT_THAT(wire.response(), EndsWith("one GET /a"));
  EXPECT_THAT(wire.response(), EndsWith("one GET /a"));
  EXPECT_EQ(processes_[0]->connections(), 1);
  EXPECT_EQ(runtimes_.acquired(), 1);
}

TEST_F(FrontTest, RewritesTheHeadHopByHop) {
  deploy(polite("one"));
  const std::string seen =
      get("/head", "Shop.Acme.localhost:8788",
          "Keep-Alive: 5\r\nTE: gzip\r\nProxy-Connection: x\r\nX-Forwarded-For: 10.0.0.9\r\n"
          "X-Forwarded-Proto: https\r\nX-Kiln-Service: other\r\nAccept: */*\r\n");
  EXPECT_THAT(seen, HasSubstr("\r\nhost: Shop.Acme.localhost:8788\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nx-forwarded-for: 10.0.0.9, 127.0.0.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nx-forwarded-proto: https\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nAccept: */*\r\n"));
  for (const char* gone : {"Keep-Alive", "TE:", "Proxy-Connection", "X-Kiln-Service"}) {
    EXPECT_THAT(seen, Not(HasSubstr(gone)));
  }
  const std::string named = get("/head", "shop.acme.localhost", "Connection: x-mine\r\nX-Mine: 1\r\n");
  EXPECT_THAT(named, Not(HasSubstr("X-Mine")));
  EXPECT_THAT(named, HasSubstr("\r\nx-forwarded-proto: http\r\n"));
}

TEST_F(FrontTest, TellsWhoCallsAndBelievesNoVisitor) {
  deploy(polite("one"));
  const std::string seen =
      get("/head", "shop.acme.localhost",
          "CF-Connecting-IP: 10.9.8.7\r\ncf-connecting-ipv6: ::7\r\nTrue-Client-IP: 10.9.8.7\r\n"
          "x-real-ip: 10.9.8.7\r\nCF-Ray: 1-EVIL\r\nCf-Visitor: {}\r\nCF-IPCountry: DE\r\nCF-Worker: x\r\n"
          "X-Kiln-Cf: {\"country\":\"DE\"}\r\nAccept-Encoding: gzip, br\r\n");
  EXPECT_THAT(seen, HasSubstr("\r\ncf-connecting-ip: 127.0.0.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nx-real-ip: 127.0.0.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\ncf-visitor: {\"scheme\":\"http\"}\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\ncf-ipcountry: XX\r\n"));
  EXPECT_THAT(seen, ::testing::ContainsRegex("\r\ncf-ray: [0-9a-f]{16}-KLN\r\n"));
  EXPECT_THAT(seen, HasSubstr("\"httpProtocol\":\"HTTP/1.1\""));
  EXPECT_THAT(seen, HasSubstr("\"clientAcceptEncoding\":\"gzip, br\""));
  for (const char* gone : {"10.9.8.7", "::7", "EVIL", "DE", "CF-Worker", "True-Client"}) {
    EXPECT_THAT(seen, Not(HasSubstr(gone))) << gone;
  }
  EXPECT_THAT(get("/head", "shop.acme.localhost", "Accept-Encoding: a\"b\r\n"),
              HasSubstr("\"clientAcceptEncoding\":\"\""));
}

TEST_F(FrontTest, ShowsAWorkerNoCookieOfThePage) {
  deploy(polite("one"));
  const std::string seen =
      get("/head", "shop.acme.localhost", "Cookie: a=1; kiln_session_8787=hidden; b=2\r\n");
  EXPECT_THAT(seen, HasSubstr("\r\nCookie: a=1; b=2\r\n"));
  EXPECT_THAT(get("/head", "shop.acme.localhost", "Cookie: __Host-kiln_session_443=hidden\r\n"),
              Not(HasSubstr("Cookie")));
}

TEST_F(FrontTest, KeepsWhatAProxyWroteBehindAVisitorsLine) {
  deploy(polite("one"));
  const std::string seen =
      get("/head", "shop.acme.localhost", "X-Forwarded-For: 10.0.0.9\r\nX-Forwarded-For: 192.0.2.7\r\n");
  EXPECT_THAT(seen, HasSubstr("\r\nx-forwarded-for: 10.0.0.9, 192.0.2.7, 127.0.0.1\r\n"));
}

TEST_F(FrontTest, TakesTheHostOfAnAbsoluteTarget) {
  deploy(polite("one"));
  EXPECT_THAT(get("http://shop.acme.localhost/z", "elsewhere"), EndsWith("one GET /z"));
}

TEST_F(FrontTest, PassesChunksOnAsTheyAre) {
  deploy(polite("one"));
  EXPECT_THAT(get("/chunks"), EndsWith("\r\n\r\n3;x=y\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"));
}

TEST_F(FrontTest, TakesTheChunksOffForHttp10) {
  deploy(polite("one"));
  http::Wire wire(port());
  wire.send("GET /chunks HTTP/1.0\r\nHost: shop.acme.localhost\r\nConnection: keep-alive\r\n\r\n");
  const std::string answer = wire.to_end();
  EXPECT_THAT(answer, EndsWith("\r\n\r\nabcdefg"));
  EXPECT_THAT(answer, HasSubstr("connection: close\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("ransfer-")));
}

TEST_F(FrontTest, EndsAnAnswerWithItsConnection) {
  deploy(polite("one"));
  http::Wire wire(port());
  wire.send("GET /until-end HTTP/1.1\r\nHost: shop.acme.localhost\r\n\r\n");
  EXPECT_THAT(wire.to_end(), EndsWith("\r\n\r\nto the end"));
}

TEST_F(FrontTest, SendsNoBodyToHead) {
  deploy(polite("one"));
  http::Wire wire(port());
  wire.send("HEAD / HTTP/1.1\r\nHost: shop.acme.localhost\r\n\r\n");
  EXPECT_THAT(wire.head(), HasSubstr("content-length: 1000\r\n"));
  wire.send(kGet);
  EXPECT_THAT(wire.response(), EndsWith("one GET /a"));
}

TEST_F(FrontTest, PassesEarlyHintsOn) {
  deploy([](Peer& peer) {
    (void)peer.head();
    peer.send("HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n");
    peer.answer("late");
    (void)peer.some();
  });
  const std::string answer = get("/");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, EndsWith("late"));
}

TEST_F(FrontTest, LeavesTheVersionOutWhenToldTo) {
  options_.version_header = false;
  deploy(polite("one"));
  EXPECT_THAT(get("/"), Not(HasSubstr("x-kiln-version")));
}

TEST_F(FrontTest, SaysWhatToDoAtAnUnknownHost) {
  const std::string text = get("/", "nobody.acme.localhost");
  EXPECT_THAT(text, StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(text, HasSubstr("There is no Worker nobody here. `wrangler deploy` makes one"));
  const std::string json = get("/", "127.0.0.1", "Accept: application/json\r\n");
  EXPECT_THAT(json, HasSubstr("content-type: application/json\r\n"));
  EXPECT_THAT(json, HasSubstr("{\"error\":\"not_found\",\"message\":\"No Worker answers at this host."));
}

TEST_F(FrontTest, PassesDomainsOnByHostAndPath) {
  options_.places = {{"localhost", "workers.example"}, {{"example.com", "acme"}}};
  deploy(polite("one"));
  const auto give = [this](const std::string& pattern, bool whole_host) {
    model::HostRoute route;
    route.id = store_.entropy.hex32();
    route.account_id = account_.id;
    route.worker_tag = worker_.tag;
    route.pattern = pattern;
    route.kind = whole_host ? model::HostRoute::Kind::domain : model::HostRoute::Kind::route;
    ASSERT_TRUE(store_.host_routes.put_host_route(route, false));
  };
  EXPECT_THAT(get("/a", "www.example.com"), HasSubstr("none has a route or a custom domain for it"));
  give("*.example.com/api/*", false);
  give("https://example.com/*", false);
  give("app.example.com", true);
  EXPECT_THAT(get("/api/x", "www.Example.com.:8080"), HasSubstr("one GET /api/x"));
  EXPECT_THAT(get("/a", "www.example.com"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(get("/a?b", "app.example.com"), HasSubstr("one GET /a?b"));
  EXPECT_THAT(get("http://app.example.com/abs", "www.example.com"), HasSubstr("one GET /abs"));
  EXPECT_THAT(get("/a", "example.com"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(get("/a", "example.com", "X-Forwarded-Proto: https\r\n"), HasSubstr("one GET /a"));
  EXPECT_THAT(get("/a", "shop.acme.workers.example"), HasSubstr("one GET /a"));
  worker_.subdomain_enabled = false;
  ASSERT_TRUE(store_.workers.update_worker(worker_));
  EXPECT_THAT(get("/a", "shop.acme.localhost"), HasSubstr("switched off"));
  EXPECT_THAT(get("/a", "app.example.com"), HasSubstr("one GET /a")) << "its routes are its own affair";
  ASSERT_TRUE(store_.workers.delete_worker(account_.id, "shop", store_.clock.now()));
  EXPECT_THAT(get("/a", "app.example.com"), StartsWith("HTTP/1.1 404"));
}

TEST_F(FrontTest, SaysWhenAVersionCannotBeStarted) {
  const Uuid version = deploy(polite("one"));
  runtimes_.forget(version);
  http::Wire wire(port());
  wire.send(kGet);
  const std::string answer = wire.response();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(answer, HasSubstr("retry-after: 1\r\n"));
  // The connection goes on, and so does the Worker once it runs again.
  start_process(version, polite("again"));
  wire.send(kGet);
  EXPECT_THAT(wire.response(), EndsWith("again GET /a"));
}

TEST_F(FrontTest, FindsTheProcessThatHasTakenADeadOnesPlace) {
  const Uuid version = deploy(polite("one"));
  EXPECT_THAT(get("/a"), EndsWith("one GET /a"));
  processes_[0].reset();
  start_process(version, polite("two"));
  EXPECT_THAT(get("/a"), EndsWith("two GET /a"));
}

TEST_F(FrontTest, SaysWhenAProcessEndsWithoutAnAnswer) {
  deploy(polite("one"));
  EXPECT_THAT(get("/drop"), StartsWith("HTTP/1.1 502 Bad Gateway\r\n"));
}

TEST_F(FrontTest, TriesOnceMoreWhenAKeptConnectionWasClosed) {
  std::atomic<int> served = 0;
  // Answers one request a connection, and ends the next without a word.
  deploy([&](Peer& peer) {
    (void)peer.head();
    ++served;
    peer.answer("once");
    (void)peer.head();
  });
  http::Wire wire(port());
  for (int i = 0; i < 4; ++i) {
    wire.send(kGet);
    EXPECT_THAT(wire.response(), EndsWith("once"));
  }
  EXPECT_EQ(served, 4);
}

TEST_F(FrontTest, NeverRepeatsAPostThatMayHaveBeenRead) {
  std::atomic<int> posts = 0;
  deploy([&](Peer& peer) {
    (void)peer.head();
    peer.answer("once");
    if (peer.head().starts_with("POST")) ++posts;
  });
  http::Wire wire(port());
  wire.send(kGet);
  EXPECT_THAT(wire.response(), EndsWith("once"));
  wire.send("POST /a HTTP/1.1\r\nHost: shop.acme.localhost\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(wire.response(), StartsWith("HTTP/1.1 502 "));
  EXPECT_EQ(posts, 1);
}

TEST_F(FrontTest, GivesUpOnAnAnswerThatDoesNotCome) {
  options_.response_timeout_ms = 1;
  deploy([](Peer& peer) {
    while (!peer.some().empty()) {
    }
  });
  EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 504 Gateway Timeout\r\n"));
}

TEST_F(FrontTest, RefusesWhatTwoReadersCouldTakeDifferently) {
  deploy(polite("one"));
  for (const std::string& bad : std::vector<std::string>{
           "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
           "GET / HTTP/1.1\r\nHost : shop.acme.localhost\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: shop.acme.localhost\r\n folded: 1\r\n\r\n",
           "GET / HTTP/1.1\nHost: shop.acme.localhost\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: shop.acme.localhost\r\nContent-Length: 1\r\nTransfer-Encoding: "
           "chunked\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: shop.acme.localhost\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
           "POST / HTTP/1.1\r\nHost: shop.acme.localhost\r\nContent-Length: +1\r\n\r\nx",
           "POST / HTTP/1.1\r\nHost: shop.acme.localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: shop.acme.localhost\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
           "CONNECT a:1 HTTP/1.1\r\nHost: shop.acme.localhost\r\n\r\n",
           "GET a b HTTP/1.1\r\nHost: shop.acme.localhost\r\n\r\n"}) {
    http::Wire wire(port());
    wire.send(bad);
    EXPECT_THAT(wire.head(), StartsWith("HTTP/1.1 400 ")) << bad;
  }
  EXPECT_LE(processes_[0]->connections(), 1) << "at most the one with the broken chunk reached the process";
}

TEST_F(FrontTest, RefusesHeadersWithoutEnd) {
  http::Wire wire(port());
  wire.send("GET / HTTP/1.1\r\nx: " + std::string(70'000, 'a'));
  EXPECT_THAT(wire.head(), StartsWith("HTTP/1.1 431 "));
}

TEST_F(FrontTest, TheVisitorWhoIsIdleLongestGivesWay) {
  options_.connections = {2, 0};
  deploy(polite("one"));
  http::Wire idle(port());
  http::Wire slow(port());
  slow.send("GET /a HT");
  http::Wire next(port());
  EXPECT_EQ(idle.to_end(), "");
  next.send(kGet);
  EXPECT_THAT(next.response(), EndsWith("one GET /a"));
}

TEST_F(FrontTest, FewLargeHeadsComeAtOnce) {
  options_.large_heads = 1;
  deploy(polite("one"));
  const std::string begun =
      "GET /a HTTP/1.1\r\nHost: shop.acme.localhost\r\nX-Large: " + std::string(20'000, 'a');
  http::Wire first(port());
  first.send(begun);
  http::Wire usual(port());
  usual.send(kGet);
  EXPECT_THAT(usual.response(), EndsWith("one GET /a"));
  http::Wire second(port());
  second.send(begun);
  EXPECT_THAT(second.to_end(), HasSubstr(" 503 "));
  http::Wire body(port());
  body.send("POST /a HTTP/1.1\r\nHost: shop.acme.localhost\r\nContent-Length: 25000\r\n\r\n" +
            std::string(25'000, 'b'));
  EXPECT_THAT(body.response(), HasSubstr("one POST /a")) << "a body behind a usual head is no large head";
  first.send("\r\n\r\n");
  EXPECT_THAT(first.response(), EndsWith("one GET /a"));
}

TEST_F(FrontTest, BelievesNothingThatAVisitorBehindAProxyHeaderSaysOfItsScheme) {
  options_.trusted_proxies.addresses = *IpRanges::parse({"127.0.0.0/8"});
  deploy(polite("one"));
  http::Wire wire(port());
  wire.send(std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\7\x7f\0\0\1\0\1\0\2", 28));
  wire.send("GET /head HTTP/1.1\r\nHost: shop.acme.localhost\r\nX-Forwarded-Proto: https\r\n\r\n");
  const std::string seen = wire.response();
  EXPECT_THAT(seen, HasSubstr("\"scheme\":\"http\""));
  EXPECT_THAT(seen, HasSubstr("\r\nx-forwarded-proto: http\r\n"));
}

TEST_F(FrontTest, TellsTheProcessWhomATrustedProxySpeaksFor) {
  options_.trusted_proxies.addresses = *IpRanges::parse({"127.0.0.0/8"});
  deploy(polite("one"));
  http::Wire wire(port());
  wire.send(std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\7\x7f\0\0\1\0\1\0\2", 28));
  wire.send("GET /head HTTP/1.1\r\nHost: shop.acme.localhost\r\n\r\n");
  const std::string seen = wire.response();
  EXPECT_THAT(seen, HasSubstr("\r\nx-forwarded-for: 192.0.2.7\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\ncf-connecting-ip: 192.0.2.7\r\n"));
}

}  // namespace
}  // namespace kiln::serving
