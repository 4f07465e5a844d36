// What every store must keep of source hosts that accounts have set up.
#include <gtest/gtest.h>

#include "store/contract/contract.h"

namespace kiln::store::contract {
namespace {

struct Forges : Contract {
  model::Account account = t.add_account();

  model::ForgeRecord record(const std::string& url) {
    return {t.entropy.uuid(), account.id, "github", url, url + "/api/v3", "12", "kiln-acme", "Iv1.x", "", 5};
  }
};

TEST_P(Forges, AreKeptWithTheirSecretsSealed) {
  const auto kept = t.forges.keep_forge(record("https://git.example"), {"PEM", "hush", ""});
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(t.forges.forge_secrets(kept->uuid)->private_key, "PEM");
  EXPECT_EQ(t.forges.forge_secrets(kept->uuid)->webhook_secret, "hush");
  EXPECT_EQ(t.forges.forge(account.id, kept->uuid)->app_slug, "kiln-acme");
  EXPECT_EQ(t.forges.forges_of_provider("github")->size(), 1U);
  EXPECT_EQ(t.forges.forge(t.add_account("other").id, kept->uuid).error().code, Errc::not_found);
}

TEST_P(Forges, OneOfTheSamePlaceTakesItsPlace) {
  const auto first = t.forges.keep_forge(record("https://git.example"), {"PEM", "hush", ""});
  model::ForgeRecord again = record("https://git.example");
  again.app_id = "13";
  const auto second = t.forges.keep_forge(again, {"OTHER", "", ""});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->uuid, second->uuid);
  EXPECT_EQ(second->app_id, "13");
  EXPECT_EQ(t.forges.forges(account.id)->size(), 1U);
  EXPECT_EQ(t.forges.forge_secrets(first->uuid)->private_key, "OTHER");
}

TEST_P(Forges, AreGoneOnceDeleted) {
  const auto kept = t.forges.keep_forge(record("https://git.example"), {"PEM", "", ""});
  ASSERT_TRUE(t.forges.delete_forge(account.id, kept->uuid));
  EXPECT_EQ(t.forges.delete_forge(account.id, kept->uuid).error().code, Errc::not_found);
  EXPECT_EQ(t.forges.forge_secrets(kept->uuid).error().code, Errc::not_found);
}

KILN_CONTRACT(Forges);

}  // namespace
}  // namespace kiln::store::contract
