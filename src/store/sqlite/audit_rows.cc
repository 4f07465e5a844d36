#include "store/sqlite/audit_rows.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/strings.h"
#include "base/time_format.h"

namespace kiln::store::sqlite {
namespace {

namespace json = boost::json;

// Of one transaction. What is left out is counted.
constexpr std::size_t kMostChanges = 100;
constexpr std::size_t kLongestValue = 1'000;
constexpr const char* kHidden = "[hidden]";

std::string_view bytes_of(sqlite3_value* value) {
  const void* bytes = sqlite3_value_blob(value);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

json::value shown_text(std::string_view text) {
  if (text.size() <= kLongestValue) return json::value(to_valid_utf8(text));
  return json::value(to_valid_utf8(text.substr(0, kLongestValue)) + fmt::format("… ({} bytes)", text.size()));
}

json::value shown(sqlite3_value* value, std::string_view name) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      if (name.ends_with("_on")) return json::value(format_rfc3339(sqlite3_value_int64(value)));
      return sqlite3_value_int64(value);
    case SQLITE_FLOAT:
      return sqlite3_value_double(value);
    case SQLITE_TEXT:
      return shown_text(bytes_of(value));
    case SQLITE_BLOB:
      if (const auto id = Uuid::from_raw(bytes_of(value))) return json::value(id->str());
      return json::value(kHidden);
    default:
      return nullptr;
  }
}

bool is_same(sqlite3_value* one, sqlite3_value* other) {
  const int type = sqlite3_value_type(one);
  if (type != sqlite3_value_type(other)) return false;
  if (type == SQLITE_INTEGER) return sqlite3_value_int64(one) == sqlite3_value_int64(other);
  if (type == SQLITE_FLOAT) return sqlite3_value_double(one) == sqlite3_value_double(other);
  return type == SQLITE_NULL || bytes_of(one) == bytes_of(other);
}

// One row as it is and as it will be; null where it is not.
class ChangedRow {
 public:
  ChangedRow(sqlite3* db, int operation) : db_(db), operation_(operation) {}

  [[nodiscard]] sqlite3_value* before(int place) const {
    sqlite3_value* value = nullptr;
    if (operation_ != SQLITE_INSERT) sqlite3_preupdate_old(db_, place, &value);
    return value;
  }
  [[nodiscard]] sqlite3_value* after(int place) const {
    sqlite3_value* value = nullptr;
    if (operation_ != SQLITE_DELETE) sqlite3_preupdate_new(db_, place, &value);
    return value;
  }
  [[nodiscard]] const char* change() const {
    if (operation_ == SQLITE_INSERT) return "made";
    return operation_ == SQLITE_DELETE ? "removed" : "changed";
  }

 private:
  sqlite3* db_;
  int operation_;
};

std::string id_of_row(const ChangedRow& row, const AuditedTable& table) {
  std::string id;
  for (const int place : table.key) {
    sqlite3_value* value = row.after(place);
    if (value == nullptr) value = row.before(place);
    if (value == nullptr) continue;
    const json::value part = shown(value, "");
    id +=
        (id.empty() ? "" : "/") + (part.is_string() ? std::string(part.get_string()) : json::serialize(part));
  }
  return id;
}

// Null values of a row that is made or removed say nothing.
json::object fields_of(const ChangedRow& row, const AuditedTable& table) {
  const auto told = [](sqlite3_value* value, const AuditedTable::Column& column) -> json::value {
    if (value == nullptr || sqlite3_value_type(value) == SQLITE_NULL) return nullptr;
    return column.is_hidden ? json::value(kHidden) : shown(value, column.name);
  };
  json::object fields;
  for (const AuditedTable::Column& column : table.columns) {
    sqlite3_value* before = row.before(column.place);
    sqlite3_value* after = row.after(column.place);
    if (before != nullptr && after != nullptr && is_same(before, after)) continue;
    json::value was = told(before, column);
    json::value is = told(after, column);
    if (was.is_null() && is.is_null()) continue;
    fields[column.name] = {{"before", std::move(was)}, {"after", std::move(is)}};
  }
  return fields;
}

}  // namespace

ChangeGatherer::ChangeGatherer(Connection& db, const AuditedTables& tables) : db_(db), tables_(tables) {
  sqlite3_preupdate_hook(db_.handle(), on_change, this);
}

ChangeGatherer::~ChangeGatherer() {
  sqlite3_preupdate_hook(db_.handle(), nullptr, nullptr);
}

void ChangeGatherer::on_change(void* self, sqlite3* db, int operation, char const* /*schema*/,
                               char const* table, sqlite3_int64 /*old_row*/, sqlite3_int64 /*new_row*/) {
  static_cast<ChangeGatherer*>(self)->take(db, operation, table);
}

void ChangeGatherer::take(sqlite3* db, int operation, std::string_view table) {
  const auto found = tables_.by_name.find(table);
  if (found == tables_.by_name.end()) return;
  const AuditedTable& told = found->second;
  const ChangedRow row(db, operation);
  if (told.is_counted) {
    ++counts_[{told.object, row.change()}];
    return;
  }
  json::object fields = fields_of(row, told);
  if (fields.empty() && operation == SQLITE_UPDATE) return;
  if (changes_.size() >= kMostChanges) {
    ++left_out_;
    return;
  }
  changes_.push_back({{"object", told.object},
                      {"id", id_of_row(row, told)},
                      {"change", row.change()},
                      {"fields", std::move(fields)}});
}

std::string ChangeGatherer::json() const {
  if (changes_.empty() && counts_.empty()) return {};
  json::array all = changes_;
  for (const auto& [what, number] : counts_)
    all.push_back({{"object", what.first}, {"change", what.second}, {"count", number}});
  if (left_out_ > 0) all.push_back({{"object", "other rows"}, {"change", "changed"}, {"count", left_out_}});
  return json::serialize(all);
}

void insert_audit_row(Connection& db, const Act& act, TimeMs now, std::string_view changes_json) {
  db.query(
        "INSERT INTO audit (account_id, made_on, who_kind, who_id, who_name, address, action, target, "
        "request_id, changes_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(act.account_id)
      .bind(now)
      .bind(act.who.kind)
      .bind(act.who.id)
      .bind(to_valid_utf8(act.who.name))
      .bind(act.address)
      .bind(act.action)
      .bind(to_valid_utf8(act.target))
      .bind(act.request_id)
      .bind(changes_json)
      .run();
}

}  // namespace kiln::store::sqlite
