#include "store/sqlite/sink_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/hex.h"
#include "store/sqlite/event_names.h"

namespace kiln::store::sqlite {
namespace {

namespace json = boost::json;

std::string sink_secrets_json(const model::SinkSecrets& secrets) {
  return json::serialize(json::object{{"url", secrets.url},
                                      {"token", secrets.token},
                                      {"user", secrets.user},
                                      {"room", secrets.room},
                                      {"from", secrets.from},
                                      {"to", json::value_from(secrets.to)},
                                      {"ca", secrets.ca},
                                      {"signing", model::shown_secret(secrets.signing)},
                                      {"previous_signing", model::shown_secret(secrets.previous_signing)},
                                      {"previous_signing_until", secrets.previous_signing_until}});
}

std::string signing_of(const std::string& shown) {
  constexpr std::size_t prefix = 6;  // whsec_
  return from_base64(std::string_view(shown).substr(std::min(prefix, shown.size()))).value_or("");
}

Result<model::SinkSecrets> sink_secrets_of(const std::string& plain) {
  boost::system::error_code error;
  const json::value value = json::parse(plain, error);
  if (error || !value.is_object()) return fail(Errc::corrupt, "a sink's secrets are damaged");
  const json::object& object = value.get_object();
  const auto text = [&](const char* name) {
    const json::value* found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
  };
  model::SinkSecrets secrets{text("url"),
                             text("token"),
                             text("user"),
                             text("room"),
                             text("from"),
                             {},
                             text("ca"),
                             signing_of(text("signing")),
                             signing_of(text("previous_signing")),
                             0};
  if (const json::value* to = object.if_contains("to"); to != nullptr && to->is_array()) {
    for (const json::value& one : to->get_array()) {
      if (one.is_string()) secrets.to.emplace_back(one.get_string());
    }
  }
  if (const json::value* until = object.if_contains("previous_signing_until");
      until != nullptr && until->is_int64())
    secrets.previous_signing_until = until->get_int64();
  return secrets;
}

tl::unexpected<Error> sink_name_taken(const std::string& name) {
  return fail(
      Errc::conflict,
      fmt::format(
          "the account has a sink named {} already: choose another name, or `kiln sinks remove {}` first",
          name, name),
      "name");
}

std::optional<std::int64_t> sink_of_name(Connection& db, const std::string& account_id,
                                         const std::string& name) {
  Query row = db.query("SELECT number FROM sinks WHERE account_id = ? AND name = ?");
  if (!row.bind(account_id).bind(name).step()) return std::nullopt;
  return row.integer(0);
}

std::vector<model::Sink> sinks_in(Query rows) {
  std::vector<model::Sink> out;
  while (rows.step()) out.push_back(sink_at(rows, 0));
  return out;
}

}  // namespace

model::Sink sink_at(const Query& row, int first) {
  model::Sink sink;
  sink.uuid = row.uuid(first);
  sink.account_id = row.text(first + 1);
  sink.name = row.text(first + 2);
  const std::optional<model::SinkKind> kind = model::parse_sink_kind(row.view(first + 3));
  sink.place = row.text(first + 4);
  sink.worker_name = row.text(first + 5);
  sink.events = events_from_json(row.view(first + 6));
  const std::optional<model::SinkOutcomes> outcomes = model::parse_sink_outcomes(row.view(first + 7));
  if (!kind || !outcomes) throw SqlError(SQLITE_CORRUPT, "a stored sink is damaged");
  sink.kind = *kind;
  sink.outcomes = *outcomes;
  sink.production_only = row.integer(first + 8) != 0;
  sink.enabled = row.integer(first + 9) != 0;
  sink.off_reason = row.text(first + 10);
  sink.created_on = row.integer(first + 11);
  sink.modified_on = row.integer(first + 12);
  return sink;
}

Status SqliteSinkStore::add_sink(const model::Sink& sink, const model::SinkSecrets& secrets) {
  const std::string sealed = box_.seal(sink_secrets_json(secrets), entropy_);
  return database_.write([&](Connection& db) -> Status {
    if (sink_of_name(db, sink.account_id, sink.name)) return sink_name_taken(sink.name);
    {
      Query count = db.query("SELECT count(*) FROM sinks WHERE account_id = ?");
      if (count.bind(sink.account_id).step() && count.integer(0) >= kMostSinks)
        return fail(Errc::conflict,
                    fmt::format("the account has {} sinks, the most there may be", kMostSinks), "name");
    }
    db.query(
          "INSERT INTO sinks (uuid, account_id, name, kind, place, worker_name, events_json, outcomes, "
          "production_only, enabled, off_reason, created_on, modified_on, secrets_sealed) VALUES (?, ?, ?, "
          "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(sink.uuid)
        .bind(sink.account_id)
        .bind(sink.name)
        .bind(to_string(sink.kind))
        .bind(sink.place)
        .bind(sink.worker_name)
        .bind(events_to_json(sink.events))
        .bind(to_string(sink.outcomes))
        .bind(sink.production_only)
        .bind(sink.enabled)
        .bind(sink.off_reason)
        .bind(sink.created_on)
        .bind(sink.modified_on)
        .bind_blob(sealed)
        .run();
    return {};
  });
}

Result<std::vector<model::Sink>> SqliteSinkStore::sinks(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::Sink>> {
    Query rows = db.query(
        "SELECT uuid, account_id, name, kind, place, worker_name, events_json, outcomes, production_only, "
        "enabled, off_reason, created_on, modified_on FROM sinks WHERE account_id = ? ORDER BY number");
    rows.bind(account_id);
    return sinks_in(std::move(rows));
  });
}

Result<model::Sink> SqliteSinkStore::sink(const std::string& account_id, const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<model::Sink> {
    Query row = db.query(
        "SELECT uuid, account_id, name, kind, place, worker_name, events_json, outcomes, production_only, "
        "enabled, off_reason, created_on, modified_on FROM sinks WHERE uuid = ? AND account_id = ?");
    if (!row.bind(uuid).bind(account_id).step()) return no_such_sink();
    return sink_at(row, 0);
  });
}

Result<model::SinkSecrets> SqliteSinkStore::sink_secrets(const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<model::SinkSecrets> {
    Query row = db.query("SELECT secrets_sealed FROM sinks WHERE uuid = ?");
    if (!row.bind(uuid).step()) return no_such_sink();
    const Result<std::string> plain = box_.unseal(row.text(0));
    if (!plain) return context(plain.error(), "reading a sink's secrets");
    return sink_secrets_of(*plain);
  });
}

Status SqliteSinkStore::change_sink(const model::Sink& sink, const model::SinkSecrets& secrets) {
  const std::string sealed = box_.seal(sink_secrets_json(secrets), entropy_);
  return database_.write([&](Connection& db) -> Status {
    std::int64_t number = 0;
    {
      Query row = db.query("SELECT number FROM sinks WHERE uuid = ? AND account_id = ?");
      if (!row.bind(sink.uuid).bind(sink.account_id).step()) return no_such_sink();
      number = row.integer(0);
    }
    const std::optional<std::int64_t> named = sink_of_name(db, sink.account_id, sink.name);
    if (named && *named != number) return sink_name_taken(sink.name);
    db.query(
          "UPDATE sinks SET name = ?, place = ?, worker_name = ?, events_json = ?, outcomes = ?, "
          "production_only = ?, enabled = ?, off_reason = ?, modified_on = ?, secrets_sealed = ? WHERE "
          "number "
          "= ?")
        .bind(sink.name)
        .bind(sink.place)
        .bind(sink.worker_name)
        .bind(events_to_json(sink.events))
        .bind(to_string(sink.outcomes))
        .bind(sink.production_only)
        .bind(sink.enabled)
        .bind(sink.off_reason)
        .bind(sink.modified_on)
        .bind_blob(sealed)
        .bind(number)
        .run();
    if (sink.enabled) return {};
    park_waiting(db, number, "the sink was switched off");
    return {};
  });
}

Status SqliteSinkStore::delete_sink(const std::string& account_id, const Uuid& uuid) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM sinks WHERE uuid = ? AND account_id = ?").bind(uuid).bind(account_id).run();
    if (db.changes() == 0) return no_such_sink();
    return {};
  });
}

Result<std::vector<model::Sink>> SqliteSinkStore::listening_sinks(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::Sink>> {
    Query rows = db.query(
        "SELECT uuid, account_id, name, kind, place, worker_name, events_json, outcomes, production_only, "
        "enabled, off_reason, created_on, modified_on FROM sinks INDEXED BY sinks_listening WHERE account_id "
        "= ? AND enabled = 1 ORDER BY number");
    rows.bind(account_id);
    return sinks_in(std::move(rows));
  });
}

Result<std::optional<model::BuildOutcome>> SqliteSinkStore::outcome_before(const std::string& account_id,
                                                                           const Uuid& build) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::BuildOutcome>> {
    Query one = db.query(
        "SELECT worker_tag, ordinal, trigger_uuid, branch FROM builds WHERE uuid = ? AND account_id = ?");
    if (!one.bind(build).bind(account_id).step()) return std::nullopt;
    Query rows = db.query(
        "SELECT trigger_uuid, branch, outcome FROM builds INDEXED BY builds_worker WHERE account_id = ? AND "
        "worker_tag = ? AND ordinal < ? ORDER BY ordinal DESC LIMIT 1000");
    rows.bind(account_id).bind(one.view(0)).bind(one.integer(1));
    while (rows.step()) {
      if (rows.is_null(2) || rows.uuid(0) != one.uuid(2) || rows.view(1) != one.view(3)) continue;
      const std::optional<model::BuildOutcome> outcome = model::parse_build_outcome(rows.view(2));
      const bool by_itself =
          outcome && *outcome != model::BuildOutcome::skipped && *outcome != model::BuildOutcome::cancelled;
      if (by_itself) return outcome;
    }
    return std::nullopt;
  });
}

}  // namespace kiln::store::sqlite
