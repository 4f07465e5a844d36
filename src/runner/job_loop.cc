#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "runner/service.h"

namespace kiln::runner {
namespace {

constexpr int kClaimWaitMs = 20'000;
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{3'000};
constexpr std::chrono::milliseconds kWhilePaused{1'000};

}  // namespace

struct JobLoop::Impl {
  Impl(const Workshop& shop, std::string id, int count)
      : workshop(shop), runner_id(std::move(id)), slots(count) {}

  const Workshop& workshop;
  const std::string runner_id;
  const int slots;
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<bool> stopping{false};
  std::vector<StopSwitch*> running;
  std::vector<std::thread> threads;

  void work(int number);
  void run(Slot& slot, const model::JobSpec& job);
  void pause(std::chrono::milliseconds time);
};

JobLoop::JobLoop(const Workshop& workshop, std::string runner_id, int slots)
    : impl_(std::make_unique<Impl>(workshop, std::move(runner_id), slots)) {}

JobLoop::~JobLoop() {
  stop();
}

void JobLoop::start() {
  for (int number = 0; number < impl_->slots; ++number) {
    impl_->threads.emplace_back([impl = impl_.get(), number] { impl->work(number); });
  }
}

void JobLoop::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    for (StopSwitch* running : impl_->running) running->stop(StopReason::shutting_down);
  }
  impl_->wake.notify_all();
  for (std::thread& thread : impl_->threads) thread.join();
  impl_->threads.clear();
}

void JobLoop::Impl::work(int number) {
  Slot slot(workshop, number);
  const std::unique_ptr<ServerClient> client = workshop.clients.make();
  auto wait = kFirstPause;
  bool complained = false;
  while (!stopping) {
    wire::ClaimCall call{runner_id, kClaimWaitMs};
    call.paused = (workshop.why_closed ? workshop.why_closed() : std::nullopt).value_or("");
    call.sandboxes = workshop.sandboxes.tally();
    Result<std::optional<model::JobSpec>> job = client->claim(call, stopping);
    if (stopping) return;
    if (!job) {
      if (!complained) log::warn("no work can be had: {}", job.error().message);
      complained = true;
      pause(wait);
      wait = std::min(wait * 2, kLongestPause);
      continue;
    }
    complained = false;
    wait = kFirstPause;
    if (*job) run(slot, **job);
    if (!call.paused.empty()) pause(kWhilePaused);
  }
}

void JobLoop::Impl::run(Slot& slot, const model::JobSpec& job) {
  StopSwitch stop;
  {
    const std::lock_guard lock(mutex);
    if (stopping) return;
    running.push_back(&stop);
  }
  slot.run(job, stop);
  const std::lock_guard lock(mutex);
  std::erase(running, &stop);
}

void JobLoop::Impl::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex);
  wake.wait_for(lock, time, [this] { return stopping.load(); });
}

}  // namespace kiln::runner
