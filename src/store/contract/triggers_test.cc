#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

class Triggers : public Contract {};
class Variables : public Contract {};

TEST_P(Triggers, AreStoredWhole) {
  const model::Worker worker = t.add_worker(t.add_account().id);
  model::Trigger wanted;
  wanted.uuid = t.entropy.uuid();
  wanted.account_id = worker.account_id;
  wanted.worker_tag = worker.tag;
  wanted.name = "näme \"quoted\"";
  wanted.build_command = "make";
  wanted.deploy_command = "npx wrangler deploy";
  wanted.root_directory = "/web";
  wanted.branch_includes = {"main", "rel/*"};
  wanted.branch_excludes = {"*-wip"};
  wanted.path_includes = {"*"};
  wanted.path_excludes = {"docs/*"};
  wanted.build_caching_enabled = true;
  wanted.require_version = true;
  wanted.paused = true;
  wanted.build_token_uuid = t.add_build_token(worker.account_id).uuid;
  wanted.connection = t.add_connection(worker.account_id);
  wanted.created_on = wanted.modified_on = t.clock.now();
  ASSERT_TRUE(t.triggers.add_trigger(wanted));
  const model::Trigger stored = *t.triggers.trigger(worker.account_id, wanted.uuid);
  EXPECT_EQ(stored.name, wanted.name);
  EXPECT_EQ(stored.root_directory, "/web");
  EXPECT_EQ(stored.branch_includes, wanted.branch_includes);
  EXPECT_EQ(stored.branch_excludes, wanted.branch_excludes);
  EXPECT_EQ(stored.path_includes, wanted.path_includes);
  EXPECT_EQ(stored.path_excludes, wanted.path_excludes);
  EXPECT_TRUE(stored.build_caching_enabled);
  EXPECT_TRUE(stored.require_version);
  EXPECT_TRUE(stored.paused);
  EXPECT_EQ(stored.build_token_uuid, wanted.build_token_uuid);
  EXPECT_EQ(stored.build_token_name, "deploys");
  EXPECT_EQ(stored.connection.clone_url, wanted.connection.clone_url);
  EXPECT_EQ(t.triggers.triggers_of_worker(worker.account_id, worker.tag)->size(), 1U);
  EXPECT_EQ(t.triggers.triggers_of_connection(wanted.connection.uuid)->size(), 1U);
  EXPECT_EQ(t.triggers.triggers_of_account(worker.account_id)->size(), 1U);
  EXPECT_TRUE(t.triggers.triggers_of_account(t.entropy.hex32())->empty());
}

TEST_P(Triggers, NameTheFieldThatPointsNowhere) {
  const model::Trigger good = t.add_trigger();
  const auto field_of = [&](auto&& change) {
    model::Trigger bad = good;
    bad.uuid = t.entropy.uuid();
    change(bad);
    const Result<model::Trigger> refused = t.triggers.add_trigger(bad);
    EXPECT_EQ(refused.error().code, Errc::not_found);
    return refused.error().field;
  };
  EXPECT_EQ(field_of([&](model::Trigger& bad) { bad.worker_tag = "hello"; }), "external_script_id");
  EXPECT_EQ(field_of([&](model::Trigger& bad) { bad.connection.uuid = t.entropy.uuid(); }),
            "repo_connection_uuid");
  EXPECT_EQ(field_of([&](model::Trigger& bad) { bad.build_token_uuid = t.entropy.uuid(); }),
            "build_token_uuid");
  const std::string other = t.add_account("else").id;
  EXPECT_EQ(field_of([&](model::Trigger& bad) { bad.connection.uuid = t.add_connection(other).uuid; }),
            "repo_connection_uuid");
  EXPECT_EQ(t.triggers.triggers_of_worker(good.account_id, good.worker_tag)->size(), 1U);
}

TEST_P(Triggers, ChangeOnlyInTheirOwnAccount) {
  model::Trigger trigger = t.add_trigger();
  t.clock.advance(7);
  trigger.name = "renamed";
  trigger.modified_on = t.clock.now();
  EXPECT_EQ(t.triggers.update_trigger(trigger)->name, "renamed");
  EXPECT_EQ(t.triggers.trigger(trigger.account_id, trigger.uuid)->modified_on, t.clock.now());
  model::Trigger foreign = trigger;
  foreign.account_id = t.add_account("else").id;
  EXPECT_EQ(t.triggers.update_trigger(foreign).error().code, Errc::not_found);
  EXPECT_EQ(t.triggers.trigger(foreign.account_id, trigger.uuid).error().code, Errc::not_found);
  EXPECT_EQ(t.triggers.delete_trigger(foreign.account_id, trigger.uuid, 1).error().code, Errc::not_found);
}

TEST_P(Triggers, KeepADeletedTokenButTakeNoNewOne) {
  model::Trigger trigger = t.add_trigger();
  ASSERT_TRUE(
      t.build_tokens.delete_build_token(trigger.account_id, *trigger.build_token_uuid, t.clock.now()));
  trigger.name = "renamed";
  const Result<model::Trigger> stored = t.triggers.update_trigger(trigger);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->build_token_uuid, trigger.build_token_uuid);
  const model::BuildToken gone = t.add_build_token(trigger.account_id);
  ASSERT_TRUE(t.build_tokens.delete_build_token(trigger.account_id, gone.uuid, t.clock.now()));
  trigger.build_token_uuid = gone.uuid;
  EXPECT_EQ(t.triggers.update_trigger(trigger).error().field, "build_token_uuid");
}

TEST_P(Triggers, OnceDeletedAreOutOfEveryList) {
  const model::Trigger trigger = t.add_trigger();
  ASSERT_TRUE(t.triggers.upsert_variables(trigger.uuid, {{"A", "1", true, 1}}, 64));
  ASSERT_TRUE(t.triggers.delete_trigger(trigger.account_id, trigger.uuid, t.clock.now()));
  EXPECT_EQ(t.triggers.trigger(trigger.account_id, trigger.uuid).error().code, Errc::not_found);
  EXPECT_TRUE(t.triggers.triggers_of_worker(trigger.account_id, trigger.worker_tag)->empty());
  EXPECT_TRUE(t.triggers.triggers_of_connection(trigger.connection.uuid)->empty());
  EXPECT_TRUE(t.triggers.variables(trigger.uuid, true)->empty());
  EXPECT_EQ(t.triggers.delete_trigger(trigger.account_id, trigger.uuid, 1).error().code, Errc::not_found);
}

TEST_P(Variables, ShowSecretsOnlyToWhoAsksForThem) {
  const Uuid trigger = t.add_trigger().uuid;
  ASSERT_TRUE(
      t.triggers.upsert_variables(trigger, {{"PLAIN", "a", false, 1}, {"KEY", "s3cret", true, 2}}, 64));
  const std::vector<model::EnvVar> shown = *t.triggers.variables(trigger, false);
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown[0].name, "KEY");
  EXPECT_TRUE(shown[0].is_secret);
  EXPECT_EQ(shown[0].value, "");
  EXPECT_EQ(shown[1].value, "a");
  EXPECT_EQ((*t.triggers.variables(trigger, true))[0].value, "s3cret");
}

TEST_P(Variables, AreReplacedByNameAndKeepTheirBirthday) {
  const Uuid trigger = t.add_trigger().uuid;
  ASSERT_TRUE(t.triggers.upsert_variables(trigger, {{"A", "old", true, 1}}, 64));
  ASSERT_TRUE(t.triggers.upsert_variables(trigger, {{"A", "new", false, 9}}, 64));
  const std::vector<model::EnvVar> now = *t.triggers.variables(trigger, true);
  ASSERT_EQ(now.size(), 1U);
  EXPECT_EQ(now[0].value, "new");
  EXPECT_FALSE(now[0].is_secret);
  EXPECT_EQ(now[0].created_on, 1);
  ASSERT_TRUE(t.triggers.delete_variable(trigger, "A"));
  EXPECT_EQ(t.triggers.delete_variable(trigger, "A").error().code, Errc::not_found);
}

TEST_P(Variables, OverTheLimitChangeNothing) {
  const Uuid trigger = t.add_trigger().uuid;
  ASSERT_TRUE(t.triggers.upsert_variables(trigger, {{"A", "1", false, 1}}, 2));
  const Status refused =
      t.triggers.upsert_variables(trigger, {{"B", "1", false, 1}, {"C", "1", false, 1}}, 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_EQ(t.triggers.variables(trigger, false)->size(), 1U);
  EXPECT_TRUE(t.triggers.upsert_variables(trigger, {{"A", "2", false, 1}, {"B", "1", false, 1}}, 2));
  EXPECT_EQ(t.triggers.upsert_variables(t.entropy.uuid(), {{"A", "2", false, 1}}, 2).error().code,
            Errc::not_found);
}

KILN_CONTRACT(Triggers);
KILN_CONTRACT(Variables);

}  // namespace
}  // namespace kiln::store::contract
