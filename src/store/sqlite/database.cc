#include "store/sqlite/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/fs.h"
#include "store/act.h"
#include "store/sqlite/audit_rows.h"
#include "store/sqlite/audited_tables.h"
#include "store/sqlite/change_rows.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/upgrade_copy.h"

namespace kiln::store::sqlite {
namespace {

[[noreturn]] void raise(sqlite3* handle, int code, std::string_view doing) {
  // SQLite itself knows a full disk, but neither a quota that is used up nor a shared index without room.
  const int primary = code & 0xff;
  const bool by_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  if (handle != nullptr && by_system && errc_of(sqlite3_system_errno(handle)) == Errc::disk_full)
    code = SQLITE_FULL;
  throw SqlError(
      code, fmt::format("{}: {}", doing, handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code)));
}

void check(sqlite3_stmt* statement, int code, std::string_view doing) {
  if (code != SQLITE_OK) raise(sqlite3_db_handle(statement), code, doing);
}

// The file with the mode it shall have: SQLite gives those that it makes beside it the same. One that is
// there is not opened: closing it would end the locks that this process may have on it.
Status prepare_file(const std::filesystem::path& file, bool may_make) {
  constexpr mode_t mode = 0600;
  if (may_make) (void)Fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const std::string name = file.string() + suffix;
    if (chmod(name.c_str(), mode) == 0) continue;
    const int why = errno;
    if (why != ENOENT || *suffix == '\0')
      return fail(why == ENOENT ? Errc::corrupt : errc_of(why),
                  fmt::format("opening {}: {}", name, std::strerror(why)));
  }
  return {};
}

// Before its first use: SQLite would count its memory, which nobody asks for, under one lock that all threads
// wait for at each allocation.
void prepare_library() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)done;
}

std::int64_t number_of(Query row) {
  return row.step() ? row.integer(0) : 0;
}

}  // namespace

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query& Query::bind(std::int64_t value) {
  check(statement_, sqlite3_bind_int64(statement_, next_++, value), "binding a number");
  return *this;
}

Query& Query::bind(double value) {
  check(statement_, sqlite3_bind_double(statement_, next_++, value), "binding a number");
  return *this;
}

Query& Query::bind(std::string_view text) {
  check(statement_,
        sqlite3_bind_text64(statement_, next_++, text.data() == nullptr ? "" : text.data(), text.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8),
        "binding text");
  return *this;
}

Query& Query::bind_blob(std::string_view bytes) {
  check(statement_,
        sqlite3_bind_blob64(statement_, next_++, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                            SQLITE_TRANSIENT),
        "binding bytes");
  return *this;
}

Query& Query::bind_null() {
  check(statement_, sqlite3_bind_null(statement_, next_++), "binding null");
  return *this;
}

bool Query::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  raise(sqlite3_db_handle(statement_), code, sqlite3_sql(statement_));
}

void Query::run() {
  while (step()) {
  }
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Query::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string Query::text(int column) const {
  return std::string(view(column));
}

std::string_view Query::view(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Uuid Query::uuid(int column) const {
  const std::optional<Uuid> id = Uuid::from_raw(view(column));
  if (!id) throw SqlError(SQLITE_CORRUPT, "a stored id is not 16 bytes long");
  return *id;
}

std::optional<std::int64_t> Query::maybe_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::optional<Uuid> Query::maybe_uuid(int column) const {
  if (is_null(column)) return std::nullopt;
  return uuid(column);
}

Connection::Connection(const std::filesystem::path& file, bool read_only, const Schema& schema) {
  prepare_library();
  const int flags =
      SQLITE_OPEN_NOMUTEX | (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  try {
    const int code = sqlite3_open_v2(file.c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) raise(handle_, code, "opening " + file.string());
    sqlite3_busy_timeout(handle_, 10'000);
    // A statement is planned once, whatever is bound to it: else those that a partial index may fit are
    // planned again with each value.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);
    // No memory map: a history read here and there would count as resident.
    execute("PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;");
    execute(fmt::format("PRAGMA cache_size=-{};", schema.cache_kib).c_str());
    if (!read_only) execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;");
    if (!read_only && schema.most_pages > 0)
      execute(fmt::format("PRAGMA max_page_count={};", schema.most_pages).c_str());
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Query Connection::query(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    const int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) raise(handle_, code, sql);
  }
  return Query(statement);
}

void Connection::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) raise(handle_, code, sql);
}

std::int64_t Connection::last_row() const {
  return sqlite3_last_insert_rowid(handle_);
}

int Connection::changes() const {
  return sqlite3_changes(handle_);
}

Transaction::Transaction(Connection& db, Kind kind) : db_(&db) {
  Query begin = kind == Kind::write ? db.query("BEGIN IMMEDIATE") : db.query("BEGIN");
  begin.run();
}

Transaction::~Transaction() {
  if (db_ == nullptr) return;
  try {
    db_->query("ROLLBACK").run();
  } catch (const std::exception&) {
    // SQLite has rolled back already, as it does when the disk is full.
  }
}

void Transaction::commit() {
  db_->query("COMMIT").run();
  db_ = nullptr;
}

Database::Lent::Lent(Database& database) : database_(database) {
  {
    const std::lock_guard lock(database_.pool_mutex_);
    if (!database_.readers_.empty()) {
      connection_ = std::move(database_.readers_.back());
      database_.readers_.pop_back();
    }
  }
  if (!connection_) connection_ = std::make_unique<Connection>(database_.file_, true, database_.schema_);
}

Database::Lent::~Lent() {
  if (!keep_) return;
  const std::lock_guard lock(database_.pool_mutex_);
  database_.readers_.push_back(std::move(connection_));
}

Database::Database(std::filesystem::path file, const Clock& clock, const Schema& schema)
    : file_(std::move(file)), clock_(clock), schema_(schema) {}

Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, const Clock& clock,
                                                 May may, const Schema& schema, Before before) {
  if (Status prepared = prepare_file(file, may == May::open_or_make); !prepared)
    return tl::unexpected<Error>(prepared.error());
  std::unique_ptr<Database> database(new Database(file, clock, schema));
  try {
    database->writer_ = std::make_unique<Connection>(file, false, schema);
    if (Status migrated = database->migrate(may, before); !migrated)
      return context(migrated.error(), "opening the database " + file.string());
    if (schema.has_audit)
      database->audited_ = std::make_unique<const AuditedTables>(audited_tables(*database->writer_));
    database->group_ = std::make_unique<WriteGroup>(
        *database->writer_, [made = database.get()](Transaction& transaction) { made->commit(transaction); });
    if (schema.feeds_changes) database->publish(read_changes(*database->writer_, database->changes_));
    return database;
  } catch (const SqlError& error) {
    return context(to_error(error), "opening the database " + file.string());
  }
}

void Database::change(const WriteGroup::Change& change) {
  Act* act = Acting::now();
  if (act == nullptr || audited_ == nullptr) {
    group_->run(change);
    return;
  }
  bool told = false;
  group_->run([&](Connection& db) {
    std::string changes;
    {
      const ChangeGatherer gathered(db, *audited_);
      if (!change(db)) return false;
      changes = gathered.json();
    }
    told = !changes.empty();
    if (told) insert_audit_row(db, *act, now(), changes);
    return true;
  });
  if (told) ++act->rows;
}

void Database::commit(Transaction& transaction) {
  if (!schema_.feeds_changes) return transaction.commit();
  const ChangeNews news = read_changes(*writer_, changes_);
  transaction.commit();
  publish(news);
}

Status Database::catch_up() {
  if (!schema_.feeds_changes) return {};
  return read([this](Connection& db) -> Status {
    publish(read_changes(db, changes_));
    return {};
  });
}

void Database::publish(const ChangeNews& news) {
  const auto raise = [](std::atomic<std::uint64_t>& number, std::uint64_t heard) {
    std::uint64_t before = number.load();
    while (before < heard && !number.compare_exchange_weak(before, heard)) {
    }
  };
  raise(changes_.triggers, news.triggers);
  raise(changes_.tokens, news.tokens);
  raise(changes_.routes, news.routes);
  changes_.builds.take(news.builds, news.changed);
}

Error Database::to_error(const SqlError& error) {
  const int code = error.code() & 0xff;
  const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  const Errc without_room = code == SQLITE_FULL ? Errc::disk_full : Errc::io;
  return Error{damaged ? Errc::corrupt : without_room, error.what(), {}};
}

Status Database::migrate(May may, Before before) {
  const bool ours =
      number_of(writer_->query("SELECT count(*) FROM sqlite_master WHERE name = 'migrations'")) != 0;
  const bool empty = number_of(writer_->query("SELECT count(*) FROM sqlite_master")) == 0;
  if (!ours && !empty) return fail(Errc::corrupt, "it is a database, but none that Kiln made");
  if (!ours && may == May::open) return fail(Errc::corrupt, "it is a database with nothing in it");
  writer_->execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)");
  const std::int64_t done = number_of(writer_->query("SELECT coalesce(max(number), 0) FROM migrations"));
  const std::vector<Migration>& all = schema_.steps;
  if (done > static_cast<std::int64_t>(all.size())) {
    return fail(Errc::conflict,
                fmt::format("the file has {} migrations and this Kiln knows {}; start the newer Kiln "
                            "that made it",
                            done, all.size()));
  }
  const bool to_do = static_cast<std::size_t>(done) < all.size();
  if (done > 0 && to_do && before == Before::copy) {
    if (Status kept = keep_before_upgrade(*writer_, file_, done); !kept) return kept;
  }
  for (std::size_t i = static_cast<std::size_t>(done); i < all.size(); ++i) {
    Transaction transaction(*writer_, Transaction::Kind::write);
    apply(*writer_, all[i]);
    writer_->query("INSERT INTO migrations (number, name) VALUES (?, ?)")
        .bind(static_cast<std::int64_t>(i + 1))
        .bind(all[i].name)
        .run();
    transaction.commit();
  }
  return {};
}

}  // namespace kiln::store::sqlite
