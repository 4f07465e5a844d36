// One SQLite file in WAL mode: a single writer, whose commits are shared by those who come together, and a
// pool of readers. The only place that talks to the SQLite C API. Owned by app; safe from any thread.
//
// Inside this room SQL trouble is the exception SqlError, so that statements read as SQL; Database::read and
// ::write turn it into an Error at the room's edge. Every statement is a string literal, prepared once per
// connection and cached.
#pragma once

// For what tells of each row that changes (audit_rows.h); Debian's SQLite has it.
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "store/changes.h"
#include "store/sqlite/write_group.h"

namespace kiln::store::sqlite {

struct ChangeNews;     // change_rows.h
struct AuditedTables;  // audited_tables.h
struct Schema;         // migrations.h
[[nodiscard]] const Schema& main_schema();

class SqlError : public std::runtime_error {
 public:
  SqlError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  [[nodiscard]] int code() const { return code_; }

 private:
  int code_;
};

// A cached statement being run: bind in order, then step. Resets itself when it goes out of scope.
class Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)), next_(other.next_) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& operator=(Query&&) = delete;
  ~Query();

  // Binds the next parameter.
  Query& bind(std::int64_t value);
  Query& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(bool value) { return bind(static_cast<std::int64_t>(value ? 1 : 0)); }
  Query& bind(double value);
  Query& bind(std::string_view text);
  Query& bind(const std::string& text) { return bind(std::string_view(text)); }
  Query& bind(const char* text) { return bind(std::string_view(text)); }
  Query& bind(const Uuid& id) { return bind_blob(id.raw()); }
  Query& bind_blob(std::string_view bytes);
  Query& bind_null();
  template <typename T>
  Query& bind(const std::optional<T>& value) {
    return value ? bind(*value) : bind_null();
  }

  // True when there is a row to read.
  bool step();
  // For statements that return nothing.
  void run();

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string text(int column) const;       // text or blob; empty for null
  [[nodiscard]] std::string_view view(int column) const;  // the same, good until the next step
  [[nodiscard]] Uuid uuid(int column) const;              // throws SqlError(SQLITE_CORRUPT) unless 16 bytes
  [[nodiscard]] std::optional<std::int64_t> maybe_integer(int column) const;
  [[nodiscard]] std::optional<Uuid> maybe_uuid(int column) const;

 private:
  sqlite3_stmt* statement_;
  int next_ = 1;
};

class Connection {
 public:
  Connection(const std::filesystem::path& file, bool read_only, const Schema& schema = main_schema());
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // `sql` must be a string literal: it is the cache's key.
  [[nodiscard]] Query query(const char* sql);
  // One or more statements without parameters (migrations, BEGIN, COMMIT).
  void execute(const char* sql);
  // Rows changed by the last statement that ran.
  [[nodiscard]] int changes() const;
  // The rowid of the last insert.
  [[nodiscard]] std::int64_t last_row() const;
  // For copies of the file (online_copy.cc) alone.
  [[nodiscard]] sqlite3* handle() const { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

// A transaction that is open from here on; whatever leaves its scope before commit() rolls it back.
class Transaction {
 public:
  enum class Kind { read, write };
  // A write waits for the lock at once, so that what it reads stays true until it commits.
  Transaction(Connection& db, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Throws SqlError when the database could not commit; then it is rolled back.
  void commit();

 private:
  Connection* db_;  // null: over
};

class Database final : public ChangeFeed {
 public:
  // Opens the file, or makes it where it may, mode 0600 whatever the umask, and applies the missing
  // migrations. Before the first of these a file that has been in use is copied to <file>.before-N, N being
  // the migrations that it has, mode 0600; of such copies the last two stay. `clock`, which outlives the
  // database, says what time it is wherever a time decides. Errors: Errc::io, Errc::disk_full (also when
  // there is no room for the copy); Errc::corrupt for what is no database, or one that no Kiln made, and,
  // unless one may be made, for an empty one; Errc::conflict when a newer Kiln made it.
  enum class May { open, open_or_make };
  enum class Before { copy, nothing };
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                              const Clock& clock, May may = May::open_or_make,
                                                              const Schema& schema = main_schema(),
                                                              Before before = Before::copy);

  ~Database() override;

  // Runs `body(Connection&)`, which returns a Result, inside a write transaction, which may be shared with
  // others that come at the same moment (write_group.h) and be run by another's thread; an error or anything
  // thrown undoes what this body did. synchronous=FULL: what was committed survives power loss. Of what it
  // changes on behalf of an act (store/act.h) it leaves a row in the audit.
  template <typename Body>
  auto write(Body&& body) -> decltype(body(std::declval<Connection&>())) {
    std::optional<decltype(body(std::declval<Connection&>()))> result;
    try {
      change([&](Connection& db) {
        result.emplace(body(db));
        return result->has_value();
      });
    } catch (const SqlError& error) {
      return tl::unexpected<Error>(to_error(error));
    }
    return *std::move(result);
  }

  // Runs `body(Connection&)` on a reader inside one snapshot.
  template <typename Body>
  auto read(Body&& body) -> decltype(body(std::declval<Connection&>())) {
    try {
      Lent lent(*this);
      Transaction transaction(*lent, Transaction::Kind::read);
      auto result = body(*lent);
      transaction.commit();
      lent.keep();
      return result;
    } catch (const SqlError& error) {
      return tl::unexpected<Error>(to_error(error));
    }
  }

  // Hears of every write transaction: how long it took from its begin to its end, and whether it found the
  // file locked. Set before there are other threads; called on those that write: quick.
  using WriteWatch = std::function<void(double seconds, bool busy)>;
  void watch_writes(WriteWatch watch) { group_->watch(std::move(watch)); }

  // Inside a body: the time at which its transaction decides.
  [[nodiscard]] TimeMs now() const { return clock_.now(); }

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  [[nodiscard]] static Error to_error(const SqlError& error);

  [[nodiscard]] const Changes& changes() const override { return changes_; }
  [[nodiscard]] Status catch_up() override;

 private:
  // Throws SqlError.
  void change(const WriteGroup::Change& change);
  // Commits what the writer did and tells what changed by it.
  void commit(Transaction& transaction);
  // After the commit: whoever sees a new number sees the new rows.
  void publish(const ChangeNews& news);

  // A reader on loan; goes back to the pool only after keep(), so that a failed one is closed.
  class Lent {
   public:
    explicit Lent(Database& database);
    ~Lent();
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }
    void keep() { keep_ = true; }

   private:
    Database& database_;
    std::unique_ptr<Connection> connection_;
    bool keep_ = false;
  };

  Database(std::filesystem::path file, const Clock& clock, const Schema& schema);
  Status migrate(May may, Before before);

  std::filesystem::path file_;
  const Clock& clock_;
  const Schema& schema_;
  Changes changes_;
  std::unique_ptr<Connection> writer_;  // used by whoever leads the group
  std::unique_ptr<const AuditedTables> audited_;
  std::unique_ptr<WriteGroup> group_;
  std::mutex pool_mutex_;
  std::vector<std::unique_ptr<Connection>> readers_;
};

}  // namespace kiln::store::sqlite
