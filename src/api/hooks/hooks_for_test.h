// Hooks over plain request values and a real store: what senders send, and what comes back. One thread.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "api/hooks/refused_deliveries.h"
#include "api/hooks/routes.h"
#include "base/hash.h"
#include "base/hex.h"
#include "events/local_hub.h"
#include "queue/stores_for_test.h"
#include "testing/memory_store.h"

namespace kiln::api {

namespace json = boost::json;

inline const std::string kOld(40, '1');
inline const std::string kNew(40, '2');

class HooksTest : public ::testing::Test {
 protected:
  HooksTest() { route(""); }

  void route(const std::string& server_wide_secret) {
    router_ = http::Router();
    HookDeps deps{store_.connections,
                  queue_,
                  store_.clock,
                  [this, server_wide_secret](const model::RepoConnection& connection) {
                    const auto hook = *store_.connections.hook(connection.uuid);
                    return Result<std::vector<std::string>>({hook ? hook->secret : server_wide_secret});
                  },
                  [this](const model::RepoConnection&, const model::PushEvent&, HookDeps::Until until) {
                    EXPECT_LE(until - std::chrono::steady_clock::now(), std::chrono::seconds(8))
                        << "senders give up after ten";
                    ++asked_git_;
                    return model::ChangedFiles{true, {"docs/a.md"}, 1};
                  },
                  [](const model::RepoConnection&, const std::string&, HookDeps::Until) {
                    return Result<queue::Queue::CommitText>({"Eve", "A stranger's words"});
                  },
                  {},
                  [this](const model::RepoConnection& connection, const model::DeliveryOrigin& origin) {
                    refused_.note(connection, origin);
                  }};
    if (deps_change_) deps_change_(deps);
    add_hook_routes(router_, std::move(deps));
  }

  http::Response post(const std::string& path, http::Headers headers, std::string body) {
    http::Request request;
    request.method = "POST";
    request.headers = std::move(headers);
    request.body = std::move(body);
    EXPECT_TRUE(http::parse_target(path, request));
    const Result<const http::Route*> route = router_.match(request);
    EXPECT_TRUE(route) << path;
    if (!route) return {};
    EXPECT_EQ((*route)->options.work, http::Work::hook) << "a push waits for nothing else";
    return std::get<http::Response>((*route)->handler(request));
  }

  static std::string push_body(const std::string& repo_id, const std::string& full_name,
                               const std::string& after = kNew) {
    return fmt::format(
        R"({{"ref":"refs/heads/main","before":"{}","after":"{}","forced":false,"commits":[{{"added":["src/a"],)"
        R"("removed":[],"modified":[]}}],"head_commit":{{"message":"Hi","author":{{"name":"Ada"}}}},)"
        R"("repository":{{"id":{},"full_name":"{}","clone_url":"file:///etc"}},"pusher":{{"name":"ada"}}}})",
        kOld, after, repo_id, full_name);
  }

  http::Response deliver(const std::string& body, const std::string& secret, const std::string& id = "guid-1",
                         const std::string& event = "push") {
    return post("/webhooks/github",
                {{"x-github-event", event},
                 {"x-github-delivery", id},
                 {"content-type", "application/json"},
                 {"x-hub-signature-256", "sha256=" + to_hex(hmac_sha256(secret, body))}},
                body);
  }

  // A connection made by name, as `kiln connect` does, with its trigger of main.
  model::Trigger connect(const std::string& account_id, const std::string& provider,
                         const std::string& repo_id, const std::string& secret) {
    model::Trigger trigger = store_.add_trigger(store_.add_worker(account_id, "hello"));
    model::RepoConnection connection = trigger.connection;
    connection.uuid = store_.entropy.uuid();
    connection.provider_type = provider;
    connection.repo_id = repo_id;
    connection.provider_account_id = "2002";
    connection.provider_account_name = "acme";
    connection.repo_name = "shop";
    connection.clone_url = "https://github.com/acme/shop.git";
    trigger.connection = *store_.connections.upsert_connection(connection);
    if (!secret.empty()) {
      EXPECT_TRUE(store_.connections.set_hook(trigger.connection.uuid, hook_id_of(trigger), secret));
    }
    return *store_.triggers.update_trigger(trigger);
  }

  static std::string hook_id_of(const model::Trigger& trigger) {
    return "hook-" + trigger.connection.uuid.str();
  }

  http::Response report(const model::Trigger& trigger, const std::string& bearer, const std::string& body) {
    return post("/hooks/git/" + hook_id_of(trigger), {{"authorization", "Bearer " + bearer}}, body);
  }

  static std::string report_body(const std::vector<std::string>& fields) {
    std::string body;
    for (const std::string& field : fields) body += field + '\0';
    return body;
  }

  static std::string push_report(const std::string& ref, const std::string& message = "Hi",
                                 const std::string& delivery = "d1") {
    return report_body(
        {"kiln-push-1", delivery, "ref", kOld, kNew, ref, "0", "1", "Ada", message, "0", "src/a", ""});
  }

  // What is kept, the newest first.
  std::vector<model::Delivery> deliveries_of(const model::Trigger& trigger) {
    return store_.deliveries.deliveries(trigger.account_id, {}, {})->items;
  }

  std::size_t builds_of(const model::Trigger& trigger) {
    return store_.builds.builds_of_account(trigger.account_id, {})->total;
  }

  testing::TestStore store_;
  events::LocalHub hub_;
  queue::Queue queue_{queue::stores_of(store_), hub_, store_.clock, store_.entropy, queue::Settings{}};
  RefusedDeliveries refused_{store_.deliveries, store_.clock, store_.entropy};
  http::Router router_;
  std::function<void(HookDeps&)> deps_change_;  // before route()
  int asked_git_ = 0;
};

json::object result_of(const http::Response& response) {
  return json::parse(response.body).at("result").as_object();
}

}  // namespace kiln::api
