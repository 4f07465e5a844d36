#include "cli/set_up/hosted.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <deque>
#include <map>
#include <sstream>

#include "cli/set_up/hosted_set_up.h"
#include "cli/set_up/set_up_file.h"

namespace kiln::cli {
namespace {

constexpr const char* kServiceUrl = "https://hosted.test/client/v4";
constexpr const char* kHostedId = "0123456789abcdef0123456789abcdef";

// Answers by path below the account; what it was not told is a 404.
class FakeService final : public HttpClient {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    EXPECT_EQ(request.method, "GET");
    const std::string root = std::string(kServiceUrl) + "/accounts/" + kHostedId;
    EXPECT_TRUE(request.url.starts_with(root)) << request.url;
    asked.push_back(request);
    const std::string path = request.url.substr(root.size());
    if (std::deque<HttpResponse>& list = first[path]; !list.empty()) {
      HttpResponse response = list.front();
      list.pop_front();
      return response;
    }
    const auto known = results.find(path);
    if (known == results.end())
      return HttpResponse{404, {}, R"({"success":false,"errors":[],"result":null})"};
    return HttpResponse{
        200, {}, R"({"success":true,"errors":[],"messages":[],"result":)" + known->second + "}"};
  }
  std::map<std::string, std::deque<HttpResponse>> first;  // before what stands in `results`
  std::map<std::string, std::string> results;
  std::vector<HttpRequest> asked;
};

class HostedTest : public ::testing::Test {
 protected:
  Hosted hosted() {
    return {service_,
            {kServiceUrl, kHostedId, "secret-token"},
            [this](std::int64_t ms) { waits_.push_back(ms); },
            notes_};
  }
  FakeService service_;
  std::vector<std::int64_t> waits_;
  std::ostringstream notes_;
};

TEST_F(HostedTest, WaitsAsLongAsItIsTold) {
  service_.first["/workers/subdomain"] = {{429, {{"retry-after", "7"}}, ""}, {503, {}, ""}};
  service_.results["/workers/subdomain"] = R"({"subdomain":"acme"})";
  Hosted client = hosted();
  ASSERT_TRUE(client.get("/workers/subdomain"));
  EXPECT_EQ(waits_, (std::vector<std::int64_t>{7'000, 2'000}));
  EXPECT_NE(notes_.str().find("asking again in 7 s"), std::string::npos);
  EXPECT_EQ(service_.asked[0].headers[0].second, "Bearer secret-token");
}

TEST_F(HostedTest, GivesUpAfterAFewTriesInTheServicesWords) {
  const HttpResponse fault{500, {}, R"({"success":false,"errors":[{"message":"our fault"}],"result":null})"};
  service_.first["/x"] = {fault, fault, fault, fault, fault};
  Hosted client = hosted();
  const auto answer = client.get("/x");
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("our fault"), std::string::npos);
  EXPECT_EQ(answer.error().message.find("secret-token"), std::string::npos);
  EXPECT_EQ(waits_.size(), 4U);
}

TEST_F(HostedTest, ReadsEveryPageOfAList) {
  const auto page = [](const char* items) {
    return HttpResponse{
        200, {}, std::string(R"({"success":true,"result_info":{"total_pages":2},"result":)") + items + "}"};
  };
  service_.first["/t?per_page=50"] = {page("[1,2]")};
  service_.first["/t?per_page=50&page=2"] = {page("[3]")};
  Hosted client = hosted();
  EXPECT_EQ(client.list("/t?per_page=50").value().size(), 3U);
  service_.results["/no-list"] = "{}";
  EXPECT_EQ(client.list("/no-list").error().code, Errc::corrupt);
}

TEST_F(HostedTest, MakesASetUpOfAnAccount) {
  service_.results = {
      {"/workers/subdomain", R"({"subdomain":"acme"})"},
      {"/workers/scripts", R"([{"id":"shop","tag":"t1"},{"id":"old","tag":"t2"}])"},
      {"/workers/scripts/shop/subdomain", R"({"enabled":true,"previews_enabled":false})"},
      {"/workers/scripts/shop/secrets", R"([{"name":"API_KEY","type":"secret_text"}])"},
      {"/workers/scripts/shop/settings",
       R"({"bindings":[{"name":"DB","type":"d1"},{"name":"NAME","type":"plain_text"},{"name":"KV","type":"kv_namespace"},
           {"name":"R2","type":"r2_bucket","bucket_name":"media"}]})"},
      {"/builds/workers/t1/triggers",
       R"([{"trigger_uuid":"u1","trigger_name":"Deploy","build_command":"b","deploy_command":"d","root_directory":"/apps/web/",
            "branch_includes":["main"],"branch_excludes":[],"path_includes":["/src/**"],"path_excludes":[],"build_caching_enabled":true,
            "deleted_on":null,"repo_connection":{"repo_connection_uuid":"r1","provider_type":"github","provider_account_id":"2002",
            "provider_account_name":"acme","repo_id":"4711","repo_name":"shop"}}])"},
      {"/builds/triggers/u1/environment_variables",
       R"({"STAGE":{"is_secret":false,"value":"x"},"TOKEN":{"is_secret":true,"value":null}})"},
      {"/builds/workers/t2/triggers", "[]"},
      {"/builds/workers/shop/deploy_hooks", R"([{"deploy_hook_name":"CMS","branch":"main"}])"},
  };
  Hosted client = hosted();
  const auto read = read_hosted(client, {});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->whole);
  std::string all;
  for (const Resource& one : read->set_up.resources) all += one.type + " " + one.name + "\n";
  EXPECT_EQ(all,
            "subdomain acme\nworker shop\nworker old\nrepository acme/shop\ntrigger shop/Deploy\n"
            "variable shop/Deploy/STAGE\nvariable shop/Deploy/TOKEN\nsecret shop/API_KEY\n"
            "deploy_hook shop/CMS\n");
  const Resource* trigger = find(read->set_up, "trigger", "shop/Deploy");
  EXPECT_EQ(trigger->attributes.at("root_directory").get_string(), "apps/web");
  EXPECT_EQ(trigger->attributes.at("path_includes").get_array().front().get_string(), "src/*");
  std::string left;
  for (const LeftOver& one : read->set_up.left_over) left += one.type + " " + one.name + "\n";
  EXPECT_EQ(left,
            "forge https://github.com\nworker old\nbinding shop/DB\nbinding shop/KV\nbinding shop/R2\n");
  // It is a file that an import takes.
  EXPECT_TRUE(read_set_up(boost::json::serialize(set_up_json(read->set_up))));
}

TEST_F(HostedTest, APartThatTheTokenMayNotReadIsNamed) {
  const HttpResponse refusal{403, {}, R"({"success":false,"errors":[{"message":"no"}],"result":null})"};
  service_.results = {{"/workers/scripts", R"([{"id":"shop","tag":"t1"}])"}};
  service_.first["/builds/workers/t1/triggers"] = {refusal};
  Hosted client = hosted();
  const auto read = read_hosted(client, {"shop"});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->whole);
  EXPECT_EQ(read->set_up.left_over.front().name, "triggers of shop");
  service_.first["/workers/scripts"] = {refusal};
  EXPECT_EQ(read_hosted(client, {}).error().code, Errc::forbidden);
  EXPECT_EQ(read_hosted(client, {"nobody"}).error().code, Errc::not_found);
}

}  // namespace
}  // namespace kiln::cli
