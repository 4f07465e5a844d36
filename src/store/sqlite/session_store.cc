#include "store/sqlite/session_store.h"

#include <algorithm>

#include "base/strings.h"

namespace kiln::store::sqlite {
namespace {

// A use is noted at most once in this time: a write for every request would cost a disk flush each.
constexpr TimeMs kSessionUseMs = 60'000;
constexpr std::size_t kLongestAgent = 300;

model::Permissions rights_of(const std::string& text) {
  if (text.empty()) return {};
  const std::optional<model::Permissions> permissions = model::Permissions::parse(text);
  if (!permissions) throw SqlError(SQLITE_CORRUPT, "a stored session's permissions are damaged");
  return *permissions;
}

// Of columns id, token_id, account_id, name, permissions, created_on, last_used_on, expires_on, address,
// user_agent, person.
model::Session session_of(const Query& row) {
  return {row.uuid(0),    row.maybe_uuid(1), row.text(2),    row.text(3), rights_of(row.text(4)),
          row.integer(5), row.integer(6),    row.integer(7), row.text(8), row.text(9),
          row.text(10)};
}

void bind_or_null(Query& query, const std::string& text) {
  if (text.empty()) {
    query.bind_null();
  } else {
    query.bind(text);
  }
}

void forget_ended(Connection& db, TimeMs now) {
  db.query("DELETE FROM sessions WHERE expires_on <= ?").bind(now).run();
  db.query("DELETE FROM sessions WHERE last_used_on <= ?").bind(now - model::kSessionIdleMs).run();
  db.query("DELETE FROM login_codes WHERE expires_on <= ?").bind(now).run();
}

model::Session insert_session(Connection& db, const NewSession& fresh, const model::Session& whose,
                              TimeMs now, const std::string& granted_by = {}) {
  model::Session session = whose;
  session.id = fresh.id;
  session.created_on = now;
  session.last_used_on = now;
  session.address = to_valid_utf8(fresh.address);
  session.user_agent = to_valid_utf8(fresh.user_agent.substr(0, kLongestAgent));
  Query insert = db.query(
      "INSERT INTO sessions (id, secret_hash, token_id, account_id, permissions, name, created_on, "
      "last_used_on, expires_on, address, user_agent, person, granted_by) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(session.id).bind_blob(fresh.secret_hash).bind(session.token);
  bind_or_null(insert, session.account_id);
  insert.bind(session.permissions.str())
      .bind(session.name)
      .bind(session.created_on)
      .bind(session.last_used_on)
      .bind(session.expires_on)
      .bind(session.address)
      .bind(session.user_agent);
  bind_or_null(insert, session.person);
  bind_or_null(insert, granted_by);
  insert.run();
  Query surplus = db.query(
      "DELETE FROM sessions WHERE number IN (SELECT number FROM sessions WHERE token_id IS ? AND person IS ? "
      "ORDER BY number DESC LIMIT -1 OFFSET ?)");
  surplus.bind(session.token);
  bind_or_null(surplus, session.person);
  surplus.bind(kMostSessions).run();
  return session;
}

// With its token's rights; nothing where that is dead.
std::optional<model::Session> with_rights(Connection& db, model::Session session, TimeMs now) {
  if (!session.token) return session;
  Query token = db.query(
      "SELECT permissions FROM api_tokens WHERE id = ? AND revoked_on IS NULL AND (expires_on IS NULL OR "
      "expires_on > ?)");
  if (!token.bind(*session.token).bind(now).step()) return std::nullopt;
  session.permissions = rights_of(token.text(0));
  return session;
}

}  // namespace

Status SqliteSessionStore::add_login_code(const model::LoginCode& code, const std::string& code_hash) {
  return database_.write([&](Connection& db) -> Status {
    forget_ended(db, database_.now());
    Query insert = db.query(
        "INSERT INTO login_codes (code_hash, account_id, permissions, name, expires_on) VALUES (?, ?, ?, ?, "
        "?)");
    insert.bind_blob(code_hash);
    if (code.account_id.empty()) {
      insert.bind_null();
    } else {
      insert.bind(code.account_id);
    }
    insert.bind(code.permissions.str()).bind(code.name).bind(code.expires_on).run();
    return {};
  });
}

Result<model::Session> SqliteSessionStore::begin_by_code(const std::string& code_hash,
                                                         const NewSession& fresh) {
  return database_.write([&](Connection& db) -> Result<model::Session> {
    const TimeMs now = database_.now();
    model::Session whose;
    {
      Query row = db.query(
          "DELETE FROM login_codes WHERE code_hash = ? AND expires_on > ? RETURNING account_id, permissions, "
          "name");
      if (!row.bind_blob(code_hash).bind(now).step())
        return fail(Errc::unauthenticated,
                    "This link was used already, or is older than 5 minutes; run `kiln dashboard` for a new "
                    "one");
      whose.account_id = row.text(0);
      whose.permissions = rights_of(row.text(1));
      whose.name = row.text(2);
      row.run();
    }
    whose.expires_on = now + model::kSessionMostMs;
    forget_ended(db, now);
    return insert_session(db, fresh, whose, now);
  });
}

Result<model::Session> SqliteSessionStore::begin_by_token(const std::string& token_hash,
                                                          const NewSession& fresh) {
  return database_.write([&](Connection& db) -> Result<model::Session> {
    const TimeMs now = database_.now();
    model::Session whose;
    {
      Query row = db.query(
          "SELECT id, account_id, name, permissions, expires_on FROM api_tokens "
          "WHERE secret_hash = ? AND revoked_on IS NULL AND (expires_on IS NULL OR expires_on > ?)");
      if (!row.bind_blob(token_hash).bind(now).step())
        return fail(Errc::unauthenticated,
                    "The token is unknown, expired or revoked; `kiln token create` makes a new one");
      whose.token = row.uuid(0);
      whose.account_id = row.text(1);
      whose.name = row.text(2);
      whose.permissions = rights_of(row.text(3));
      whose.expires_on = std::min(now + model::kSessionMostMs, row.maybe_integer(4).value_or(INT64_MAX));
    }
    forget_ended(db, now);
    return insert_session(db, fresh, whose, now);
  });
}

Result<model::Session> SqliteSessionStore::begin_by_person(const model::ProvenPerson& person,
                                                           const NewSession& fresh) {
  return database_.write([&](Connection& db) -> Result<model::Session> {
    const TimeMs now = database_.now();
    model::Session whose;
    whose.account_id = person.account_id;
    whose.name = to_valid_utf8(person.name);
    whose.permissions = person.permissions;
    whose.expires_on = std::min(person.expires_on, now + model::kSessionMostMs);
    whose.person = person.person;
    forget_ended(db, now);
    return insert_session(db, fresh, whose, now, person.granted_by);
  });
}

Status SqliteSessionStore::end_sessions_granted_otherwise(const std::string& granted_by) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM sessions WHERE person IS NOT NULL AND granted_by IS NOT ?").bind(granted_by).run();
    return {};
  });
}

Result<std::optional<model::Session>> SqliteSessionStore::find_session(const std::string& secret_hash) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::Session>> {
    const TimeMs now = database_.now();
    Query row = db.query(
        "SELECT id, token_id, account_id, name, permissions, created_on, last_used_on, expires_on, address, "
        "user_agent, person FROM sessions WHERE secret_hash = ? AND expires_on > ? AND last_used_on > ?");
    if (!row.bind_blob(secret_hash).bind(now).bind(now - model::kSessionIdleMs).step()) return std::nullopt;
    return with_rights(db, session_of(row), now);
  });
}

Result<std::optional<model::Session>> SqliteSessionStore::session(const Uuid& id) {
  return database_.read([&](Connection& db) -> Result<std::optional<model::Session>> {
    const TimeMs now = database_.now();
    Query row = db.query(
        "SELECT id, token_id, account_id, name, permissions, created_on, last_used_on, expires_on, address, "
        "user_agent, person FROM sessions WHERE id = ? AND expires_on > ? AND last_used_on > ?");
    if (!row.bind(id).bind(now).bind(now - model::kSessionIdleMs).step()) return std::nullopt;
    return with_rights(db, session_of(row), now);
  });
}

Result<std::vector<model::Session>> SqliteSessionStore::sessions(const std::optional<Uuid>& token) {
  return database_.read([&](Connection& db) -> Result<std::vector<model::Session>> {
    const TimeMs now = database_.now();
    std::vector<model::Session> found;
    Query rows = token ? db.query(
                             "SELECT id, token_id, account_id, name, permissions, created_on, last_used_on, "
                             "expires_on, address, user_agent, person FROM sessions WHERE token_id = ? ORDER "
                             "BY number DESC")
                       : db.query(
                             "SELECT id, token_id, account_id, name, permissions, created_on, last_used_on, "
                             "expires_on, address, user_agent, person FROM sessions ORDER BY number DESC");
    if (token) rows.bind(*token);
    while (rows.step()) {
      model::Session session = session_of(rows);
      if (session.expires_on <= now || session.idle_expires_on() <= now) continue;
      if (auto live = with_rights(db, std::move(session), now)) found.push_back(*std::move(live));
    }
    return found;
  });
}

void SqliteSessionStore::touch_session(const Uuid& id) {
  const TimeMs now = database_.now();
  const Result<bool> due = database_.read([&](Connection& db) -> Result<bool> {
    Query row = db.query("SELECT 1 FROM sessions WHERE id = ? AND last_used_on <= ?");
    return row.bind(id).bind(now - kSessionUseMs).step();
  });
  if (!due || !*due) return;
  (void)database_.write([&](Connection& db) -> Status {
    db.query("UPDATE sessions SET last_used_on = max(last_used_on, ?) WHERE id = ?").bind(now).bind(id).run();
    return {};
  });
}

Status SqliteSessionStore::end_session(const Uuid& id) {
  return database_.write([&](Connection& db) -> Status {
    db.query("DELETE FROM sessions WHERE id = ?").bind(id).run();
    if (db.changes() == 0) return fail(Errc::not_found, "there is no session " + id.str(), "session_id");
    return {};
  });
}

}  // namespace kiln::store::sqlite
