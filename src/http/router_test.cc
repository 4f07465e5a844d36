#include "http/router.h"

#include <gtest/gtest.h>

namespace kiln::http {
namespace {

Handler tagged(int status) {
  return [status](const Request&) -> Reply { return Response{status, {}, {}}; };
}

Request request_for(const std::string& method, const std::string& target) {
  Request request;
  request.method = method;
  EXPECT_TRUE(parse_target(target, request)) << target;
  return request;
}

std::string pattern_for(const Router& router, const std::string& method, const std::string& target) {
  Request request = request_for(method, target);
  const auto route = router.match(request);
  return route ? (*route)->pattern : "none";
}

Router sample() {
  Router router;
  router.add("GET", "/builds/{id}", {}, tagged(200));
  router.add("GET", "/builds/latest", {}, tagged(200));
  router.add("PUT", "/builds/{id}/cancel", {}, tagged(200));
  router.add("POST", "/builds/{build}", {}, tagged(200));
  router.add("GET", "/ui/{path*}", {}, tagged(200));
  router.add("GET", "/", {}, tagged(200));
  return router;
}

TEST(Router, PrefersLiteralsToParameters) {
  const Router router = sample();
  EXPECT_EQ(pattern_for(router, "GET", "/builds/latest"), "/builds/latest");
  EXPECT_EQ(pattern_for(router, "GET", "/builds/other"), "/builds/{id}");
  EXPECT_EQ(pattern_for(router, "POST", "/builds/latest"), "/builds/{build}");
  EXPECT_EQ(pattern_for(router, "PUT", "/builds/latest/cancel"), "/builds/{id}/cancel");
  EXPECT_EQ(pattern_for(router, "GET", "/"), "/");
}

TEST(Router, FillsDecodedParameters) {
  const Router router = sample();
  Request request = request_for("GET", "/builds/feat%2Fone%20x");
  ASSERT_TRUE(router.match(request));
  EXPECT_EQ(request.param("id"), "feat/one x");
  EXPECT_EQ(request.param("absent"), "");
  Request rest = request_for("GET", "/ui/a/b%20c");
  ASSERT_TRUE(router.match(rest));
  EXPECT_EQ(rest.param("path"), "a/b c");
  Request bare = request_for("GET", "/ui");
  ASSERT_TRUE(router.match(bare));
  EXPECT_EQ(bare.param("path"), "");
}

TEST(Router, KeepsHiddenSlashesOutOfARest) {
  const Router router = sample();
  EXPECT_EQ(pattern_for(router, "GET", "/ui/a%2Fb"), "none");
}

TEST(Router, AParameterMayTakeTheRest) {
  Router router;
  router.add("GET", "/objects", {}, tagged(200));
  router.add("PUT", "/objects/{key}", {.takes_rest = true}, tagged(200));
  const auto key_of = [&](const std::string& target) {
    Request request = request_for("PUT", target);
    return router.match(request) ? request.param("key") : "none";
  };
  EXPECT_EQ(key_of("/objects/a"), "a");
  EXPECT_EQ(key_of("/objects/a%2Fb"), "a/b");
  EXPECT_EQ(key_of("/objects/a/b//c/"), "a/b//c/");
  EXPECT_EQ(key_of("/objects/a%2Fb/c"), "a/b/c");
  EXPECT_EQ(key_of("/objects"), "none");
}

TEST(Router, FindsGetForHead) {
  EXPECT_EQ(pattern_for(sample(), "HEAD", "/builds/latest"), "/builds/latest");
}

TEST(Router, NamesTheAllowedMethodsOfEveryFittingPattern) {
  const Router router = sample();
  Request request = request_for("DELETE", "/builds/latest");
  const auto route = router.match(request);
  ASSERT_FALSE(route);
  EXPECT_EQ(route.error().code, Errc::wrong_method);
  EXPECT_EQ(route.error().field, "GET, HEAD, OPTIONS, POST");
}

TEST(Router, SaysNoRouteForUnknownPathsAndEmptyParameters) {
  const Router router = sample();
  for (const char* target : {"/nothing", "/builds", "/builds/", "//builds/a", "/builds/a/b"}) {
    Request request = request_for("GET", target);
    const auto route = router.match(request);
    ASSERT_FALSE(route) << target;
    EXPECT_EQ(route.error().code, Errc::no_route);
  }
}

TEST(RouterDeathTest, AbortsOnADuplicate) {
  Router router = sample();
  EXPECT_DEATH(router.add("GET", "/builds/{other}", {}, tagged(200)), "");
}

TEST(Target, SplitsPathAndQuery) {
  const Request request = request_for("GET", "/a%20b/c?x=1&y=%26+z&x=2&flag&&=v");
  EXPECT_EQ(request.path, "/a%20b/c");
  EXPECT_EQ(request.segments, (std::vector<std::string>{"a b", "c"}));
  EXPECT_EQ(request.query_value("x"), "1");
  EXPECT_EQ(request.query_value("y"), "& z");
  EXPECT_EQ(request.query_value("flag"), "");
  EXPECT_EQ(request.query_value("absent"), std::nullopt);
  EXPECT_EQ(request.query.size(), 5U);
}

TEST(Target, RefusesWhatIsNotAPlainPath) {
  for (const char* target :
       {"",          "*",    "a",     "/..",       "/a/../b",     "/%2e%2E/b", "/a/.",    "/a/x%2F..%2Fy",
        "/a/..%5Cb", "/%",   "/%4",   "/%zz",      "/%00",        "/a%0Ab",    "/?x=%00", "/?%g=1",
        "/a b",      "/a#b", "/\x01", "/\xc3\xa9", "ftp://host/a"}) {
    Request request;
    const Status parsed = parse_target(target, request);
    ASSERT_FALSE(parsed) << target;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
  }
}

}  // namespace
}  // namespace kiln::http
