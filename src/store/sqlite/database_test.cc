// Transactions end with whatever ends their body.
#include "store/sqlite/database.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "store/sqlite/change_rows.h"
#include "testing/memory_store.h"

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
