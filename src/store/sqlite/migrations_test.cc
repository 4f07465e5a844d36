#include "store/sqlite/migrations.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "store/sqlite/build_minute_rows.h"
#include "store/sqlite/build_store.h"
#include "store/sqlite/database.h"
#include "testing/temp_dir.h"

namespace kiln::store::sqlite {
namespace {

constexpr const char* kAccount = "0123456789abcdef0123456789abcdef";
constexpr const char* kTag = "fedcba9876543210fedcba9876543210";

// A file as the first three steps leave it, with builds in it.
void make_older_file(const std::filesystem::path& file) {
  Connection db(file, false);
  db.execute("CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)");
  for (std::size_t i = 0; i < 3; ++i) {
    db.execute(migrations()[i].sql);
    db.query("INSERT INTO migrations (name) VALUES (?)").bind(migrations()[i].name).run();
  }
  db.execute(R"sql(
    INSERT INTO accounts VALUES ('0123456789abcdef0123456789abcdef', 'a', 'a', 1);
    INSERT INTO workers VALUES ('fedcba9876543210fedcba9876543210', '0123456789abcdef0123456789abcdef', 'w', 1, 1,
                                1, 1, '{}', '[]', NULL);
    INSERT INTO repo_connections VALUES (x'01010101010101010101010101010101', '0123456789abcdef0123456789abcdef', 'git', 'p', 'p', 'r', 'r', 'u',
                                         NULL, NULL, 1, 1, NULL);
    INSERT INTO triggers (uuid, account_id, worker_tag, connection_uuid, name, build_command, deploy_command,
      root_directory, branch_includes_json, branch_excludes_json, path_includes_json, path_excludes_json,
      build_caching_enabled, created_on, modified_on)
      VALUES (x'02020202020202020202020202020202', '0123456789abcdef0123456789abcdef',
              'fedcba9876543210fedcba9876543210', x'01010101010101010101010101010101', 't', '', 'd', '/', '[]', '[]', '[]', '[]', 0, 1, 1);
  )sql");
  for (int i = 1; i <= 3; ++i) {
    db.query(
          "INSERT INTO builds (uuid, account_id, worker_tag, trigger_uuid, branch, status, created_on, "
          "modified_on, "
          "metadata_json) VALUES (?, ?, ?, x'02020202020202020202020202020202', 'main', 'queued', 1, 1, ?)")
        .bind_blob(std::string(16, static_cast<char>(i)))
        .bind(kAccount)
        .bind(kTag)
        .bind(R"({"source":"push","branch":"main","commit_hash":"c","commit_message":"m \"q\"","author":"å",
          "build_command":"b","deploy_command":"d","root_directory":"/","build_token_uuid":null,"build_token_name":"",
          "environment":[{"name":"A","value":"1","is_secret":false,"created_on":7}],"repo_name":"r",
          "provider_account_name":"p","provider_type":"git"})")
        .run();
  }
  db.execute(R"sql(
    INSERT INTO version_builds (version_id, account_id, build_uuid, created_on) VALUES
      (x'aabbccddeeff00112233445566778899', '0123456789abcdef0123456789abcdef', x'02020202020202020202020202020202', 1),
      (x'00bbccddeeff00112233445566778899', '0123456789abcdef0123456789abcdef', x'02020202020202020202020202020202', 2);
    INSERT INTO build_logs VALUES (x'02020202020202020202020202020202', 0, x'', 1, 2, '[[1,"one"],[2,"tw\u00f6"]]');
  )sql");
}

TEST(Migrations, BringAnOlderFilesBuildsAlong) {
  const testing::TempDir folder;
  make_older_file(folder.path() / "kiln.db");
  const auto database = Database::open(folder.path() / "kiln.db");
  ASSERT_TRUE(database) << database.error().message;
  SqliteBuildStore builds(**database);

  const Uuid second = *Uuid::from_raw(std::string(16, '\2'));
  const auto build = builds.build(kAccount, second);
  ASSERT_TRUE(build) << build.error().message;
  EXPECT_EQ(build->build.metadata.source, model::TriggerSource::push);
  EXPECT_EQ(build->build.metadata.commit_message, "m \"q\"");
  EXPECT_EQ(build->build.metadata.author, "å");
  EXPECT_EQ(build->build.metadata.build_token_name, "");
  ASSERT_EQ(build->build.metadata.environment.size(), 1U);
  EXPECT_EQ(build->build.metadata.environment[0].created_on, 7);

  ASSERT_EQ(build->build.version_ids.size(), 2U);
  EXPECT_EQ(build->build.version_ids[0].str(), "aabbccdd-eeff-0011-2233-445566778899");
  std::vector<Uuid> found;
  ASSERT_TRUE(builds.builds_by_versions(kAccount, {build->build.version_ids[1]},
                                        [&](const Uuid&, const BuildRow& row) -> Status {
                                          found.push_back(row.build.uuid);
                                          return {};
                                        }));
  EXPECT_EQ(found, std::vector<Uuid>{second});

  const auto log = builds.log(second, "1", 100);
  ASSERT_TRUE(log && log->lines.size() == 1);
  EXPECT_EQ(log->lines[0], (model::LogLine{2, "twö"}));

  const auto page = builds.builds_of_worker(kAccount, kTag, {2, 1});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->total, 3U);
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].build.uuid, second);
}

TEST(Migrations, CountTheBuildMinutesThatThisMonthsBuildsHaveUsedAlready) {
  const testing::TempDir folder;
  make_older_file(folder.path() / "kiln.db");
  SystemClock clock;
  const TimeMs now = clock.now();
  const TimeMs begin = model::month_of(now).begin;
  {
    Connection db(folder.path() / "kiln.db", false);
    const auto stop = [&](int build, TimeMs created, TimeMs held_since, TimeMs stopped) {
      db.query(
            "UPDATE builds SET created_on = ?, initializing_on = ?, stopped_on = ?, status = 'stopped' WHERE "
            "number = ?")
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
  const auto database = Database::open(folder.path() / "kiln.db");
  ASSERT_TRUE(database) << database.error().message;
  const Result<model::BuildMinutes> minutes = (*database)->read(
      [&](Connection& db) -> Result<model::BuildMinutes> { return load_build_minutes(db, kAccount, now); });
  EXPECT_EQ(minutes->used_ms, 1000 + 30);
}

}  // namespace
}  // namespace kiln::store::sqlite
