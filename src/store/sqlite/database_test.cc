// Transactions end with whatever ends their body.
#include "store/sqlite/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <stdexcept>

#include "base/fs.h"
#include "store/sqlite/change_rows.h"
#include "testing/fake_clock.h"
#include "testing/memory_store.h"
#include "testing/temp_dir.h"

namespace kiln::store::sqlite {
namespace {

using testing::TestStore;

Status insert_account(Connection& db, const char* id) {
  db.query("INSERT INTO accounts (id, name, subdomain, created_on) VALUES (?1, ?1, ?1, 1)").bind(id).run();
  return {};
}

std::int64_t count_accounts(TestStore& t) {
  return *t.database->read([](Connection& db) -> Result<std::int64_t> {
    Query row = db.query("SELECT count(*) FROM accounts");
    return row.step() ? row.integer(0) : -1;
  });
}

TEST(Write, IsRolledBackByWhateverIsThrown) {
  TestStore t;
  EXPECT_THROW((void)t.database->write([](Connection& db) -> Status {
    (void)insert_account(db, "lost");
    throw std::runtime_error("no SQL error");
  }),
               std::runtime_error);
  EXPECT_EQ(count_accounts(t), 0);
  const Status next = t.database->write([](Connection& db) { return insert_account(db, "kept"); });
  EXPECT_TRUE(next) << next.error().message;
  EXPECT_EQ(count_accounts(t), 1);
}

TEST(Write, IsRolledBackByAnErrorAndByAnSqlError) {
  TestStore t;
  EXPECT_FALSE(t.database->write([](Connection& db) -> Status {
    (void)insert_account(db, "lost");
    return fail(Errc::conflict, "changed its mind");
  }));
  EXPECT_FALSE(t.database->write([](Connection& db) -> Status {
    (void)insert_account(db, "twice");
    return insert_account(db, "twice");
  }));
  EXPECT_EQ(count_accounts(t), 0);
  EXPECT_TRUE(t.database->write([](Connection& db) { return insert_account(db, "kept"); }));
}

TEST(Write, CountsNoChangesOfWhatWasRolledBack) {
  TestStore t;
  const std::uint64_t before = t.database->changes().routes.load();
  EXPECT_THROW((void)t.database->write([](Connection& db) -> Status {
    (void)insert_account(db, "lost");
    throw std::runtime_error("no SQL error");
  }),
               std::runtime_error);
  EXPECT_TRUE(t.database->write([](Connection&) -> Status { return {}; }));
  EXPECT_EQ(t.database->changes().routes.load(), before);
}

TEST(Read, LeavesNoSnapshotOpenWhateverIsThrown) {
  TestStore t;
  EXPECT_THROW((void)t.database->read([](Connection& db) -> Status {
    (void)db.query("SELECT 1 FROM accounts").step();
    throw std::runtime_error("no SQL error");
  }),
               std::runtime_error);
  EXPECT_TRUE(t.database->write([](Connection& db) { return insert_account(db, "kept"); }));
  EXPECT_EQ(count_accounts(t), 1);
}

class DatabaseFile : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "kiln.db"; }
  [[nodiscard]] Errc refused(Database::May may) const {
    const auto opened = Database::open(file(), clock_, may);
    return opened ? Errc::internal : opened.error().code;
  }
  static unsigned mode_of(const std::filesystem::path& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions());
  }

  testing::TempDir folder_;
  testing::FakeClock clock_;
};

TEST_F(DatabaseFile, IsNotMadeWhereOneIsKept) {
  EXPECT_EQ(refused(Database::May::open), Errc::corrupt);
  EXPECT_FALSE(std::filesystem::exists(file()));
  ASSERT_TRUE(write_file_durably(file(), "", 0600));
  EXPECT_EQ(refused(Database::May::open), Errc::corrupt);
  ASSERT_TRUE(Database::open(file(), clock_));
  EXPECT_TRUE(Database::open(file(), clock_, Database::May::open));
}

TEST_F(DatabaseFile, IsRefusedWhenItIsNoneOfKilns) {
  ASSERT_TRUE(write_file_durably(file(), std::string(8192, 'x'), 0600));
  EXPECT_EQ(refused(Database::May::open), Errc::corrupt);
  EXPECT_EQ(refused(Database::May::open_or_make), Errc::corrupt);
  EXPECT_EQ(*read_file(file(), 10'000), std::string(8192, 'x'));
  std::filesystem::remove(file());
  { Connection(file(), false).execute("CREATE TABLE songs (name TEXT)"); }
  EXPECT_EQ(refused(Database::May::open), Errc::corrupt);
  EXPECT_EQ(refused(Database::May::open_or_make), Errc::corrupt);
}

TEST_F(DatabaseFile, IsRefusedWhenItsEndIsMissing) {
  ASSERT_TRUE(Database::open(file(), clock_));
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) / 2);
  EXPECT_EQ(refused(Database::May::open), Errc::corrupt);
}

TEST_F(DatabaseFile, IsItsOwnersAloneWhateverTheUmask) {
  const mode_t before = umask(0);
  for (const mode_t mask : {0000U, 0077U, 0777U}) {
    umask(mask);
    std::filesystem::remove(file());
    const auto database = Database::open(file(), clock_);
    ASSERT_TRUE(database) << database.error().message;
    for (const char* suffix : {"", "-wal", "-shm"})
      EXPECT_EQ(mode_of(file().string() + suffix), 0600U) << suffix;
  }
  umask(before);
}

TEST_F(DatabaseFile, IsShutWhenItWasOpenToOthers) {
  ASSERT_TRUE(Database::open(file(), clock_));
  std::filesystem::permissions(file(), std::filesystem::perms(0644));
  const auto database = Database::open(file(), clock_);
  ASSERT_TRUE(database);
  for (const char* suffix : {"", "-wal", "-shm"})
    EXPECT_EQ(mode_of(file().string() + suffix), 0600U) << suffix;
}

TEST(Write, SaysThatTheDiskIsFull) {
  TestStore t;
  const auto fill = [&] {
    return t.database->write([](Connection& db) -> Status {
      db.execute("PRAGMA max_page_count = 1");  // SQLite's own end of the disk: no page more than there are
      db.query("INSERT INTO accounts (id, name, subdomain, created_on) VALUES ('a', ?, 'a', 1)")
          .bind(std::string(1'000'000, 'x'))
          .run();
      return {};
    });
  };
  const Status full = fill();
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Errc::disk_full);
  EXPECT_EQ(count_accounts(t), 0);
}

// As a second process would have it.
TEST(Feed, IsHeardByWhoeverHasTheFileOpen) {
  TestStore t;
  const auto other = *Database::open(t.file(), t.clock);
  const std::uint64_t routes = other->changes().routes.load();
  ASSERT_TRUE(t.database->write([](Connection& db) { return insert_account(db, "kept"); }));
  EXPECT_EQ(other->changes().routes.load(), routes);
  ASSERT_TRUE(other->catch_up());
  EXPECT_EQ(other->changes().routes.load(), t.database->changes().routes.load());
  EXPECT_GT(other->changes().routes.load(), routes);

  const std::uint64_t seen = other->changes().builds.count();
  const Uuid build = t.entropy.uuid();
  ASSERT_TRUE(t.database->write([&](Connection& db) -> Status {
    note_changed_build(db, build);
    return {};
  }));
  ASSERT_TRUE(other->catch_up());
  EXPECT_EQ(other->changes().builds.since(seen).ids, std::vector<Uuid>{build});
  EXPECT_EQ(t.database->changes().builds.count(), other->changes().builds.count());
}

TEST(Feed, SaysThatMoreBuildsChangedThanItRemembers) {
  TestStore t;
  const auto other = *Database::open(t.file(), t.clock);
  const std::uint64_t seen = other->changes().builds.count();
  ASSERT_TRUE(t.database->write([&](Connection& db) -> Status {
    for (std::size_t i = 0; i <= ChangedBuilds::kRemembered; ++i) note_changed_build(db, t.entropy.uuid());
    return {};
  }));
  ASSERT_TRUE(other->catch_up());
  EXPECT_FALSE(other->changes().builds.since(seen).ids);
  EXPECT_EQ(other->changes().builds.count(), seen + ChangedBuilds::kRemembered + 1);
}

}  // namespace
}  // namespace kiln::store::sqlite
