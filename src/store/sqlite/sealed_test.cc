// What the file shows of secrets: nothing.
#include <gtest/gtest.h>

#include "base/fs.h"
#include "store/sqlite/connection_store.h"
#include "store/sqlite/sealed_rows.h"
#include "testing/memory_store.h"

namespace kiln::store::sqlite {
namespace {

using testing::TestStore;

TEST(Sealed, DeployHooksAreNotInTheFile) {
  TestStore t;
  const model::Trigger trigger = t.add_trigger();
  const model::DeployHook hook = t.add_deploy_hook(trigger.account_id, trigger.worker_tag);
  Intake intake;
  intake.hook = HookStart{hook.uuid, trigger.account_id, trigger.worker_tag, trigger.uuid, "main"};
  intake.builds.push_back(t.make_build(trigger));
  ASSERT_TRUE(t.queue.enqueue(intake));
  for (const char* suffix : {"", "-wal"}) {
    const Result<std::string> bytes = read_file(t.file().string() + suffix, 64U << 20U);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->find(hook.uuid.raw()), std::string::npos);
    EXPECT_EQ(bytes->find(hook.uuid.str()), std::string::npos);
  }
}

TEST(Sealed, SecretsOfVersionsAreNotReadable) {
  TestStore t;
  NewVersion made;
  made.version.id = t.entropy.uuid();
  made.version.worker_tag = t.add_worker(t.add_account().id).tag;
  made.secrets["S"] = "a-very-unusual-secret";
  ASSERT_TRUE(t.versions.add_version(made));
  const auto sealed = t.database->read([&](Connection& db) -> Result<std::string> {
    Query query = db.query("SELECT value_sealed FROM version_secrets");
    if (!query.step()) return fail(Errc::not_found, "no secret was stored");
    return query.text(0);
  });
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->find("unusual"), std::string::npos);
}

// Rows of before credentials were taken apart when a repository is connected.
TEST(Sealed, CredentialsInStoredUrlsAreTakenOutOfThem) {
  TestStore t;
  SqliteConnectionStore connections(*t.database, t.box, t.entropy);
  const model::RepoConnection made = t.add_trigger().connection;
  const auto after = [&](const std::string& url) {
    EXPECT_TRUE(t.database->write([&](Connection& db) -> Status {
      db.query("UPDATE repo_connections SET clone_url = ?, clone_auth_sealed = x'' WHERE uuid = ?")
          .bind(url)
          .bind(made.uuid)
          .run();
      return {};
    }));
    EXPECT_TRUE(connections.seal_credentials_in_urls());
    return connections.connection(made.account_id, made.uuid)->clone_url + " " +
           *connections.clone_authorization(made.uuid);
  };
  EXPECT_EQ(after("https://u:p@h/x.git"), "https://h/x.git Basic dTpw");
  EXPECT_EQ(after("https://u:%zz@h/x.git"), "https://h/x.git ") << "unreadable, and gone all the same";
  EXPECT_EQ(after("https://h/x@y"), "https://h/x@y ");
}

TEST(Key, IsKnownByWhatItOpens) {
  TestStore t;
  const SecretBox other(std::string(32, 'o'));
  EXPECT_TRUE(check_key(*t.database, t.box));
  EXPECT_TRUE(check_key(*t.database, other)) << "where nothing is sealed nothing is lost";
  const model::Trigger trigger = t.add_trigger();
  t.add_deploy_hook(trigger.account_id, trigger.worker_tag);
  EXPECT_TRUE(check_key(*t.database, t.box));
  EXPECT_EQ(check_key(*t.database, other).error().code, Errc::corrupt);
  // One row that is damaged is that row's trouble.
  ASSERT_TRUE(t.database->write([](Connection& db) -> Status {
    db.query(
          "UPDATE build_tokens SET secret_sealed = x'00' WHERE rowid = (SELECT min(rowid) FROM build_tokens)")
        .run();
    return {};
  }));
  EXPECT_TRUE(check_key(*t.database, t.box));
}

}  // namespace
}  // namespace kiln::store::sqlite
