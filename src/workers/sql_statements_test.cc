#include "workers/sql_statements.h"

#include <gtest/gtest.h>

namespace kiln::workers {
namespace {

using Views = std::vector<std::string_view>;

TEST(SqlStatements, AreWhatStandsBetweenSemicolons) {
  EXPECT_EQ(sql_statements("SELECT 1"), (Views{"SELECT 1"}));
  EXPECT_EQ(sql_statements(" SELECT 1 ;\n\tSELECT 2;"), (Views{"SELECT 1", "SELECT 2"}));
  EXPECT_EQ(sql_statements(""), Views{});
  EXPECT_EQ(sql_statements(" ;; ; "), Views{});
}

TEST(SqlStatements, HaveSemicolonsInTextsNamesAndComments) {
  EXPECT_EQ(sql_statements("SELECT ';', 'it''s;', \";\", `;`, [;]; SELECT 2"),
            (Views{"SELECT ';', 'it''s;', \";\", `;`, [;]", "SELECT 2"}));
  EXPECT_EQ(sql_statements("SELECT 1 -- one;\n + 1; SELECT /* ; */ 2"),
            (Views{"SELECT 1 -- one;\n + 1", "SELECT /* ; */ 2"}));
}

TEST(SqlStatements, AreNoneOfCommentsAlone) {
  EXPECT_EQ(sql_statements("-- nothing\n/* here */;\n-- or here"), Views{});
  EXPECT_EQ(sql_statements("-- first\nSELECT 1 -- behind"), (Views{"SELECT 1"}));
}

TEST(SqlStatements, KeepATriggerWhole) {
  constexpr const char* kTrigger =
      "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n"
      "  UPDATE a SET x = CASE WHEN x > 1 THEN 2 ELSE 3 END;\n  DELETE FROM b;\nEND";
  EXPECT_EQ(sql_statements(std::string(kTrigger) + ";\nSELECT 1;").size(), 2U);
  EXPECT_EQ(sql_statements(kTrigger), (Views{kTrigger}));
  EXPECT_EQ(sql_statements("create temp trigger t after insert on a begin select 1; end; select 2").size(),
            2U);
  EXPECT_EQ(sql_statements("CREATE TABLE trigger_log (x); SELECT 1").size(), 2U);
}

TEST(SqlStatements, EndWithTheirTextWhereAQuoteDoesNot) {
  EXPECT_EQ(sql_statements("SELECT 'open; SELECT 2"), (Views{"SELECT 'open; SELECT 2"}));
  EXPECT_EQ(sql_statements("SELECT 1 /* open; SELECT 2"), (Views{"SELECT 1"}));
}

}  // namespace
}  // namespace kiln::workers
