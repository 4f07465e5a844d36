#include "runner/sandbox/pool.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "confine/host_users.h"
#include "model/limits.h"
#include "runner/sandbox/bwrap_arguments.h"
#include "runner/sandbox/network/host_facts.h"

namespace kiln::runner {
namespace {

constexpr int kMostReady = 4;            // each holds a few MB in processes that wait
constexpr std::size_t kMostRemains = 8;  // of sandboxes that ended, and so the uids they still have
static_assert(model::kMostConcurrentBuilds + kMostReady + kMostRemains < kBuildUids - 1);
constexpr std::chrono::seconds kPauseAfterNoSandbox{5};

}  // namespace

SandboxPool::SandboxPool(SandboxHost host, LimitKeeper& limits, int slots)
    : host_(std::move(host)),
      limits_(limits),
      most_(static_cast<std::size_t>(std::clamp(slots, 1, kMostReady))),
      remover_(kMostRemains) {
  if (host_.mode == IdentityMode::pool_uid && limits_.can_lend()) thread_ = std::thread([this] { work(); });
}

SandboxPool::~SandboxPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<std::unique_ptr<Sandbox>> SandboxPool::start(const SandboxSpec& spec) {
  Result<NetworkPolicy> policy = policy_for(host_.network, spec.api_base_url);
  if (!policy) return tl::unexpected<Error>(std::move(policy.error()));
  if (thread_.joinable()) {
    if (std::unique_ptr<LiveSandbox> prepared = take(spec, *policy)) {
      prepared->lend(spec.mirror, spec.cache);
      return prepared;
    }
  }
  SandboxSpec own = spec;
  own.limits = &limits_;
  own.remover = &remover_;
  number(own);
  return start_live(host_, own, std::move(*policy));
}

void SandboxPool::prepare_next() {
  const std::lock_guard lock(mutex_);
  now_ = true;
  wake_.notify_all();
}

SandboxPool::Tally SandboxPool::tally() const {
  const std::lock_guard lock(mutex_);
  return tally_;
}

std::size_t SandboxPool::ready() const {
  const std::lock_guard lock(mutex_);
  return ready_.size();
}

bool SandboxPool::wait_until_ready(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  return made_.wait_for(lock, at_most, [this] { return !ready_.empty(); });
}

void SandboxPool::number(SandboxSpec& spec) {
  const std::lock_guard lock(numbers_->mutex);
  int free = 0;
  while (numbers_->taken.contains(free)) ++free;
  numbers_->taken.insert(free);
  spec.slot = free;
  spec.held = std::shared_ptr<const void>(numbers_.get(), [numbers = numbers_, free](const void*) {
    const std::lock_guard given_back(numbers->mutex);
    numbers->taken.erase(free);
  });
}

std::unique_ptr<LiveSandbox> SandboxPool::take(const SandboxSpec& spec, const NetworkPolicy& policy) {
  const Wish wish{spec.api_base_url, spec.tools, spec.agent};
  const std::string system = system_facts();
  while (true) {
    std::optional<Prepared> first;
    {
      const std::lock_guard lock(mutex_);
      wish_ = wish;
      now_ = false;
      if (ready_.empty()) return nullptr;
      first = std::move(ready_.front());
      ready_.pop_front();
    }
    if (first->wish == wish && first->policy == policy && first->system == system &&
        first->sandbox->is_alive()) {
      const std::lock_guard lock(mutex_);
      ++tally_.used;
      return std::move(first->sandbox);
    }
    const std::lock_guard lock(mutex_);
    ++tally_.dropped;
  }
}

Result<SandboxPool::Prepared> SandboxPool::make(const Wish& wish) {
  Result<NetworkPolicy> policy = policy_for(host_.network, wish.api_base_url);
  if (!policy) return tl::unexpected<Error>(std::move(policy.error()));
  SandboxSpec spec;
  spec.tools = wish.tools;
  spec.agent = wish.agent;
  spec.api_base_url = wish.api_base_url;
  spec.limits = &limits_;
  spec.lend_later = true;
  spec.remover = &remover_;
  number(spec);
  Prepared prepared{wish, *policy, system_facts(), nullptr};
  Result<std::unique_ptr<LiveSandbox>> started = start_live(host_, spec, std::move(*policy));
  if (!started) return tl::unexpected<Error>(std::move(started.error()));
  prepared.sandbox = std::move(*started);
  return prepared;
}

// All prepared sandboxes begin here, and this thread outlives them: they would die with it.
void SandboxPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || (now_ && wish_ && ready_.size() < most_); });
    if (ending_) break;
    const Wish wish = *wish_;
    lock.unlock();
    Result<Prepared> made = make(wish);
    lock.lock();
    if (made) {
      ready_.push_back(std::move(*made));
      ++tally_.prepared;
      made_.notify_all();
      continue;
    }
    log::warn("no sandbox could be prepared for the next build reason={}", log::quoted(made.error().message));
    wake_.wait_for(lock, kPauseAfterNoSandbox, [this] { return ending_; });
  }
  std::deque<Prepared> unused = std::move(ready_);
  ready_.clear();
  lock.unlock();
  unused.clear();
}

}  // namespace kiln::runner
