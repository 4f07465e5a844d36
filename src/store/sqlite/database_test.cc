// Transactions end with whatever ends their body.
#include "store/sqlite/database.h"

#include <gtest/gtest.h>

#include <stdexcept>

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

}  // namespace
}  // namespace kiln::store::sqlite
