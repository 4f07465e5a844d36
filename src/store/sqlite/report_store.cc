#include <algorithm>
#include <set>
#include <utility>

#include "base/strings.h"
#include "store/sqlite/outbox.h"

namespace kiln::store::sqlite {
namespace {

constexpr int kMostFailing = 100;
constexpr std::size_t kLongestReportError = 1'024;

ReportKind report_kind(const Query& row, int column) {
  return row.view(column) == "build" ? ReportKind::build : ReportKind::pull_request;
}

std::string kept_report_error(const std::string& error) {
  return to_valid_utf8(error.empty() ? "it failed" : error.substr(0, kLongestReportError));
}

}  // namespace

Result<std::vector<HostClock>> SqliteReportStore::hosts() {
  return database_.read([&](Connection& db) -> Result<std::vector<HostClock>> {
    std::vector<HostClock> out;
    Query rows = db.query(
        "SELECT host, min(due_on) FROM reports INDEXED BY reports_due WHERE due_on IS NOT NULL GROUP BY "
        "host");
    while (rows.step()) out.push_back({rows.text(0), rows.integer(1)});
    return out;
  });
}

Result<std::optional<DueReport>> SqliteReportStore::next(const std::string& host) {
  return database_.read([&](Connection& db) -> Result<std::optional<DueReport>> {
    Query row = db.query(
        "SELECT r.number, r.kind, r.connection_uuid, r.account_id, r.subject, r.remote_id, iif(r.kind = "
        "'build', max(r.wanted, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)), "
        "r.wanted), r.attempts, r.begun, r.refusals, "
        "(SELECT limits FROM report_rests WHERE host = r.host), (SELECT b.uuid FROM builds b WHERE b.number "
        "= r.subject AND r.kind "
        "= 'build') "
        "FROM reports r INDEXED BY reports_due WHERE r.host = ? AND r.due_on <= ? ORDER BY r.due_on LIMIT 1");
    if (!row.bind(host).bind(database_.now()).step()) return std::nullopt;
    DueReport due;
    due.number = row.integer(0);
    due.kind = report_kind(row, 1);
    due.connection = row.uuid(2);
    due.account_id = row.text(3);
    if (due.kind == ReportKind::pull_request) due.pull_request = row.integer(4);
    due.remote_id = row.text(5);
    due.wanted = row.integer(6);
    due.attempts = static_cast<int>(row.integer(7));
    due.may_exist = row.integer(8) != 0;
    due.refusals = static_cast<int>(row.integer(9));
    due.limits = static_cast<int>(row.maybe_integer(10).value_or(0));
    if (due.kind == ReportKind::build) due.build = row.uuid(11);
    return due;
  });
}

Status SqliteReportStore::begin(std::int64_t number) {
  return database_.write([&](Connection& db) -> Status {
    db.query("UPDATE reports SET begun = 1 WHERE number = ?").bind(number).run();
    return {};
  });
}

Status SqliteReportStore::keep_remote_id(std::int64_t number, const std::string& remote_id) {
  return database_.write([&](Connection& db) -> Status {
    db.query("UPDATE reports SET remote_id = ? WHERE number = ?").bind(remote_id).bind(number).run();
    return {};
  });
}

Status SqliteReportStore::told(std::int64_t number, std::int64_t wanted) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE reports SET told = ?1, attempts = 0, refusals = 0, error = '', due_on = iif(wanted > ?1, "
          "?2, "
          "NULL) "
          "WHERE number = ?3")
        .bind(wanted)
        .bind(database_.now())
        .bind(number)
        .run();
    db.query("DELETE FROM report_rests WHERE host = (SELECT host FROM reports WHERE number = ?)")
        .bind(number)
        .run();
    return {};
  });
}

Status SqliteReportStore::postpone(std::int64_t number, TimeMs wait_ms, const std::string& error) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE reports SET attempts = attempts + 1, refusals = 0, error = ?, due_on = ? WHERE number = ?")
        .bind(kept_report_error(error))
        .bind(database_.now() + wait_ms)
        .bind(number)
        .run();
    return {};
  });
}

Status SqliteReportStore::refused(std::int64_t number, TimeMs wait_ms, const std::string& error) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE reports SET attempts = attempts + 1, refusals = refusals + 1, error = ?, due_on = ? WHERE "
          "number = ?")
        .bind(kept_report_error(error))
        .bind(database_.now() + wait_ms)
        .bind(number)
        .run();
    return {};
  });
}

Status SqliteReportStore::limited(std::int64_t number, TimeMs wait_ms, const std::string& error) {
  return database_.write([&](Connection& db) -> Status {
    const TimeMs until = database_.now() + wait_ms;
    Query row = db.query(
        "UPDATE reports SET attempts = attempts + 1, refusals = 0, error = ? WHERE number = ? RETURNING "
        "host");
    if (!row.bind(kept_report_error(error)).bind(number).step()) return {};
    const std::string host = row.text(0);
    row.run();
    db.query("UPDATE reports SET due_on = max(due_on, ?) WHERE host = ? AND due_on IS NOT NULL")
        .bind(until)
        .bind(host)
        .run();
    db.query(
          "INSERT INTO report_rests (host, rests_until, limits) VALUES (?, ?, 1) ON CONFLICT (host) DO "
          "UPDATE SET rests_until = excluded.rests_until, limits = limits + 1")
        .bind(host)
        .bind(until)
        .run();
    return {};
  });
}

Status SqliteReportStore::give_up(std::int64_t number, std::int64_t wanted, const std::string& error) {
  return database_.write([&](Connection& db) -> Status {
    db.query(
          "UPDATE reports SET attempts = attempts + 1, refusals = 0, error = ?1, due_on = iif(wanted > ?2, "
          "?3, NULL) WHERE number = ?4")
        .bind(kept_report_error(error))
        .bind(wanted)
        .bind(database_.now())
        .bind(number)
        .run();
    return {};
  });
}

Result<std::vector<Uuid>> SqliteReportStore::given_up(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<Uuid>> {
    std::set<Uuid> found;
    Query rows = db.query(
        "SELECT connection_uuid FROM reports INDEXED BY reports_failing WHERE account_id = ? AND error <> '' "
        "AND due_on IS NULL");
    rows.bind(account_id);
    while (rows.step()) found.insert(rows.uuid(0));
    return std::vector<Uuid>(found.begin(), found.end());
  });
}

Result<std::int64_t> SqliteReportStore::count_given_up() {
  return database_.read([&](Connection& db) -> Result<std::int64_t> {
    Query row = db.query(
        "SELECT count(*) FROM reports INDEXED BY reports_failing WHERE error <> '' AND due_on IS NULL");
    return row.step() ? row.integer(0) : 0;
  });
}

Result<int> SqliteReportStore::tell_again(const std::string& account_id, const Uuid& connection,
                                          const std::string& host) {
  return database_.write([&](Connection& db) -> Result<int> {
    db.query(
          "UPDATE reports INDEXED BY reports_failing SET host = ?1, attempts = 0, refusals = 0, due_on = "
          "max(?2, coalesce((SELECT rests_until FROM report_rests WHERE host = ?1), 0)) WHERE account_id = "
          "?3 AND error <> '' AND due_on IS NULL AND connection_uuid = ?4")
        .bind(host)
        .bind(database_.now())
        .bind(account_id)
        .bind(connection)
        .run();
    return static_cast<int>(db.changes());
  });
}

Result<std::vector<Uuid>> SqliteReportStore::builds_of_pull_request(const Uuid& connection,
                                                                    std::int64_t number) {
  return database_.read([&](Connection& db) -> Result<std::vector<Uuid>> {
    std::vector<std::pair<std::int64_t, Uuid>> found;
    Query rows = db.query(
        "SELECT p.first_build, b.uuid FROM pull_request_builds p CROSS JOIN builds b ON b.number = "
        "p.build_number WHERE p.connection_uuid = ? AND p.number = ?");
    rows.bind(connection).bind(number);
    while (rows.step()) found.emplace_back(rows.integer(0), rows.uuid(1));
    std::sort(found.begin(), found.end());
    std::vector<Uuid> out;
    for (const auto& [first, build] : found) out.push_back(build);
    return out;
  });
}

Result<bool> SqliteReportStore::is_outdone(const Uuid& build) {
  return database_.read([&](Connection& db) -> Result<bool> {
    Query row = db.query(
        "SELECT 1 FROM builds b CROSS JOIN builds n INDEXED BY builds_commit ON n.account_id = b.account_id "
        "AND n.commit_hash = b.commit_hash AND n.number > b.number WHERE b.uuid = ? AND n.worker_tag = "
        "b.worker_tag AND n.unreported = 0 LIMIT 1");
    return row.bind(build).step();
  });
}

Result<std::vector<FailingReport>> SqliteReportStore::failing(const std::string& account_id) {
  return database_.read([&](Connection& db) -> Result<std::vector<FailingReport>> {
    std::vector<FailingReport> out;
    Query rows = db.query(
        "SELECT r.kind, r.connection_uuid, r.subject, r.host, r.error, r.attempts, r.due_on, "
        "(SELECT b.uuid FROM builds b WHERE b.number = r.subject AND r.kind = 'build') "
        "FROM reports r INDEXED BY reports_failing WHERE r.account_id = ? AND r.error <> '' "
        "ORDER BY r.number DESC LIMIT ?");
    rows.bind(account_id).bind(kMostFailing);
    while (rows.step()) {
      FailingReport one;
      one.kind = report_kind(rows, 0);
      one.connection = rows.uuid(1);
      if (one.kind == ReportKind::pull_request) one.pull_request = rows.integer(2);
      one.host = rows.text(3);
      one.error = rows.text(4);
      one.attempts = static_cast<int>(rows.integer(5));
      one.due_on = rows.maybe_integer(6);
      if (one.kind == ReportKind::build) one.build = rows.uuid(7);
      out.push_back(std::move(one));
    }
    return out;
  });
}

}  // namespace kiln::store::sqlite
