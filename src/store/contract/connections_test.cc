#include <gtest/gtest.h>

#include <limits>

#include "model/repo_place.h"
#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

model::RepoConnection github(testing::StoreGround& t, const std::string& account_id,
                             const std::string& repo_id) {
  model::RepoConnection out;
  out.uuid = t.entropy.uuid();
  out.account_id = account_id;
  out.provider_type = "github";
  out.provider_account_id = "77";
  out.provider_account_name = "octo";
  out.repo_id = repo_id;
  out.repo_name = "site";
  out.clone_url = "https://github.com/octo/site.git";
  out.created_on = out.modified_on = t.clock.now();
  return out;
}

class Connections : public Contract {};
class Hooks : public Contract {};

TEST_P(Connections, AreOneARepository) {
  const std::string account = t.add_account().id;
  const model::RepoConnection first = *t.connections.upsert_connection(github(t, account, "9"));
  t.clock.advance(5);
  model::RepoConnection renamed = github(t, account, "9");
  renamed.repo_name = "site2";
  renamed.clone_url.clear();
  const model::RepoConnection second = *t.connections.upsert_connection(renamed);
  EXPECT_EQ(second.uuid, first.uuid);
  EXPECT_EQ(second.created_on, first.created_on);
  EXPECT_EQ(second.modified_on, first.modified_on + 5);
  EXPECT_EQ(second.repo_name, "site2");
  EXPECT_EQ(second.clone_url, first.clone_url);
  EXPECT_EQ(t.connections.connections(account)->size(), 1U);
}

TEST_P(Connections, FollowTheirHostsNamesInTheHostsOrder) {
  const std::string account = t.add_account().id;
  model::RepoConnection now = *t.connections.upsert_connection(github(t, account, "9"));
  const auto rename = [&](const std::string& name, TimeMs at_host) {
    now.repo_name = name;
    now.clone_url = "https://github.com/octo/" + name + ".git";
    return *t.connections.follow_rename(now, at_host);
  };
  ASSERT_TRUE(rename("second", 2'000));
  EXPECT_FALSE(rename("first", 1'000)) << "it came late";
  EXPECT_EQ(t.connections.connection(account, now.uuid)->repo_name, "second");
  EXPECT_EQ(rename("third", 2'000)->repo_name, "third") << "within one second whichever comes last";
  EXPECT_EQ(rename("fourth", 0)->clone_url, "https://github.com/octo/fourth.git") << "no time was told";
  EXPECT_FALSE(rename("first", 1'999)) << "and the time that was is known still";
  EXPECT_TRUE(rename("fifth", std::numeric_limits<TimeMs>::max())) << "a clock that is far ahead";
  EXPECT_TRUE(rename("sixth", t.clock.now() + 3'600'000)) << "and freezes nothing";
  ASSERT_TRUE(t.connections.delete_connection(account, now.uuid, 5));
  EXPECT_EQ(t.connections.follow_rename(now, 9'000).error().code, Errc::not_found);
}

TEST_P(Connections, BelongToTheirAccount) {
  const std::string mine = t.add_account().id;
  const std::string theirs = t.add_account("else").id;
  const model::RepoConnection connection = *t.connections.upsert_connection(github(t, mine, "9"));
  EXPECT_NE(t.connections.upsert_connection(github(t, theirs, "9"))->uuid, connection.uuid);
  EXPECT_EQ(t.connections.connection(theirs, connection.uuid).error().code, Errc::not_found);
  EXPECT_EQ(t.connections.delete_connection(theirs, connection.uuid, 1).error().code, Errc::not_found);
  EXPECT_TRUE(t.connections.connection(mine, connection.uuid));
}

TEST_P(Connections, LearnTheHostsIdAndAreStillFoundByName) {
  const std::string account = t.add_account().id;
  const model::RepoConnection made =
      *t.connections.upsert_connection(github(t, account, "provisional:octo/site"));
  ASSERT_EQ(t.connections.connections_of_repo("github", "9", "Octo/Site")->size(), 1U);
  ASSERT_TRUE(t.connections.learn_repo_id(made.uuid, "9", t.clock.now()));
  EXPECT_EQ(t.connections.connection(account, made.uuid)->repo_id, "9");
  EXPECT_EQ(t.connections.connections_of_repo("github", "9", "octo/renamed")->size(), 1U);
  EXPECT_TRUE(t.connections.connections_of_repo("github", "10", "octo/site")->empty());
  EXPECT_TRUE(t.connections.connections_of_repo("github", "", "")->empty());
  EXPECT_TRUE(t.connections.connections_of_repo("gitlab", "9", "octo/site")->empty());
  // Connecting by name again is the same connection, and what was learnt stays.
  const model::RepoConnection again =
      *t.connections.upsert_connection(github(t, account, "provisional:octo/site"));
  EXPECT_EQ(again.uuid, made.uuid);
  EXPECT_EQ(again.repo_id, "9");
  ASSERT_TRUE(t.connections.learn_repo_id(made.uuid, "11", t.clock.now()));
  EXPECT_EQ(t.connections.connection(account, made.uuid)->repo_id, "9");
}

TEST_P(Connections, OfOneNameAtTwoHostsAreTwo) {
  const std::string account = t.add_account().id;
  const auto connect = [&](const std::string& url) {
    const model::RepoPlace place = model::repo_place(url);
    model::RepoConnection wanted = github(t, account, model::provisional_repo_id(place));
    wanted.provider_account_id = model::owner_id(place);
    wanted.clone_url = url;
    return *t.connections.upsert_connection(wanted);
  };
  const model::RepoConnection one = connect("https://gitlab.example/octo/site.git");
  const model::RepoConnection other = connect("https://gitea.example/octo/site.git");
  EXPECT_NE(one.uuid, other.uuid);
  EXPECT_EQ(t.connections.connection(account, one.uuid)->clone_url, "https://gitlab.example/octo/site.git");
  EXPECT_EQ(connect("https://gitlab.example/octo/site").uuid, one.uuid);
  EXPECT_EQ(t.connections.connections_of_repo("github", "9", "octo/site")->size(), 2U)
      << "the hook's secret says which";
  ASSERT_TRUE(t.connections.learn_repo_id(one.uuid, "9", t.clock.now()));
  ASSERT_TRUE(t.connections.learn_repo_id(other.uuid, "9", t.clock.now()))
      << "two hosts count for themselves";
  EXPECT_EQ(connect("https://gitea.example/octo/site").uuid, other.uuid);
}

TEST_P(Connections, CannotGoWhileATriggerUsesThem) {
  const model::Trigger trigger = t.add_trigger();
  const Status refused =
      t.connections.delete_connection(trigger.account_id, trigger.connection.uuid, t.clock.now());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  ASSERT_TRUE(t.triggers.delete_trigger(trigger.account_id, trigger.uuid, t.clock.now()));
  ASSERT_TRUE(t.connections.delete_connection(trigger.account_id, trigger.connection.uuid, t.clock.now()));
  EXPECT_EQ(t.connections.connection(trigger.account_id, trigger.connection.uuid).error().code,
            Errc::not_found);
  EXPECT_TRUE(t.connections.connections(trigger.account_id)->empty());
}

TEST_P(Connections, OnceDeletedTheRepositoryIsConnectedAnew) {
  const std::string account = t.add_account().id;
  const model::RepoConnection first = *t.connections.upsert_connection(github(t, account, "9"));
  ASSERT_TRUE(t.connections.delete_connection(account, first.uuid, t.clock.now()));
  EXPECT_NE(t.connections.upsert_connection(github(t, account, "9"))->uuid, first.uuid);
}

TEST_P(Hooks, KeepTheirSecretAndFindTheirConnection) {
  const std::string account = t.add_account().id;
  const model::RepoConnection connection = *t.connections.upsert_connection(github(t, account, "9"));
  EXPECT_FALSE(*t.connections.hook(connection.uuid));
  ASSERT_TRUE(t.connections.set_hook(connection.uuid, "hook-id", "hook-secret"));
  const auto hook = t.connections.hook(connection.uuid);
  ASSERT_TRUE(hook && *hook);
  EXPECT_EQ((*hook)->hook_id, "hook-id");
  EXPECT_EQ((*hook)->secret, "hook-secret");
  EXPECT_EQ((*t.connections.connection_by_hook_id("hook-id"))->uuid, connection.uuid);
  EXPECT_FALSE(*t.connections.connection_by_hook_id("hook-ie"));
  EXPECT_EQ(t.connections.set_hook(t.entropy.uuid(), "x", "y").error().code, Errc::not_found);
  ASSERT_TRUE(t.connections.delete_connection(account, connection.uuid, t.clock.now()));
  EXPECT_FALSE(*t.connections.connection_by_hook_id("hook-id"));
}

TEST_P(Connections, KeepTheirCredentialsSealedAndForOneHost) {
  const std::string account = t.add_account().id;
  const model::RepoConnection made = *t.connections.upsert_connection(github(t, account, "9"));
  EXPECT_EQ(*t.connections.clone_authorization(made.uuid), "");
  ASSERT_TRUE(t.connections.set_clone_authorization(made.uuid, "Basic c2VjcmV0"));
  EXPECT_EQ(*t.connections.clone_authorization(made.uuid), "Basic c2VjcmV0");
  model::RepoConnection moved = github(t, account, "9");
  moved.clone_url = "https://github.com/octo/renamed.git";
  ASSERT_TRUE(t.connections.upsert_connection(moved));
  EXPECT_EQ(*t.connections.clone_authorization(made.uuid), "Basic c2VjcmV0") << "the same host";
  moved.clone_url = "https://elsewhere.example/octo/site.git";
  ASSERT_TRUE(t.connections.upsert_connection(moved));
  EXPECT_EQ(*t.connections.clone_authorization(made.uuid), "") << "another host";
  EXPECT_EQ(t.connections.set_clone_authorization(t.entropy.uuid(), "x").error().code, Errc::not_found);
}

KILN_CONTRACT(Connections);
KILN_CONTRACT(Hooks);

}  // namespace
}  // namespace kiln::store::contract
