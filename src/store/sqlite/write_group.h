// Commits what several threads write at the same time together, since a commit waits for the disk and its
// rows hardly do: whoever comes while one commit is under way goes into the next, all with one wait. Each
// change is a savepoint of its own, so that one that fails takes nothing along. Owned by Database; safe from
// any thread.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace kiln::store::sqlite {

class Connection;
class Transaction;

class WriteGroup {
 public:
  // Runs inside a transaction, on the thread of whichever caller leads the group; false: nothing of it is
  // kept.
  using Change = std::function<bool(Connection&)>;
  // Commits, and tells whoever must hear of it; throws SqlError when it could not.
  using Commit = std::function<void(Transaction&)>;

  // `db`, the only writer, outlives it.
  WriteGroup(Connection& db, Commit commit) : db_(db), commit_(std::move(commit)) {}

  // Returns once the change is on the disk, or is not kept. Throws what the change threw, and SqlError when
  // the group could not be committed: then nothing of any is kept.
  void run(const Change& change);

  // Told of each transaction (Database::watch_writes); throws nothing.
  void watch(std::function<void(double seconds, bool busy)> watch) { watch_ = std::move(watch); }

  // How many wait for the next commit now.
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Member {
    const Change& change;
    bool done = false;
    bool leads = false;  // the group that it is the first of
    std::exception_ptr thrown{};
    std::condition_variable turn{};  // to be done, or to lead
  };
  using Members = std::span<Member* const>;
  void lead(Members members) noexcept;
  // Whether the file was locked.
  bool commit_all(Members members);
  // While an exception is handled: nothing of any is kept, for its reason.
  static void fail_all(Members members);
  // Whether something of it is kept.
  [[nodiscard]] bool run_alone(Member& member);
  void undo(const Member& member);

  Connection& db_;
  Commit commit_;
  std::function<void(double seconds, bool busy)> watch_;
  mutable std::mutex mutex_;
  bool committing_ = false;
  std::vector<Member*> waiting_;
};

}  // namespace kiln::store::sqlite
