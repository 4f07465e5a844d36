// Looks at several hosts at once, of which a test lets each answer when it says so.
#include "watch/watcher.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <set>

#include "queue/queue_for_test.h"

namespace kiln::watch {
namespace {

constexpr std::chrono::seconds kLongEnough{20};  // only a failing test waits so long

// Hosts that are asked from many threads; those that are silent answer when they are let.
class ManyHosts final : public GitDoor {
 public:
  Result<store::Heads> heads(const model::RepoConnection& connection) override {
    std::unique_lock lock(mutex_);
    ++asked_[connection.uuid];
    changed_.notify_all();
    changed_.wait(lock, [&] { return !silent_.contains(connection.uuid); });
    return store::Heads{{"main", std::string(40, 'a')}};
  }
  Result<queue::Queue::CommitText> commit(const model::RepoConnection&, const std::string&,
                                          const std::string&) override {
    return fail(Errc::unavailable, "nothing is new here");
  }
  model::ChangedFiles changed_files(const model::RepoConnection&, const model::PushEvent&) override {
    return {};
  }
  Result<bool> is_ancestor(const model::RepoConnection&, const std::string&, const std::string&) override {
    return false;
  }

  void silence(const model::RepoConnection& connection) {
    const std::lock_guard lock(mutex_);
    silent_.insert(connection.uuid);
  }
  void let_answer(const model::RepoConnection& connection) {
    const std::lock_guard lock(mutex_);
    silent_.erase(connection.uuid);
    changed_.notify_all();
  }
  [[nodiscard]] int asked(const model::RepoConnection& connection) {
    const std::lock_guard lock(mutex_);
    return asked_[connection.uuid];
  }
  [[nodiscard]] bool wait_until_asked(const model::RepoConnection& connection, int times = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLongEnough, [&] { return asked_[connection.uuid] >= times; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Uuid, int> asked_;
  std::set<Uuid> silent_;
};

class Watching : public queue::QueueTest {
 protected:
  ~Watching() override { watcher_.stop(); }

  model::RepoConnection repository(const std::string& host, const std::string& name) {
    model::Trigger trigger = store_.add_trigger(store_.add_worker(account_, name));
    model::RepoConnection connection = trigger.connection;
    connection.clone_url = "https://" + host + "/acme/" + name + ".git";
    return *store_.connections.upsert_connection(connection);
  }

  std::string account_ = store_.add_account().id;
  ManyHosts hosts_;
  Watcher watcher_{{store_.watches, store_.triggers, queue_, hosts_, store_.clock, store_.entropy}, 300'000};
};

TEST_F(Watching, AHurriedRepositoryIsLookedAtNow) {
  const model::RepoConnection shop = repository("a.example", "shop");
  watcher_.start();
  watcher_.hurry(shop.uuid);
  EXPECT_TRUE(hosts_.wait_until_asked(shop));
}

TEST_F(Watching, AHostThatSaysNothingHoldsUpItsOwnRepositoriesAlone) {
  const model::RepoConnection silent = repository("a.example", "silent");
  hosts_.silence(silent);
  watcher_.start();
  ASSERT_TRUE(hosts_.wait_until_asked(silent));
  const model::RepoConnection beside = repository("a.example", "beside");
  const model::RepoConnection elsewhere = repository("b.example", "elsewhere");
  watcher_.hurry(beside.uuid);
  watcher_.hurry(elsewhere.uuid);
  EXPECT_TRUE(hosts_.wait_until_asked(elsewhere));
  EXPECT_EQ(hosts_.asked(beside), 0) << "one call a host at a time";
  hosts_.let_answer(silent);
  EXPECT_TRUE(hosts_.wait_until_asked(beside)) << "the place that was given back is taken";
}

TEST_F(Watching, WhatIsHurriedDuringItsLookIsLookedAtAgain) {
  const model::RepoConnection shop = repository("a.example", "shop");
  hosts_.silence(shop);
  watcher_.start();
  ASSERT_TRUE(hosts_.wait_until_asked(shop));
  watcher_.hurry(shop.uuid);
  const model::RepoConnection other = repository("b.example", "other");
  watcher_.hurry(other.uuid);
  ASSERT_TRUE(hosts_.wait_until_asked(other)) << "so that the keeper has seen both";
  hosts_.let_answer(shop);
  EXPECT_TRUE(hosts_.wait_until_asked(shop, 2));
}

TEST_F(Watching, StopsWhileNothingIsDue) {
  watcher_.start();
  watcher_.stop();
  watcher_.hurry(store_.entropy.uuid());
}

}  // namespace
}  // namespace kiln::watch
