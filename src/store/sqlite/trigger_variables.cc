// The variables of triggers.
#include <fmt/format.h>

#include "store/sqlite/trigger_store.h"

namespace kiln::store::sqlite {

Result<std::vector<model::EnvVar>> SqliteTriggerStore::variables(const Uuid& trigger, bool with_secrets) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::EnvVar>> {
    std::vector<model::EnvVar> out;
    Query row = db.query(
        "SELECT name, is_secret, value, value_sealed, created_on FROM trigger_variables WHERE trigger_uuid = "
        "? ORDER BY name");
    row.bind(trigger);
    while (row.step()) {
      model::EnvVar variable{row.text(0), row.text(2), row.integer(1) != 0, row.integer(4)};
      if (variable.is_secret && with_secrets) {
        Result<std::string> value = box_.unseal(row.text(3));
        if (!value) return context(value.error(), "reading the secret variable " + variable.name);
        variable.value = std::move(*value);
      }
      out.push_back(std::move(variable));
    }
    return out;
  });
}

Status SqliteTriggerStore::upsert_variables(const Uuid& trigger, const std::vector<model::EnvVar>& variables,
                                            std::size_t max_count) {
  return database_.write([&](Connection& db) -> Status {
    Query live = db.query("SELECT 1 FROM triggers WHERE uuid = ? AND deleted_on IS NULL");
    if (!live.bind(trigger).step()) {
      return fail(Errc::not_found, fmt::format("there is no trigger {}", trigger.str()), "trigger_uuid");
    }
    for (const model::EnvVar& variable : variables) {
      Query upsert = db.query(
          "INSERT INTO trigger_variables (trigger_uuid, name, is_secret, value, value_sealed, created_on) "
          "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (trigger_uuid, name) DO UPDATE SET "
          "is_secret = excluded.is_secret, value = excluded.value, value_sealed = excluded.value_sealed");
      upsert.bind(trigger).bind(variable.name).bind(variable.is_secret);
      if (variable.is_secret) {
        upsert.bind("").bind_blob(box_.seal(variable.value, entropy_));
      } else {
        upsert.bind(variable.value).bind_null();
      }
      upsert.bind(variable.created_on).run();
    }
    Query count = db.query("SELECT count(*) FROM trigger_variables WHERE trigger_uuid = ?");
    if (count.bind(trigger).step() && count.integer(0) > static_cast<std::int64_t>(max_count)) {
      return fail(Errc::invalid,
                  fmt::format("the trigger would have {} variables and {} is the most; nothing was changed",
                              count.integer(0), max_count),
                  "environment_variables");
    }
    return {};
  });
}

Status SqliteTriggerStore::delete_variable(const Uuid& trigger, const std::string& name) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM trigger_variables WHERE trigger_uuid = ? AND name = ?")
        .bind(trigger)
        .bind(name)
        .run();
    if (db.changes() == 0) {
      return fail(Errc::not_found, fmt::format("the trigger has no variable \"{}\"", name),
                  "environment_variable_key");
    }
    return {};
  });
}

}  // namespace kiln::store::sqlite
