#include "ops/upkeep/pieces.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace kiln::ops {
namespace {

constexpr std::size_t kMostWaiting = std::size_t{2} << 20U;
// ioprio_set(2), which has no header: this thread, the lowest of the ordinary class.
constexpr int kOfThread = 1;
constexpr int kLowestDisk = (2 << 13) | 7;
constexpr int kLowestProcessor = 19;

const char* words_for(Jobs::Kind kind) {
  switch (kind) {
    case Jobs::Kind::backup:
      return "a backup is being made";
    case Jobs::Kind::check:
      return "a check is under way";
    case Jobs::Kind::prune:
      return "a prune is under way";
  }
  return "";
}

}  // namespace

bool Pieces::put(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return given_up_ || waiting_bytes_ < kMostWaiting; });
  if (given_up_) return false;
  const bool was_empty = waiting_.empty();
  waiting_.emplace_back(bytes);
  waiting_bytes_ += bytes.size();
  lock.unlock();
  if (was_empty) wake_();
  return true;
}

bool Pieces::wanted() const {
  const std::lock_guard lock(mutex_);
  return !given_up_;
}

void Pieces::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_();
}

Pieces::Taken Pieces::take() {
  Taken out;
  {
    const std::lock_guard lock(mutex_);
    if (!waiting_.empty()) {
      out.bytes = std::move(waiting_.front());
      waiting_.pop_front();
      waiting_bytes_ -= out.bytes.size();
    }
    out.end = ended_ && waiting_.empty();
  }
  room_.notify_one();
  return out;
}

void Pieces::give_up() {
  {
    const std::lock_guard lock(mutex_);
    given_up_ = true;
  }
  room_.notify_one();
}

void give_way() {
  const auto thread = static_cast<id_t>(gettid());
  (void)setpriority(PRIO_PROCESS, thread, kLowestProcessor);
  (void)syscall(SYS_ioprio_set, kOfThread, 0, kLowestDisk);
}

Result<std::shared_ptr<Pieces>> Jobs::start(Kind kind, std::function<void()> wake,
                                            std::function<void(Pieces&)> work) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return fail(Errc::unavailable, "the server is stopping");
  join_those_over();
  if (std::any_of(jobs_.begin(), jobs_.end(), [kind](const auto& job) { return job->kind == kind; }))
    return fail(Errc::conflict, std::string(words_for(kind)) + " already; ask again when it is done");
  auto job = std::make_unique<Job>();
  job->kind = kind;
  job->pieces = std::make_shared<Pieces>(std::move(wake));
  job->thread = std::thread([this, job = job.get(), work = std::move(work)] {
    give_way();
    work(*job->pieces);
    {
      const std::lock_guard over(mutex_);
      job->over = true;
    }
    job->pieces->end();
  });
  jobs_.push_back(std::move(job));
  return jobs_.back()->pieces;
}

// Their threads need the lock no more.
void Jobs::join_those_over() {
  for (const auto& job : jobs_) {
    if (job->over) job->thread.join();
  }
  jobs_.erase(std::remove_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job->over; }),
              jobs_.end());
}

void Jobs::stop() {
  std::vector<std::unique_ptr<Job>> all;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    all.swap(jobs_);
  }
  for (const auto& job : all) {
    job->pieces->give_up();
    job->thread.join();
  }
}

}  // namespace kiln::ops
