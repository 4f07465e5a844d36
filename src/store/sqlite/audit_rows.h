// What a transaction changed, gathered while it runs, and the row of the audit that tells of it. SQLite's
// preupdate hook tells of every row that is inserted, updated or deleted, by whichever statement or trigger;
// audited_tables.h says what of it is shown. Belongs to the thread that runs the transaction.
#pragma once

#include <boost/json/array.hpp>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "store/act.h"
#include "store/sqlite/audited_tables.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

// Gathers from here on; leaves with its scope. Only one at a time on a connection.
class ChangeGatherer {
 public:
  ChangeGatherer(Connection& db, const AuditedTables& tables);
  ~ChangeGatherer();
  ChangeGatherer(const ChangeGatherer&) = delete;
  ChangeGatherer& operator=(const ChangeGatherer&) = delete;

  // AuditEntry::changes_json; empty when nothing was changed that the audit tells of.
  [[nodiscard]] std::string json() const;

 private:
  static void on_change(void* self, sqlite3* db, int operation, char const* schema, char const* table,
                        sqlite3_int64 old_row, sqlite3_int64 new_row);
  void take(sqlite3* db, int operation, std::string_view table);

  Connection& db_;
  const AuditedTables& tables_;
  boost::json::array changes_;
  std::size_t left_out_ = 0;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> counts_;  // of object and change
};

void insert_audit_row(Connection& db, const Act& act, TimeMs now, std::string_view changes_json);

}  // namespace kiln::store::sqlite
