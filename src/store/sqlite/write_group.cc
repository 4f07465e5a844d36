#include "store/sqlite/write_group.h"

#include <algorithm>
#include <array>
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
    if (committing_) mine.turn.wait(lock, [&mine] { return mine.done || mine.leads; });
    // Nothing is thrown from here on until the next one leads: all others wait for that.
    if (!mine.done) {
      committing_ = true;
      std::array<Member*, kMostInAGroup> first{};
      const std::size_t count = std::min(waiting_.size(), kMostInAGroup);
      std::copy_n(waiting_.begin(), count, first.begin());
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
      const Members members(first.data(), count);
      lock.unlock();
      lead(members);
      lock.lock();
      for (Member* member : members) {
        member->done = true;
        member->turn.notify_one();
      }
      committing_ = !waiting_.empty();
      if (committing_) {
        waiting_.front()->leads = true;
        waiting_.front()->turn.notify_one();
      }
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

void WriteGroup::fail_all(Members members) {
  for (Member* member : members) {
    if (!member->thrown) member->thrown = std::current_exception();
  }
}

void WriteGroup::lead(Members members) noexcept {
  const auto begun = std::chrono::steady_clock::now();
  const bool busy = commit_all(members);
  if (watch_) watch_(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count(), busy);
}

bool WriteGroup::commit_all(Members members) {
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
