// Who may speak with the page's cookie, told by what browsers send.
#include "api/sessions/origin_checks.h"

#include <gtest/gtest.h>

#include "api/error_table.h"

namespace kiln::api::sessions {
namespace {

http::Request request_of(const std::string& method, http::Headers headers) {
  http::Request request;
  request.method = method;
  request.peer = "127.0.0.1";
  request.headers = std::move(headers);
  return request;
}

const PageRules kRules{{"kiln.example.com", "10.0.0.7", "[fd00::7]"}, {"kiln.example.com"}, false};

TEST(PageHosts, AreLoopbackAndThoseOfTheSettings) {
  for (const char* host : {"localhost:8787", "127.0.0.1:8787", "[::1]:8787", "LOCALHOST", "kiln.example.com",
                           "kiln.example.com.", "10.0.0.7:8787", "[fd00::7]:8787"})
    EXPECT_TRUE(check_host(request_of("GET", {{"host", host}}), kRules)) << host;
}

// A name that its owner points at this address after the page was loaded (DNS rebinding), and names that only
// look like ours.
TEST(PageHosts, AreNoOthers) {
  for (const char* host : {"evil.example", "evil.example:8787", "localhost.evil.example",
                           "shop.dev.localhost:8787", "kiln.example.com.evil.example",
                           "127.0.0.1.evil.example", "", "localhost:80a", "[::1", "localhost:8787:1"}) {
    const Result<PageHost> refused = check_host(request_of("GET", {{"host", host}}), kRules);
    ASSERT_FALSE(refused) << host;
    EXPECT_EQ(refused.error().field, kForeignHost);
  }
  EXPECT_FALSE(check_host(request_of("GET", {}), kRules));
}

TEST(PageHosts, NameTheirCookieByPortAndScheme) {
  const auto name = [](const char* host) {
    return check_host(request_of("GET", {{"host", host}}), kRules)->cookie_name();
  };
  EXPECT_EQ(name("localhost:8787"), "kiln_session_8787");
  EXPECT_EQ(name("localhost"), "kiln_session_80");
  EXPECT_EQ(name("kiln.example.com"), "__Host-kiln_session_443");
}

struct Asked {
  const char* method;
  http::Headers headers;
  bool good;
};

TEST(PageOrigins, MustBeThePageItselfForChanges) {
  const PageHost host = *check_host(request_of("GET", {{"host", "localhost:8787"}}), kRules);
  const std::vector<Asked> all = {
      {"POST", {{"sec-fetch-site", "same-origin"}}, true},
      {"POST", {{"origin", "http://localhost:8787"}}, true},
      {"POST", {{"sec-fetch-site", "same-origin"}, {"origin", "http://localhost:8787"}}, true},
      // A Worker below the page's own domain, a fork's preview: the same site, another origin.
      {"POST", {{"sec-fetch-site", "same-site"}}, false},
      {"POST", {{"sec-fetch-site", "same-site"}, {"origin", "http://localhost:8787"}}, false},
      {"POST", {{"sec-fetch-site", "cross-site"}}, false},
      {"POST", {{"sec-fetch-site", "none"}}, false},
      {"DELETE", {{"origin", "http://localhost:8788"}}, false},
      {"PUT", {{"origin", "https://localhost:8787"}}, false},
      {"PATCH", {{"origin", "null"}}, false},
      {"POST", {}, false},
      {"GET", {}, true},
      {"GET", {{"sec-fetch-site", "same-origin"}}, true},
      {"GET", {{"sec-fetch-site", "none"}}, true},
      {"GET", {{"sec-fetch-site", "same-site"}}, false},
      {"GET", {{"sec-fetch-site", "cross-site"}}, false},
      {"HEAD", {{"sec-fetch-site", "cross-site"}}, false},
      {"GET", {{"upgrade", "websocket"}, {"origin", "http://localhost:8787"}}, true},
      {"GET", {{"upgrade", "websocket"}, {"origin", "http://shop.dev.localhost:8788"}}, false},
      {"GET", {{"upgrade", "websocket"}, {"sec-fetch-site", "same-origin"}}, false},
  };
  for (const Asked& asked : all) {
    const Status judged = check_origin(request_of(asked.method, asked.headers), host);
    std::string words;
    for (const auto& [field, value] : asked.headers)
      words.append(" ").append(field).append("=").append(value);
    EXPECT_EQ(judged.has_value(), asked.good) << asked.method << words;
    if (!judged) {
      EXPECT_EQ(judged.error().code, Errc::forbidden);
    }
  }
}

TEST(PageTransport, IsLoopbackOrTlsUnlessASettingAllowsMore) {
  const auto allowed = [](const char* host, const char* peer, bool plain_login) {
    PageRules rules = kRules;
    rules.plain_login = plain_login;
    http::Request request = request_of("POST", {{"host", host}});
    request.peer = peer;
    return check_transport(request, *check_host(request, rules), rules).has_value();
  };
  EXPECT_TRUE(allowed("localhost:8787", "127.0.0.1", false));
  EXPECT_TRUE(allowed("[::1]:8787", "::1", false));
  EXPECT_TRUE(allowed("kiln.example.com", "203.0.113.9", false)) << "TLS stands in front";
  EXPECT_FALSE(allowed("10.0.0.7:8787", "10.0.0.9", false));
  EXPECT_FALSE(allowed("10.0.0.7:8787", "127.0.0.1", false));
  EXPECT_FALSE(allowed("localhost:8787", "10.0.0.9", false)) << "a Host that is made up";
  EXPECT_TRUE(allowed("10.0.0.7:8787", "10.0.0.9", true));
}

TEST(PageCookies, AreOneOrNone) {
  const auto cookie = [](http::Headers headers) {
    return cookie_of(request_of("GET", std::move(headers)), "kiln_session_8787");
  };
  EXPECT_EQ(*cookie({{"cookie", "a=b; kiln_session_8787=x; c=d"}}), "x");
  EXPECT_EQ(*cookie({{"cookie", "kiln_session_8788=x"}}), "");
  EXPECT_EQ(*cookie({{"cookie", "xkiln_session_8787=x"}}), "");
  EXPECT_EQ(*cookie({}), "");
  // A Worker of the same site sets a cookie of that name for the whole domain ("cookie tossing").
  EXPECT_EQ(cookie({{"cookie", "kiln_session_8787=evil; kiln_session_8787=x"}}).error().code,
            Errc::unauthenticated);
  EXPECT_EQ(cookie({{"cookie", "kiln_session_8787=x"}, {"cookie", "kiln_session_8787=x"}}).error().code,
            Errc::unauthenticated);
}

}  // namespace
}  // namespace kiln::api::sessions
