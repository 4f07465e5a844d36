#include "store/sqlite/audit_store.h"

#include <gtest/gtest.h>

#include <set>

#include "base/strings.h"
#include "store/sqlite/audited_tables.h"
#include "testing/fake_clock.h"
#include "testing/temp_dir.h"

namespace kiln::store::sqlite {
namespace {

class AuditRows : public ::testing::Test {
 protected:
  // "" where the database does it.
  std::string refusal_of(const char* sql) {
    const Status done = database_->write([&](Connection& db) -> Status {
      db.query(sql).run();
      return {};
    });
    return done ? "" : done.error().message;
  }

  testing::TempDir folder_;
  testing::FakeClock clock_;
  std::unique_ptr<Database> database_ = *Database::open(folder_.path() / "kiln.db", clock_);
  SqliteAuditStore audit_{*database_};
};

TEST_F(AuditRows, AreChangedByNobodyAndRemovedByAgeAlone) {
  ASSERT_TRUE(audit_.note({"", {"administrator", "0", ""}, "unix", "createAccount", "", ""}));
  for (const char* sql :
       {"UPDATE audit SET who_name = 'nobody'", "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT number, account_id, made_on, 'x', who_id, who_name, address, "
        "action, target, request_id, changes_json FROM audit"}) {
    EXPECT_NE(refusal_of(sql).find("append-only"), std::string::npos) << sql;
  }
  EXPECT_EQ(audit_.forget(clock_.now(), 10), 0) << "it is not older";
  EXPECT_EQ(audit_.forget(clock_.now() + 1, 10), 1);
}

// A table or column that is new must be judged: told, told only that it changed, or not told.
TEST_F(AuditRows, EveryTableAndColumnIsJudgedOnce) {
  Connection db(folder_.path() / "kiln.db", true);
  std::multiset<std::string> judged;
  for (const AuditedColumns& told : audited_columns()) {
    judged.insert(told.table);
    std::multiset<std::string> columns;
    for (const char* list : {told.key, told.shown, told.hidden, told.silent}) {
      for (const std::string& word : split(list, ' ')) {
        if (!word.empty()) columns.insert(word);
      }
    }
    std::multiset<std::string> there;
    Query row = db.query("SELECT name FROM pragma_table_info(?)");
    row.bind(told.table);
    while (row.step()) there.insert(row.text(0));
    EXPECT_EQ(columns, there) << told.table << ": see audited_tables.cc";
  }
  for (const CountedTable& counted : counted_tables()) judged.insert(counted.table);
  for (const char* table : silent_tables()) judged.insert(table);
  std::multiset<std::string> there;
  Query row = db.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
  while (row.step()) there.insert(row.text(0));
  EXPECT_EQ(judged, there) << "see audited_tables.cc";
}

TEST_F(AuditRows, NothingSealedOrHashedIsShown) {
  for (const AuditedColumns& told : audited_columns()) {
    for (const std::string& column : split(told.shown, ' ')) {
      const bool proves = column.ends_with("_sealed") || column.ends_with("_hash");
      EXPECT_TRUE(!proves || column == "commit_hash") << told.table << "." << column;
    }
  }
}

}  // namespace
}  // namespace kiln::store::sqlite
