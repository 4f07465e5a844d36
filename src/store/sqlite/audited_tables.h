// Which tables of the schema the audit tells of, and what of their columns: one line a table, every column
// judged. A test holds it against the schema, so that a new table or column cannot be forgotten. Values: any
// thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Lists of columns are words with spaces between.
struct AuditedColumns {
  const char* table;
  const char* object;  // what a row is called
  const char* key;     // what tells one from another, shown as its id
  const char* shown;   // before and after
  const char* hidden;  // only that they changed: secrets, and what is long
  const char* silent;  // not told: what changes by itself, or repeats the key
};
[[nodiscard]] const std::vector<AuditedColumns>& audited_columns();

// Tables of which only the number of rows is told: what is moved, not set.
struct CountedTable {
  const char* table;
  const char* object;
};
[[nodiscard]] const std::vector<CountedTable>& counted_tables();

// Tables of which nothing is told: what follows from the others, the runner's word, and the audit itself.
[[nodiscard]] const std::vector<const char*>& silent_tables();

// The same, with the columns' places in the tables of one database.
struct AuditedTable {
  struct Column {
    int place = 0;
    std::string name;  // as it is told: without "_json" and "_sealed"
    bool is_hidden = false;
  };
  std::string_view object;
  std::vector<int> key;
  std::vector<Column> columns;
  bool is_counted = false;
};
struct AuditedTables {
  std::map<std::string, AuditedTable, std::less<>> by_name;
};

// Throws SqlError(SQLITE_CORRUPT) where the schema has none of a column's name.
[[nodiscard]] AuditedTables audited_tables(Connection& db);

}  // namespace kiln::store::sqlite
