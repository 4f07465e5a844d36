#include "connect/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ssh_key.h"
#include "testing/memory_store.h"

namespace kiln::connect {
namespace {

using ::testing::HasSubstr;

class ConnectionCredentials : public ::testing::Test {
 protected:
  model::RepoConnection connection_at(const std::string& url) {
    model::RepoConnection connection = t.add_connection(account_);
    connection.clone_url = url;
    return *t.connections.upsert_connection(connection);
  }
  Result<Credentials> keep(const model::RepoConnection& connection, const CredentialWish& wish) {
    const auto unused = [](const model::RepoConnection&) -> Result<std::string> {
      return fail(Errc::internal, "nobody asks");
    };
    const Ports ports{
        t.connections,
        t.triggers,
        t.build_tokens,
        t.workers,
        t.watches,
        t.entropy,
        t.clock,
        unused,
        [this](const model::RepoConnection&) {
          ++asked_;
          return shown_;
        },
        nullptr,
        [](const std::string&, const std::string&) {
          return HostKind{"git", HostKind::By::name};
        },
        [](const std::string& provider, const std::string& token) { return provider + " " + token; },
        nullptr};
    return keep_credentials(ports, connection, wish);
  }
  std::string key(std::uint64_t seed) {
    testing::FakeEntropy entropy(seed);
    return *parse_ssh_key(make_ssh_key(entropy, "host").public_key);
  }

  testing::TestStore t;
  std::string account_ = t.add_account().id;
  Result<std::string> shown_ = key(1);
  int asked_ = 0;
};

TEST_F(ConnectionCredentials, TakeTheSigningTokenThatAHostMadeBesideTheSecretBefore) {
  const model::RepoConnection shop = connection_at("https://gitlab.acme.test/acme/shop.git");
  ASSERT_TRUE(t.connections.set_hook(shop.uuid, "hook-id", "s3cret"));
  CredentialWish wish;
  wish.signing_token = "whsec_a2V5";
  ASSERT_TRUE(keep(shop, wish));
  EXPECT_EQ(*t.connections.hook_secrets(shop.uuid), (std::vector<std::string>{"whsec_a2V5", "s3cret"}));
}

TEST_F(ConnectionCredentials, PinTheFirstKeyThatAHostShowsAndKeepToIt) {
  const model::RepoConnection shop = connection_at("git@git.acme.test:shop.git");
  const auto first = keep(shop, {});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->pinned_now);
  EXPECT_EQ(first->host_key_fingerprints, ssh_fingerprint(key(1)));
  shown_ = key(2);
  const auto again = keep(shop, {});
  EXPECT_FALSE(again->pinned_now);
  EXPECT_EQ(t.connections.ssh_access(shop.uuid)->host_keys, key(1));
  EXPECT_EQ(asked_, 1);
}

TEST_F(ConnectionCredentials, SayWhenAHostShowsNoKey) {
  shown_ = fail(Errc::unavailable, "it is down");
  const auto kept = keep(connection_at("ssh://git@git.acme.test/shop.git"), {});
  ASSERT_TRUE(kept);
  EXPECT_THAT(kept->note, HasSubstr("it is down"));
  EXPECT_EQ(kept->host_key_fingerprints, "");
}

TEST_F(ConnectionCredentials, PinAnotherKeyByTheFingerprintThatItsOwnerTold) {
  const model::RepoConnection shop = connection_at("git@git.acme.test:shop.git");
  ASSERT_TRUE(keep(shop, {}));
  shown_ = key(2);
  CredentialWish wish;
  wish.host_key = HostKeyWish{{}, ssh_fingerprint(key(3))};
  const auto wrong = keep(shop, wish);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().field, "known_host");
  EXPECT_EQ(t.connections.ssh_access(shop.uuid)->host_keys, key(1)) << "nothing was changed";
  wish.host_key = HostKeyWish{{}, ssh_fingerprint(key(2))};
  ASSERT_TRUE(keep(shop, wish));
  EXPECT_EQ(t.connections.ssh_access(shop.uuid)->host_keys, key(2));
}

TEST_F(ConnectionCredentials, TakeGivenKeysWithoutAskingTheHost) {
  CredentialWish wish;
  wish.host_key = *parse_host_key_wish("# git.acme.test:22\n[git.acme.test]:22 " + key(5) + "\n");
  ASSERT_TRUE(keep(connection_at("git@git.acme.test:shop.git"), wish));
  EXPECT_EQ(asked_, 0);
}

TEST_F(ConnectionCredentials, MakeOneDeployKeyAndAnotherWhenAsked) {
  const model::RepoConnection shop = connection_at("git@git.acme.test:shop.git");
  CredentialWish wish;
  wish.deploy_key = true;
  const std::string first = keep(shop, wish)->deploy_key;
  EXPECT_TRUE(first.starts_with("ssh-ed25519 AAAA"));
  EXPECT_EQ(keep(shop, wish)->deploy_key, first);
  wish.new_deploy_key = true;
  EXPECT_NE(keep(shop, wish)->deploy_key, first);
  EXPECT_EQ(t.connections.ssh_access(shop.uuid)->keys.size(), 2U);
}

TEST_F(ConnectionCredentials, CloneByATokenAsTheHostWantsItAndKeepItForItsApi) {
  const model::RepoConnection shop = connection_at("https://git.acme.test/shop.git");
  CredentialWish wish;
  wish.token = "t0ken";
  ASSERT_TRUE(keep(shop, wish));
  EXPECT_EQ(*t.connections.token(shop.uuid), "t0ken");
  EXPECT_EQ(*t.connections.clone_authorization(shop.uuid), "github t0ken");
  EXPECT_EQ(asked_, 0) << "there is no key of a web host";
}

TEST_F(ConnectionCredentials, OfSshFitNoOtherAddress) {
  CredentialWish wish;
  wish.deploy_key = true;
  EXPECT_EQ(keep(connection_at("https://git.acme.test/shop.git"), wish).error().field, "deploy_key");
  EXPECT_EQ(keep(connection_at("/srv/git/shop.git"), wish).error().field, "deploy_key");
}

TEST(HostKeyWishes, AreFingerprintsOrKeys) {
  EXPECT_EQ(parse_host_key_wish(" SHA256:" + std::string(43, 'x') + "\n")->fingerprint.size(), 50U);
  for (const char* text : {"", "# only a comment", "SHA256:short", "MD5:aa:bb", "what is this"})
    EXPECT_EQ(parse_host_key_wish(text).error().field, "known_host") << text;
}

}  // namespace
}  // namespace kiln::connect
