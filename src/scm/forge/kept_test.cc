#include "scm/forge/kept.h"

#include <gtest/gtest.h>

#include <deque>

namespace kiln::scm {
namespace {

// Answers each call with the next of its answers, and remembers what was asked.
class ScriptedHost final : public HttpClient {
 public:
  std::deque<std::pair<int, std::string>> answers;
  std::vector<std::string> calls;

  Result<HttpResponse> send(const HttpRequest& request) override {
    calls.push_back(request.method + " " + request.url.substr(request.url.find('/', 8)));
    if (answers.empty()) return fail(Errc::unavailable, "nothing more is answered");
    const auto [status, body] = answers.front();
    answers.pop_front();
    request.on_data(body);
    return HttpResponse{status, {}, {}};
  }
};

struct KeptTest : ::testing::Test {
  ScriptedHost host;
  KeptThing thing;

  void SetUp() override {
    thing.title = "Host";
    thing.list.url = "http://host.test/things?limit=2";
    thing.member = "values";
    thing.id_if_ours = [](const json::object& one) {
      return text_at(one, "text") == "ours" ? scalar_at(one, "id") : std::string();
    };
    thing.create.method = "POST";
    thing.create.url = "http://host.test/things";
    thing.change = [this](const std::string& id) {
      ApiCall edit;
      edit.method = "PUT";
      edit.url = "http://host.test/things/" + id;
      return call_api(host, thing.title, edit);
    };
  }
};

TEST_F(KeptTest, OursIsFoundOnALaterPageWhereverTheHostSaysThatOneStarts) {
  host.answers = {{200, R"({"values":[{"id":1,"text":"x"}],"isLastPage":false,"nextPageStart":2})"},
                  {200, R"({"values":[{"id":2,"text":"x"}],"isLastPage":false,"nextPageStart":4})"},
                  {200, R"({"values":[{"id":3,"text":"ours"}],"isLastPage":true})"},
                  {200, "{}"}};
  const auto kept = keep_one(host, thing, {"", true});
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(*kept, "3");
  EXPECT_EQ(host.calls, (std::vector<std::string>{"GET /things?limit=2", "GET /things?limit=2&start=2",
                                                  "GET /things?limit=2&start=4", "PUT /things/3"}));
}

TEST_F(KeptTest, ANextPageAtAnotherOriginIsNotAskedFor) {
  host.answers = {{200, R"({"values":[],"next":"http://other.test/things?page=2"})"}, {201, R"({"id":"n"})"}};
  EXPECT_EQ(*keep_one(host, thing, {"", true}), "n");
  EXPECT_EQ(host.calls.back(), "POST /things");
}

TEST_F(KeptTest, WhatSomebodyDeletedIsMadeAgain) {
  host.answers = {{404, "{}"}, {201, R"({"id":8})"}};
  EXPECT_EQ(*keep_one(host, thing, {"7", true}), "8");
  EXPECT_EQ(host.calls, (std::vector<std::string>{"PUT /things/7", "POST /things"}));
}

TEST_F(KeptTest, WhatCannotBeChangedNowIsNotMadeTwice) {
  host.answers = {{503, "{}"}};
  EXPECT_EQ(keep_one(host, thing, {"7", true}).error().code, Errc::unavailable);
  EXPECT_EQ(host.calls, std::vector<std::string>{"PUT /things/7"});
}

TEST_F(KeptTest, WhatWasNeverMadeIsNotLookedFor) {
  host.answers = {{201, R"({"id":1})"}};
  EXPECT_EQ(*keep_one(host, thing, {}), "1");
  EXPECT_EQ(host.calls, std::vector<std::string>{"POST /things"});
}

}  // namespace
}  // namespace kiln::scm
