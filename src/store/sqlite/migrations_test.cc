#include "store/sqlite/migrations.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "base/clock.h"
#include "model/repo_place.h"
#include "store/sqlite/account_store.h"
#include "store/sqlite/asset_store.h"
#include "store/sqlite/build_minute_rows.h"
#include "store/sqlite/build_queue.h"
#include "store/sqlite/build_store.h"
#include "store/sqlite/connection_store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/delivery_store.h"
#include "store/sqlite/deploy_hook_store.h"
#include "store/sqlite/migration_rows_for_test.h"
#include "store/sqlite/preview_store.h"
#include "store/sqlite/pull_request_store.h"
#include "store/sqlite/trigger_store.h"
#include "store/sqlite/version_store.h"
#include "store/sqlite/worker_store.h"
#include "testing/fake_clock.h"
#include "testing/fake_entropy.h"
#include "testing/temp_dir.h"

namespace kiln::store::sqlite {
namespace {

std::string one_text(Connection& db, const std::string& sql) {
  static std::deque<std::string> texts;  // are the keys of the connection's cache
  Query row = db.query(texts.emplace_back(sql).c_str());
  return row.step() ? row.text(0) : std::string();
}

// Each table's name and how many rows it has.
std::map<std::string, std::int64_t> rows_of(Connection& db) {
  std::vector<std::string> names;
  {
    Query tables =
        db.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
    while (tables.step()) names.push_back(tables.text(0));
  }
  std::map<std::string, std::int64_t> out;
  for (const std::string& name : names) out[name] = std::stoll(one_text(db, "SELECT count(*) FROM " + name));
  return out;
}

// By the version that the file had.
class Migrations : public ::testing::TestWithParam<std::size_t> {
 protected:
  Migrations() {
    make_file(file(), GetParam());
    Connection db(file(), true);
    before_ = rows_of(db);
  }
  std::filesystem::path file() const { return folder_.path() / "kiln.db"; }
  // Whether the migration of that name had been applied to the file.
  static bool had(std::string_view name) {
    for (std::size_t i = 0; i < GetParam(); ++i) {
      if (migrations()[i].name == name) return true;
    }
    return false;
  }

  testing::TempDir folder_;
  testing::FakeClock clock_;
  std::map<std::string, std::int64_t> before_;
  SecretBox box_{sha256("key")};
  testing::FakeEntropy entropy_;
};

TEST_P(Migrations, KeepEveryRowOfAFileOfAnyVersion) {
  ASSERT_EQ(kRows.size(), migrations().size()) << "say in kRows what the newest version adds";
  for (const auto& [table, rows] : before_) EXPECT_GT(rows, 0) << table << " is tried without rows";
  const auto database = Database::open(file(), clock_);
  ASSERT_TRUE(database) << database.error().message;
  Connection db(file(), true);
  EXPECT_EQ(one_text(db, "PRAGMA integrity_check"), "ok");
  EXPECT_EQ(one_text(db, "SELECT group_concat(\"table\") FROM pragma_foreign_key_check"), "");
  std::map<std::string, std::int64_t> after = rows_of(db);
  EXPECT_EQ(after["migrations"], static_cast<std::int64_t>(migrations().size()));
  for (const auto& [table, rows] : before_) {
    if (table != "migrations") {
      EXPECT_EQ(after[table], rows) << table;
    }
  }
}

TEST_P(Migrations, BringBuildsAlong) {
  const auto database = Database::open(file(), clock_);
  ASSERT_TRUE(database) << database.error().message;
  SqliteBuildStore builds(**database);
  const auto view = builds.build(kAccount, id_of(kDone));
  ASSERT_TRUE(view) << view.error().message;
  const model::Build& build = view->build;
  EXPECT_EQ(build.outcome, model::BuildOutcome::success);
  EXPECT_EQ(build.created_on, 21);
  EXPECT_EQ(build.stopped_on, 50);
  EXPECT_EQ(build.metadata.source, model::TriggerSource::push);
  EXPECT_EQ(build.metadata.branch, "main");
  EXPECT_EQ(build.metadata.commit_hash, std::string(39, '0') + "1");
  EXPECT_EQ(build.metadata.commit_message, "m \"q\"\ntwo");
  EXPECT_EQ(build.metadata.author, "Ada");
  EXPECT_EQ(build.metadata.build_command, "b");
  EXPECT_EQ(build.metadata.deploy_command, "d");
  EXPECT_EQ(build.metadata.root_directory, "/app");
  EXPECT_EQ(build.metadata.build_token_uuid, id_of(kBuildToken));
  EXPECT_EQ(build.metadata.build_token_name, "deploys");
  EXPECT_EQ(build.metadata.repo_name, "hello");
  EXPECT_EQ(build.metadata.provider_account_name, "octo");
  EXPECT_EQ(build.metadata.provider_type, "github");
  ASSERT_EQ(build.metadata.environment.size(), 2U);
  EXPECT_EQ(build.metadata.environment[0].value, "1");
  EXPECT_EQ(build.metadata.environment[0].created_on, 7);
  EXPECT_TRUE(build.metadata.environment[1].is_secret);
  ASSERT_TRUE(build.pull_request);
  EXPECT_EQ(build.pull_request->created_on, 3);
  EXPECT_EQ(build.pull_request->url, "https://github.com/octo/hello/pull/1");
  EXPECT_EQ(build.usage.memory_peak, had("usage") ? std::optional<std::int64_t>(1000) : std::nullopt);
  ASSERT_EQ(build.version_ids.size(), 2U);
  EXPECT_EQ(build.version_ids[0].str(), "aabbccdd-eeff-0011-2233-445566778899");
  EXPECT_EQ(build.version_ids[1].str(), "00bbccdd-eeff-0011-2233-445566778899");
  EXPECT_EQ(build.previewed, had("cron") ? std::optional(build.version_ids[1]) : std::nullopt);
  EXPECT_EQ(build.preview_alias, had("cron") ? "feat-one" : "");
  const auto found = builds.builds_by_versions(kAccount, {build.version_ids[1]});
  ASSERT_TRUE(found && found->size() == 1);
  EXPECT_EQ(found->at(0).second.build.uuid, id_of(kDone));

  const auto log = builds.log(id_of(kDone), "1", 100);
  ASSERT_TRUE(log && !log->lines.empty());
  EXPECT_EQ(log->lines[0], (model::LogLine{2, "twö", false}));
  EXPECT_EQ(log->lines.size(), had("log frames") ? 2U : 1U);

  const auto page = builds.builds_of_worker(kAccount, kTag, {2, 1});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->total, 3U);
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].build.uuid, id_of(kRunning));
  EXPECT_EQ(builds.build(kAccount, id_of(kQueued))->build.restricted, had("pull requests"));
}

TEST_P(Migrations, BringTriggersAndTheQueueAlong) {
  const auto database = Database::open(file(), clock_);
  ASSERT_TRUE(database) << database.error().message;
  SqliteConnectionStore connections(**database, box_, entropy_);
  SqliteTriggerStore triggers(**database, box_, entropy_);
  const auto trigger = triggers.trigger(kAccount, id_of(kTrigger));
  ASSERT_TRUE(trigger) << trigger.error().message;
  EXPECT_EQ(trigger->branch_excludes, std::vector<std::string>{"x"});
  EXPECT_EQ(trigger->build_token_name, "deploys");
  EXPECT_EQ(trigger->connection.clone_url, "https://github.com/octo/hello.git");
  EXPECT_EQ(trigger->require_version, had("require version"));
  EXPECT_EQ(trigger->paused, had("steering"));
  EXPECT_EQ(trigger->cache_epoch, had("cache epoch") ? 5 : 0);
  EXPECT_EQ(trigger->fork_builds,
            had("pull requests") ? model::ForkBuilds::without_secrets : model::ForkBuilds::never);
  EXPECT_EQ(triggers.variables(id_of(kTrigger), false)->at(0).value, "fast");
  EXPECT_EQ(connections.connection_by_hook_id("hook-1").value()->uuid, id_of(kConnection));

  const auto plain = connections.connection(kAccount, id_of(kPlain));
  EXPECT_EQ(plain->repo_id, model::plain_repo_id(model::repo_place("/srv/shop.git")));
  EXPECT_EQ(plain->provider_account_name, "srv");
  EXPECT_EQ(connections.connection(kAccount, id_of(kProvisionalOne))->repo_id,
            model::provisional_repo_id(model::repo_place("https://git.example/acme/shop")));
  ASSERT_EQ(connections.connections_of_repo("github", "5", "Acme/Shop")->size(), 1U);

  SqliteBuildQueue queue(**database, box_, entropy_);
  Intake again;
  again.provider = "github";
  again.delivery_id = "d1";
  EXPECT_EQ(queue.enqueue(again)->builds, std::vector<Uuid>{id_of(kDone)});
  EXPECT_TRUE(queue.append_log(id_of(kRunning), id_of(kLease + 1), 1, {model::pack({{4, "on"}})}));
  EXPECT_EQ(queue.recover("r", 3)->requeued, std::vector<Uuid>{id_of(kRunning)});

  SqliteAccountStore accounts(**database);
  EXPECT_TRUE(accounts.find_principal("\xaa").value());
  EXPECT_EQ(accounts.account(kAccount)->subdomain, "acme");
  const auto other = accounts.account("1123456789abcdef0123456789abcdef");
  ASSERT_EQ(other.has_value(), !had("steering")) << "an account that was deleted stays so";
  if (other.has_value()) {
    EXPECT_EQ(other->subdomain, "acme-11234567");
  }
  SqlitePullRequestStore pulls(**database);
  EXPECT_EQ(pulls.open_of_branch(id_of(kConnection), "feature").value().has_value(), had("pull requests"));
  SqliteDeployHookStore hooks(**database, box_, entropy_);
  EXPECT_EQ(hooks.hook_by_secret(id_of(kHook)).has_value(), had("deploy hooks"));
}

TEST_P(Migrations, BringDeliveriesAlong) {
  const auto database = Database::open(file(), clock_);
  ASSERT_TRUE(database) << database.error().message;
  SqliteDeliveryStore deliveries(**database);
  const auto found = deliveries.deliveries(kAccount, {.commit = "c0ff"}, {});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->total, had("deliveries") ? 1U : 0U);
  if (!had("deliveries")) return;
  EXPECT_EQ(found->items[0].repeated, 2);
  EXPECT_EQ(found->items[0].refs.at(0).branch, "main");
  EXPECT_EQ(found->items[0].verdicts.at(0).build, id_of(kDone));
  EXPECT_EQ(found->items[0].notes, std::vector<std::string>{"a note"});
}

TEST_P(Migrations, BringWorkersAlong) {
  const auto database = Database::open(file(), clock_);
  ASSERT_TRUE(database) << database.error().message;
  SqliteWorkerStore workers(**database);
  EXPECT_EQ(workers.worker(kAccount, "hello")->tag, kTag);
  if (!had("workers")) return;
  SqliteVersionStore versions(**database, box_, entropy_);
  SqlitePreviewStore previews(**database);
  SqliteAssetStore assets(**database);
  const auto version = versions.version(kTag, id_of(kVersion));
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_EQ(version->modules.at(0).name, "i.js");
  EXPECT_EQ(version->handlers, std::vector<std::string>{"fetch"});
  EXPECT_EQ(version->startup_time_ms, had("startup time") ? 12 : 0);
  EXPECT_EQ(versions.versions(kTag, {1, 10})->total, 1U);
  EXPECT_EQ(previews.aliases(kTag)->at(0).label, "stable");
  const auto deployments = versions.deployments(kTag, {2, 1});
  ASSERT_TRUE(deployments && deployments->items.size() == 1);
  EXPECT_EQ(deployments->total, 2U);
  EXPECT_EQ(deployments->items[0].id, id_of(kDeployment));
  EXPECT_EQ(deployments->items[0].versions.at(0).version_id, id_of(kVersion));
  EXPECT_EQ(assets.asset_session("\xee").value()->missing, std::vector<std::string>{"hash"});
  EXPECT_EQ(assets.known_assets(kAccount, "hello", {"known"}, false)->size(), 1U);
  EXPECT_EQ(assets.known_assets(kAccount, "hello", {"260d432292df18555c39749e59348292"}, true)->size(),
            had("previews only") ? 1U : 0U);
  if (had("previews")) {
    EXPECT_EQ(previews.latest_of_preview(previews.preview(kTag, "feat/one")->id).value()->id,
              id_of(kPreviewVersion));
  }
}

INSTANTIATE_TEST_SUITE_P(OfVersion, Migrations, ::testing::Range(std::size_t{1}, migrations().size() + 1));

TEST(NewerFiles, AreRefusedWithWordsAndLeftAlone) {
  const testing::FakeClock clock;
  const testing::TempDir folder;
  const std::filesystem::path file = folder.path() / "kiln.db";
  ASSERT_TRUE(Database::open(file, clock));
  {
    Connection db(file, false);
    db.query("INSERT INTO migrations (name) VALUES ('of a newer Kiln')").run();
  }
  const auto database = Database::open(file, clock);
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, Errc::conflict);
  EXPECT_THAT(database.error().message, ::testing::AllOf(::testing::HasSubstr(file.string()),
                                                         ::testing::HasSubstr("start the newer Kiln")));
  Connection db(file, true);
  EXPECT_EQ(rows_of(db)["migrations"], static_cast<std::int64_t>(migrations().size()) + 1);
}

TEST(BuildMinutes, CountWhatThisMonthsBuildsHaveUsedAlready) {
  const testing::TempDir folder;
  make_file(folder.path() / "kiln.db", 12);
  SystemClock clock;
  const TimeMs now = clock.now();
  const TimeMs begin = model::month_of(now).begin;
  {
    Connection db(folder.path() / "kiln.db", false);
    const auto stop = [&](int build, TimeMs created, TimeMs held_since, TimeMs stopped) {
      db.query(
            "UPDATE builds SET created_on = ?, initializing_on = ?, stopped_on = ?, status = 'stopped', "
            "lease_until = NULL WHERE number = ?")
          .bind(created)
          .bind(held_since)
          .bind(stopped)
          .bind(build)
          .run();
    };
    constexpr TimeMs day = 86'400'000;
    stop(1, begin - 9 * day, begin - 9 * day, begin - 9 * day + 60'000);  // long ago
    stop(2, begin - 1000, begin - 500, begin + 500);                      // into this month
    stop(3, begin + 10, begin + 20, begin + 50);
  }
  const auto database = Database::open(folder.path() / "kiln.db", clock);
  ASSERT_TRUE(database) << database.error().message;
  const Result<model::BuildMinutes> minutes = (*database)->read(
      [&](Connection& db) -> Result<model::BuildMinutes> { return load_build_minutes(db, kAccount, now); });
  EXPECT_EQ(minutes->used_ms, 1000 + 30);
}

TEST(ForkTokens, AreIdsThatOpenNothingAndOthersStay) {
  const testing::TempDir folder;
  const std::filesystem::path file = folder.path() / "kiln.db";
  make_file(file, 21);
  {
    Connection db(file, false);
    db.query(
          "UPDATE builds SET restricted = 1, metadata_json = json_set(metadata_json, '$.build_token_uuid', "
          "NULL) WHERE number <> 1")
        .run();
  }
  SystemClock clock;
  const auto database = Database::open(file, clock);
  ASSERT_TRUE(database) << database.error().message;
  SqliteBuildStore builds(**database);
  EXPECT_EQ(builds.build(kAccount, id_of(kDone))->build.metadata.build_token_uuid, id_of(kBuildToken));
  for (const int fork : {kRunning, kQueued}) {
    const auto view = builds.build(kAccount, id_of(fork));
    ASSERT_TRUE(view) << view.error().message;
    ASSERT_TRUE(view->build.metadata.build_token_uuid);
    EXPECT_NE(*view->build.metadata.build_token_uuid, id_of(kBuildToken));
    EXPECT_EQ(view->build.metadata.branch, "main");
  }
}

}  // namespace
}  // namespace kiln::store::sqlite
