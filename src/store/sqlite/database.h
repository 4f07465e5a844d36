// One SQLite file in WAL mode: a single writer behind a mutex and a pool of readers. The only place that
// talks to the SQLite C API. Owned by app; safe from any thread.
//
// Inside this room SQL trouble is the exception SqlError, so that statements read as SQL; Database::read and
// ::write turn it into an Error at the room's edge. Every statement is a string literal, prepared once per
// connection and cached.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
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

namespace kiln::store::sqlite {

struct ChangeNews;  // change_rows.h

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
  Connection(const std::filesystem::path& file, bool read_only);
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
  // migrations. `clock`, which outlives the database, says what time it is wherever a time decides. Errors:
  // Errc::io, Errc::disk_full; Errc::corrupt for what is no database, or one that no Kiln made, and, unless
  // one may be made, for an empty one; Errc::conflict when a newer Kiln made it.
  enum class May { open, open_or_make };
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                              const Clock& clock,
                                                              May may = May::open_or_make);

  // Runs `body(Connection&)`, which returns a Result, inside BEGIN IMMEDIATE … COMMIT; an error or anything
  // thrown rolls back. synchronous=FULL: what was committed survives power loss.
  template <typename Body>
  auto write(Body&& body) -> decltype(body(std::declval<Connection&>())) {
    const std::lock_guard lock(write_mutex_);
    try {
      Transaction transaction(*writer_, Transaction::Kind::write);
      auto result = body(*writer_);
      if (result) commit(transaction);
      return result;
    } catch (const SqlError& error) {
      return tl::unexpected<Error>(to_error(error));
    }
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

  // Inside a body: the time at which its transaction decides.
  [[nodiscard]] TimeMs now() const { return clock_.now(); }

  [[nodiscard]] const Changes& changes() const override { return changes_; }
  [[nodiscard]] Status catch_up() override;

 private:
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

  Database(std::filesystem::path file, const Clock& clock) : file_(std::move(file)), clock_(clock) {}
  static Error to_error(const SqlError& error);
  Status migrate(May may);

  std::filesystem::path file_;
  const Clock& clock_;
  Changes changes_;
  std::mutex write_mutex_;
  std::unique_ptr<Connection> writer_;
  std::mutex pool_mutex_;
  std::vector<std::unique_ptr<Connection>> readers_;
};

}  // namespace kiln::store::sqlite
