#include "store/sqlite/write_group.h"

#include <algorithm>
#include <chrono>

#include "store/sqlite/database.h"

namespace kiln::store::sqlite {
namespace {

// So that the first of a group does not wait for the work of very many.
constexpr std::size_t kMostInAGroup = 64;

}  // namespace

void WriteGroup::run(const Change& change) {
  Member mine{change};
  {
    std::unique_lock lock(mutex_);
    waiting_.push_back(&mine);
    while (!mine.done) {
      if (committing_) {
        turn_.wait(lock, [&] { return mine.done || !committing_; });
        continue;
      }
      // Leads a group of those who came first, of which it may not be one; then it leads the next.
      const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMostInAGroup));
      const std::vector<Member*> members(waiting_.begin(), waiting_.begin() + count);
      waiting_.erase(waiting_.begin(), waiting_.begin() + count);
      committing_ = true;
      lock.unlock();
      lead(members);
      lock.lock();
      for (Member* member : members) member->done = true;
      committing_ = false;
      turn_.notify_all();
    }
  }
  if (mine.thrown) std::rethrow_exception(mine.thrown);
}

std::size_t WriteGroup::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

bool WriteGroup::run_alone(Member& member) {
  db_.query("SAVEPOINT one_change").run();
  bool keep = false;
  try {
    keep = member.change(db_);
  } catch (...) {
    member.thrown = std::current_exception();
  }
  if (!keep) undo(member);
  db_.query("RELEASE one_change").run();
  return keep;
}

// Where SQLite has rolled the whole transaction back already, as it does when the disk is full, nothing of
// the group is kept, for the reason that ended it.
void WriteGroup::undo(const Member& member) {
  try {
    db_.query("ROLLBACK TO one_change").run();
  } catch (const SqlError&) {
    if (member.thrown) std::rethrow_exception(member.thrown);
    throw;
  }
}

void WriteGroup::fail_all(const std::vector<Member*>& members) {
  for (Member* member : members) {
    if (!member->thrown) member->thrown = std::current_exception();
  }
}

void WriteGroup::lead(const std::vector<Member*>& members) {
  const auto begun = std::chrono::steady_clock::now();
  const bool busy = commit_all(members);
  if (watch_) watch_(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count(), busy);
}

bool WriteGroup::commit_all(const std::vector<Member*>& members) {
  bool busy = false;
  try {
    Transaction transaction(db_, Transaction::Kind::write);
    bool any = false;
    for (Member* member : members) any = run_alone(*member) || any;
    if (any) commit_(transaction);
  } catch (const SqlError& error) {
    busy = (error.code() & 0xff) == SQLITE_BUSY;
    fail_all(members);
  } catch (...) {
    fail_all(members);
  }
  return busy;
}

}  // namespace kiln::store::sqlite
