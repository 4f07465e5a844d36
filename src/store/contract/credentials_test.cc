#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

using Secrets = std::vector<std::string>;

class Credentials : public Contract {
 protected:
  const model::RepoConnection connection_ = t.add_connection(t.add_account().id);

  // The same repository, from now on cloned from there.
  void move_to(const std::string& url) {
    model::RepoConnection moved = connection_;
    moved.clone_url = url;
    ASSERT_TRUE(t.connections.upsert_connection(moved));
  }
};

TEST_P(Credentials, HaveOneTokenForTheHostsApi) {
  EXPECT_EQ(*t.connections.token(connection_.uuid), "");
  ASSERT_TRUE(t.connections.set_token(connection_.uuid, "one"));
  ASSERT_TRUE(t.connections.set_token(connection_.uuid, "two"));
  EXPECT_EQ(*t.connections.token(connection_.uuid), "two");
  ASSERT_TRUE(t.connections.set_token(connection_.uuid, ""));
  EXPECT_EQ(*t.connections.token(connection_.uuid), "");
  EXPECT_EQ(t.connections.set_token(t.entropy.uuid(), "x").error().code, Errc::not_found);
}

TEST_P(Credentials, TryTheNewestDeployKeyFirstAndTheOneBeforeForADay) {
  EXPECT_EQ(*t.connections.deploy_key(connection_.uuid), "");
  ASSERT_TRUE(t.connections.add_deploy_key(connection_.uuid, "private 1", "public 1"));
  ASSERT_TRUE(t.connections.add_deploy_key(connection_.uuid, "private 2", "public 2"));
  EXPECT_EQ(*t.connections.deploy_key(connection_.uuid), "public 2");
  EXPECT_EQ(t.connections.ssh_access(connection_.uuid)->keys, (Secrets{"private 2", "private 1"}));
  t.clock.advance(kOldSecretMs);
  EXPECT_EQ(t.connections.ssh_access(connection_.uuid)->keys, Secrets{"private 2"});
}

TEST_P(Credentials, OfSshStayWithTheirHost) {
  ASSERT_TRUE(t.connections.add_deploy_key(connection_.uuid, "private", "public"));
  ASSERT_TRUE(t.connections.pin_host_keys(connection_.uuid, "ssh-ed25519 AAAA"));
  move_to("https://github.com/octo/renamed.git");
  EXPECT_EQ(*t.connections.ssh_access(connection_.uuid), (model::SshAccess{{"private"}, "ssh-ed25519 AAAA"}));
  move_to("ssh://git@elsewhere.example/octo/hello.git");
  EXPECT_TRUE(t.connections.ssh_access(connection_.uuid)->empty());
}

TEST_P(Credentials, GoWithTheConnection) {
  ASSERT_TRUE(t.connections.add_deploy_key(connection_.uuid, "private", "public"));
  ASSERT_TRUE(t.connections.delete_connection(connection_.account_id, connection_.uuid, t.clock.now()));
  EXPECT_EQ(t.connections.ssh_access(connection_.uuid).error().code, Errc::not_found);
  EXPECT_EQ(*t.connections.deploy_key(connection_.uuid), "");
}

TEST_P(Credentials, AcceptAReplacedHookSecretForADay) {
  EXPECT_TRUE(t.connections.hook_secrets(connection_.uuid)->empty());
  EXPECT_EQ(t.connections.rotate_hook_secret(connection_.uuid, "x").error().code, Errc::not_found)
      << "it has none to replace";
  ASSERT_TRUE(t.connections.set_hook(connection_.uuid, "id", "first"));
  EXPECT_EQ(*t.connections.hook_secrets(connection_.uuid), Secrets{"first"});
  ASSERT_TRUE(t.connections.rotate_hook_secret(connection_.uuid, "second"));
  t.clock.advance(kOldSecretMs / 2);
  ASSERT_TRUE(t.connections.rotate_hook_secret(connection_.uuid, "third"));
  EXPECT_EQ((*t.connections.hook(connection_.uuid))->secret, "third");
  EXPECT_EQ((*t.connections.hook(connection_.uuid))->hook_id, "id");
  EXPECT_EQ(*t.connections.hook_secrets(connection_.uuid), (Secrets{"third", "second", "first"}));
  t.clock.advance(kOldSecretMs / 2);
  EXPECT_EQ(*t.connections.hook_secrets(connection_.uuid), (Secrets{"third", "second"}));
}

TEST_P(Credentials, SayWhichKindOfHostTheyAreFor) {
  ASSERT_TRUE(t.connections.set_provider(connection_.uuid, "gitea"));
  EXPECT_EQ(t.connections.connection(connection_.account_id, connection_.uuid)->provider_type, "gitea");
  model::RepoConnection same = connection_;
  same.uuid = t.entropy.uuid();
  const model::RepoConnection other = *t.connections.upsert_connection(same);
  EXPECT_EQ(t.connections.set_provider(other.uuid, "gitea").error().code, Errc::conflict);
}

KILN_CONTRACT(Credentials);

}  // namespace
}  // namespace kiln::store::contract
