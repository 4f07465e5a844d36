#include "runner/cache/keeper.h"

#include <chrono>

namespace kiln::runner {
namespace {

constexpr std::chrono::minutes kRound{1};

}  // namespace

void CacheKeeper::start() {
  thread_ = std::thread([this] { work(); });
}

void CacheKeeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CacheKeeper::look(ArchiveStore& store, ServerClient& client) {
  store.sweep_old();
  const std::vector<Uuid> triggers = store.triggers(wire::kMostTriggers);
  if (triggers.empty()) return;
  // A server that does not answer is asked again in the next round; builds ask for themselves.
  const Result<wire::CachesAnswer> answer = client.caches({triggers});
  if (answer) store.sweep_purged(triggers, answer->epochs);
}

void CacheKeeper::work() {
  const std::unique_ptr<ServerClient> client = clients_.make();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    look(store_, *client);
    lock.lock();
    wake_.wait_for(lock, kRound, [this] { return stopping_; });
  }
}

}  // namespace kiln::runner
