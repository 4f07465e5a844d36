#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <thread>

#include "base/hash.h"
#include "store/act.h"
#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

namespace json = boost::json;

Act act_of(const std::string& account_id, const std::string& action = "createThing") {
  return {account_id, {"token", "t-1", "laptop"}, "192.0.2.7", action, "shop", "r-1"};
}

class Audit : public Contract {
 protected:
  std::vector<model::AuditEntry> all() {
    const auto found = t.audit.entries({}, std::nullopt, 100);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : std::vector<model::AuditEntry>();
  }
  model::ApiToken token(const std::string& name = "ci") {
    model::ApiToken made;
    made.id = t.entropy.uuid();
    made.account_id = account.id;
    made.name = name;
    made.permissions.ci_read = true;
    made.created_on = t.clock.now();
    return made;
  }
  const model::Account account = t.add_account();
};

TEST_P(Audit, TellsOfAnActWhatItIsAndWhatItChanged) {
  Act act = act_of(account.id);
  const model::ApiToken made = token();
  {
    const Acting acting(act);
    ASSERT_TRUE(t.accounts.add_token(made, sha256("kiln_secret")));
  }
  ASSERT_EQ(all().size(), 1U);
  EXPECT_EQ(act.rows, 1);
  const model::AuditEntry entry = all().front();
  EXPECT_EQ(entry.account_id, account.id);
  EXPECT_EQ(entry.at, t.clock.now());
  EXPECT_EQ(entry.who.kind, "token");
  EXPECT_EQ(entry.who.id, "t-1");
  EXPECT_EQ(entry.who.name, "laptop");
  EXPECT_EQ(entry.address, "192.0.2.7");
  EXPECT_EQ(entry.action, "createThing");
  EXPECT_EQ(entry.target, "shop");
  EXPECT_EQ(entry.request_id, "r-1");
  const json::value changes = json::parse(entry.changes_json);
  ASSERT_EQ(changes.as_array().size(), 1U);
  EXPECT_EQ(changes.at(0).at("object").as_string(), "token");
  EXPECT_EQ(changes.at(0).at("id").as_string(), made.id.str());
  EXPECT_EQ(changes.at(0).at("change").as_string(), "made");
  const json::value expected{{"before", nullptr}, {"after", "ci:read"}};
  EXPECT_EQ(changes.at(0).at("fields").at("permissions"), expected);
}

TEST_P(Audit, ShowsBeforeAndAfterOfWhatChangedAlone) {
  Act act = act_of(account.id);
  const Acting acting(act);
  ASSERT_TRUE(t.accounts.set_build_minutes(account.id, 90));
  const json::value changes = json::parse(all().front().changes_json);
  const json::value expected{{"build_minutes", {{"before", nullptr}, {"after", 90}}}};
  EXPECT_EQ(changes.at(0).at("fields"), expected);
  ASSERT_TRUE(t.accounts.set_build_minutes(account.id, 90));
  EXPECT_EQ(all().size(), 1U) << "nothing was changed";
}

TEST_P(Audit, HoldsNoSecret) {
  Act act = act_of(account.id);
  const Acting acting(act);
  t.add_build_token(account.id, "cf-token-secret");
  model::ApiToken made = token();
  ASSERT_TRUE(t.accounts.add_token(made, sha256("kiln_secret")));
  ASSERT_EQ(all().size(), 2U);
  for (const model::AuditEntry& entry : all()) {
    EXPECT_EQ(entry.changes_json.find("cf-token-secret"), std::string::npos);
    EXPECT_EQ(entry.changes_json.find("hash"), std::string::npos);
  }
  EXPECT_NE(all().back().changes_json.find(R"("secret":{"before":null,"after":"[hidden]"})"),
            std::string::npos)
      << all().back().changes_json;
}

TEST_P(Audit, HasNoRowOfWhatFailsOrHasNoAct) {
  ASSERT_TRUE(t.accounts.add_token(token(), sha256("one")));
  Act act = act_of(account.id);
  const Acting acting(act);
  ASSERT_FALSE(t.accounts.revoke_token(account.id, t.entropy.uuid()));
  EXPECT_TRUE(all().empty());
  EXPECT_EQ(act.rows, 0);
}

TEST_P(Audit, CountsWhatIsMovedAndNotSet) {
  Act act = act_of(account.id, "sendQueueMessage");
  const model::MessageQueue queue = [&] {
    model::MessageQueue made;
    made.id = t.entropy.hex32();
    made.account_id = account.id;
    made.name = "jobs";
    EXPECT_TRUE(t.queues.add_queue(made));
    return made;
  }();
  const Acting acting(act);
  NewMessage message;
  message.id = t.entropy.uuid();
  NewMessage another;
  another.id = t.entropy.uuid();
  ASSERT_TRUE(t.messages.send(account.id, queue.id, {message, another}));
  const json::value expected = json::parse(R"([{"object":"message","change":"made","count":2}])");
  EXPECT_EQ(json::parse(all().front().changes_json), expected);
}

TEST_P(Audit, KeepsActsOfThreadsApart) {
  constexpr int kEach = 20;
  const auto work = [&](const std::string& who) {
    Act act = act_of(account.id, who);
    const Acting acting(act);
    for (int i = 0; i < kEach; ++i) {
      model::ApiToken made = token(who);
      made.id = Uuid::from_raw(sha256(who + std::to_string(i)).substr(0, 16)).value();
      EXPECT_TRUE(t.accounts.add_token(made, sha256(made.id.str())));
    }
    EXPECT_EQ(act.rows, kEach);
  };
  std::jthread one(work, "one");
  std::jthread two(work, "two");
  one.join();
  two.join();
  ASSERT_EQ(all().size(), 2U * kEach);
  for (const model::AuditEntry& entry : all())
    EXPECT_NE(entry.changes_json.find("\"after\":\"" + entry.action + "\""), std::string::npos);
}

TEST_P(Audit, IsReadNewestFirstAndByFilters) {
  const model::Account other = t.add_account("other");
  Act first = act_of(account.id, "one");
  ASSERT_TRUE(t.audit.note(first));
  t.clock.advance(1'000);
  Act second = act_of(other.id, "two");
  second.who = {"session", "s-1", "Ada"};
  second.target = "shop/API_KEY";
  ASSERT_TRUE(t.audit.note(second));
  const auto names = [&](const model::AuditFilter& filter, std::optional<std::int64_t> below = {}) {
    std::string words;
    const auto entries = t.audit.entries(filter, below, 10);
    for (const auto& entry : *entries) words += entry.action + " ";
    return words;
  };
  EXPECT_EQ(names({}), "two one ");
  EXPECT_EQ(names({}, all().front().number), "one ");
  EXPECT_EQ(names({.account_id = other.id}), "two ");
  EXPECT_EQ(names({.since = t.clock.now()}), "two ");
  EXPECT_EQ(names({.until = t.clock.now()}), "one ");
  EXPECT_EQ(names({.action = "one"}), "one ");
  for (const char* who : {"session", "s-1", "Ada"}) EXPECT_EQ(names({.who = who}), "two ") << who;
  EXPECT_EQ(names({.target = "API_KEY"}), "two ");
  EXPECT_EQ(t.audit.entries({}, std::nullopt, 1)->size(), 1U);
}

TEST_P(Audit, ForgetsOnlyWhatIsOld) {
  ASSERT_TRUE(t.audit.note(act_of(account.id, "old")));
  t.clock.advance(1'000);
  ASSERT_TRUE(t.audit.note(act_of(account.id, "new")));
  EXPECT_EQ(t.audit.forget(t.clock.now(), 100), 1);
  ASSERT_EQ(all().size(), 1U);
  EXPECT_EQ(all().front().action, "new");
}

KILN_CONTRACT(Audit);

}  // namespace
}  // namespace kiln::store::contract
