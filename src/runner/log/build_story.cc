// The part of the build's log that tells its story: what stands beside the lines.
#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "runner/log/build_log.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kRecentBytes = 64U << 10U;

}  // namespace

// In mutex_. One that has not gone out yet is told as it is now.
void BuildLog::note_step() {
  for (model::BuildStep& told : story_.steps) {
    if (told.ordinal == step_->ordinal) {
      told = *step_;
      return;
    }
  }
  story_.steps.push_back(*step_);
}

void BuildLog::close_step(model::StepState state) {
  if (!step_ || step_->state != model::StepState::running) return;
  step_->state = state;
  step_->stopped_on = now();
  if (state == model::StepState::done && !step_->exit_code) step_->exit_code = 0;
  note_step();
}

void BuildLog::begin_step(model::StepName step) {
  const std::lock_guard lock(mutex_);
  if (discarded_) return;
  if (step_ && step_->state == model::StepState::running && step_->step == step) return;
  close_step(model::StepState::done);
  model::BuildStep next;
  next.ordinal = step_ ? step_->ordinal + 1 : 1;
  next.step = step;
  next.started_on = now();
  next.first_line = sealed_lines_ + open_.lines() + 1;
  step_ = next;
  note_step();
  wake_shipper_.notify_one();
}

void BuildLog::begin_command(std::string_view command) {
  std::string masked = secrets_.mask(command);
  masked.resize(utf8_beginning(masked, model::kLongestCommandNote).size());
  const std::lock_guard lock(mutex_);
  recent_.clear();
  if (discarded_ || !step_) return;
  step_->command = std::move(masked);
  step_->exit_code.reset();
  note_step();
  wake_shipper_.notify_one();
}

void BuildLog::end_command(int exit_code, int signal) {
  const std::lock_guard lock(mutex_);
  if (discarded_ || !step_) return;
  if (signal != 0) {
    step_->signal = signal;
  } else {
    step_->exit_code = exit_code;
  }
  note_step();
  wake_shipper_.notify_one();
}

void BuildLog::end_step(model::StepState state) {
  const std::lock_guard lock(mutex_);
  if (discarded_) return;
  close_step(state);
  wake_shipper_.notify_one();
}

void BuildLog::note_tools(std::vector<model::ToolUsed> tools) {
  if (tools.size() > model::kMostToolNotes) tools.resize(model::kMostToolNotes);
  const std::lock_guard lock(mutex_);
  if (discarded_) return;
  story_.tools = std::move(tools);
  wake_shipper_.notify_one();
}

void BuildLog::note_cache(const model::CacheUse& use) {
  const std::lock_guard lock(mutex_);
  if (discarded_) return;
  std::erase_if(story_.caches, [&use](const model::CacheUse& told) { return told.kind == use.kind; });
  story_.caches.push_back(use);
  wake_shipper_.notify_one();
}

std::optional<model::StepName> BuildLog::step() {
  const std::lock_guard lock(mutex_);
  return step_ ? std::optional(step_->step) : std::nullopt;
}

// What the open chunk has from `begin` on; twice as much as is wanted is cut once, not at each line.
void BuildLog::remember(std::size_t begin) {
  recent_.append(open_.text(), begin);
  if (recent_.size() <= 2 * kRecentBytes) return;
  const std::size_t line = recent_.find('\n', recent_.size() - kRecentBytes);
  recent_.erase(0, line == recent_.npos ? recent_.size() : line + 1);
}

std::string BuildLog::recent_output() {
  const std::lock_guard lock(mutex_);
  std::string out;
  model::LogTextReader lines(recent_);
  while (const auto line = lines.next()) {
    if (!line->service) out.append(line->text).append("\n");
  }
  return out;
}

}  // namespace kiln::runner
