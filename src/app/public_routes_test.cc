// The document of the API against the public listener: each names every route of the other, and no more.
#include "app/public_routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <set>
#include <string>

#include "api/openapi.h"
#include "base/version.h"
#include "events/local_hub.h"
#include "queue/stores_for_test.h"
#include "store/kv/files.h"
#include "store/r2/files.h"
#include "store/sqlite/attestation_store.h"
#include "testing/memory_store.h"
#include "workers/ports_for_test.h"

namespace kiln::app {
namespace {

namespace json = boost::json;

using Names = std::set<std::string>;  // "GET /livez"

std::string upper(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return word;
}

Names documented() {
  constexpr std::array<std::string_view, 5> methods = {"get", "put", "post", "patch", "delete"};
  const json::value document = json::parse(
      json::string_view(api::openapi_document().json.data(), api::openapi_document().json.size()));
  Names names;
  for (const auto& [path, item] : document.at("paths").as_object()) {
    for (const auto& [key, operation] : item.as_object()) {
      if (std::find(methods.begin(), methods.end(), std::string_view(key.data(), key.size())) ==
          methods.end())
        continue;
      names.insert(upper(std::string(key)) + " " + std::string(path));
    }
  }
  return names;
}

class PublicRoutesTest : public ::testing::Test {
 protected:
  PublicRoutesTest() {
    add_public_routes(
        router_, {gate_,
                  [] { return Status{}; },
                  {store_.builds, store_.connections, store_.triggers, store_.build_tokens, store_.workers,
                   store_.deploy_hooks, store_.deliveries, queue_, store_.clock, store_.entropy, texts_,
                   nullptr, nullptr, nullptr, git_hosts_},
                  {ports_, store_.accounts, tails_},
                  {store_.connections, queue_, store_.clock, nullptr, nullptr, nullptr},
                  {store_.forges, directory_, store_.reports, store_.clock, store_.entropy, pending_apps_,
                   [] { return std::string("https://kiln.example"); }},
                  {store_.builds, store_.logs, store_.stories, store_.glances, store_.events, store_.versions,
                   queue_, runners_, texts_, hosts_, store_.clock, store_.ids},
                  {store_.sessions, store_.accounts, sessions_, store_.clock, store_.entropy},
                  {store_.queues, store_.messages, store_.subscriptions, store_.clock, store_.entropy},
                  {store_.sinks, store_.sink_deliveries, store_.clock, store_.entropy,
                   [](const std::string&) { return Status(); }, [] {}},
                  {store_.kv_namespaces, kv_values_, store_.clock, store_.entropy},
                  {store_.d1_databases, d1_files_, store_.clock, store_.entropy, nullptr, nullptr, nullptr},
                  {store_.r2_buckets, r2_objects_, store_.clock},
                  {{store_.builds, store_.connections, store_.triggers, store_.build_tokens, store_.workers,
                    store_.deploy_hooks, store_.deliveries, queue_, store_.clock, store_.entropy, texts_,
                    nullptr, nullptr, nullptr, git_hosts_},
                   store_.accounts,
                   "https://kiln.example",
                   nullptr,
                   nullptr,
                   nullptr,
                   "doctor",
                   nullptr,
                   nullptr,
                   nullptr,
                   nullptr,
                   nullptr,
                   nullptr,
                   nullptr,
                   nullptr,
                   nullptr,
                   store_.watches,
                   0,
                   nullptr,
                   {}},
                  {store_.audit},
                  {store_.badges, store_.workers, store_.triggers, store_.glances, store_.clock,
                   store_.entropy, "https://kiln.example"},
                  {attestations_, store_.versions, blobs_}});
  }

  http::Response get_document(http::Headers headers) {
    http::Request request;
    request.method = "GET";
    request.headers = std::move(headers);
    EXPECT_TRUE(http::parse_target("/openapi.json", request));
    const Result<const http::Route*> route = router_.match(request);
    EXPECT_TRUE(route);
    http::Response response = route ? std::get<http::Response>((*route)->handler(request)) : http::Response{};
    response.flatten();
    return response;
  }

  testing::TestStore store_;
  store::sqlite::SqliteAttestationStore attestations_{*store_.database, store_.box, store_.entropy};
  scm::HostSlots git_hosts_{{1, 1}};
  events::LocalHub hub_;
  api::PendingApps pending_apps_{store_.clock, store_.entropy};
  forges::Directory directory_{store_.connections, store_.forges, store_.clock, nullptr};
  api::RunnerNotes runners_{store_.clock};
  queue::Queue queue_{queue::stores_of(store_), hub_, store_.clock, store_.entropy, queue::Settings{}};
  workers::BlobStore blobs_{store_.folder.path() / "blobs"};
  store::kv::Files kv_values_{store_.folder.path(), store_.clock, {}};
  store::r2::Files r2_objects_{store_.folder.path() / "r2", store_.clock, store_.entropy, {}};
  api::D1Transfers d1_files_{store_.folder.path() / "d1-files", store_.clock, store_.entropy};
  workers::AccountHosts hosts_{store_.accounts, "localhost"};
  workers::Ports ports_ = workers::ports_of(store_, blobs_, hosts_);
  workers::Tails tails_{store_.clock, store_.entropy, hub_};
  api::Sessions sessions_{store_.sessions, store_.database->changes(), store_.clock, {}};
  api::Gate gate_{store_.accounts, store_.database->changes(), store_.clock, 4711, 0};
  read_cache::BuildTexts texts_{
      store_.builds, store_.triggers, hosts_, store_.database->changes(), wire::EnvironmentForm::strings, {}};
  http::Router router_;
};

TEST_F(PublicRoutesTest, AreAllInTheDocumentAndTheDocumentNamesNoOthers) {
  Names served;
  for (const auto& route : router_.routes()) served.insert(route->method + " " + route->pattern);
  const Names named = documented();
  for (const std::string& name : served)
    EXPECT_TRUE(named.contains(name)) << name << " is served and missing in api/openapi.yaml";
  for (const std::string& name : named)
    EXPECT_TRUE(served.contains(name)) << name << " stands in api/openapi.yaml and is not served";
}

TEST_F(PublicRoutesTest, TheDocumentNamesTheVersionThatServesIt) {
  EXPECT_EQ(json::parse(get_document({}).body).at("info").at("version").as_string(), kVersion);
}

TEST_F(PublicRoutesTest, TheDocumentIsSentOnceToWhoeverKeepsIt) {
  const http::Response first = get_document({});
  EXPECT_EQ(first.status, 200);
  EXPECT_TRUE(json::parse(first.body).at("openapi").as_string().starts_with("3.1."));
  const std::string etag(api::openapi_document().etag);
  for (const std::string& sent : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
    const http::Response again = get_document({{"if-none-match", sent}});
    EXPECT_EQ(again.status, 304) << sent;
    EXPECT_TRUE(again.body.empty());
  }
  EXPECT_EQ(get_document({{"if-none-match", "\"other\""}}).status, 200);
}

}  // namespace
}  // namespace kiln::app
