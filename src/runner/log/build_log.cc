#include "runner/log/build_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/sizes.h"
#include "base/strings.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kLineOverhead = 32;  // what a line costs beside its text

std::size_t cost(const model::LogLine& line) {
  return line.text.size() + kLineOverhead;
}

}  // namespace

BuildLog::BuildLog(const Clock& clock, const std::vector<std::string>& secrets, LogLimits limits)
    : clock_(clock), limits_(limits), secrets_(secrets), redactor_(secrets_) {}

// Never earlier than a line before it, whatever the system's clock does.
TimeMs BuildLog::now() {
  last_time_ = std::max(last_time_, clock_.now());
  return last_time_;
}

void BuildLog::say(std::string_view text) {
  std::unique_lock lock(mutex_);
  std::vector<model::LogLine> lines;
  LineSplitter splitter;
  splitter.write(secrets_.mask(text), now(), lines);
  splitter.flush(true, lines);
  append(std::move(lines), lock);
}

void BuildLog::output(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  if (full_ || discarded_) return;
  const std::size_t room = limits_.total - total_bytes_;
  full_ = bytes.size() > room;
  const std::string_view kept = bytes.substr(0, room);
  total_bytes_ += kept.size();
  std::string settled;
  redactor_.write(kept, settled);
  std::vector<model::LogLine> lines;
  splitter_.write(settled, now(), lines);
  if (full_) {
    settled.clear();
    redactor_.finish(settled);
    splitter_.write(settled, now(), lines);
    splitter_.flush(true, lines);
    lines.push_back({now(), fmt::format("The log has reached its limit of {}: further output of this build's "
                                        "commands is not kept. The build goes on.",
                                        size_words(limits_.total))});
  }
  append(std::move(lines), lock);
}

void BuildLog::end_output() {
  std::unique_lock lock(mutex_);
  std::string settled;
  redactor_.finish(settled);
  std::vector<model::LogLine> lines;
  if (!settled.empty()) splitter_.write(settled, now(), lines);
  splitter_.flush(true, lines);
  append(std::move(lines), lock);
}

void BuildLog::append(std::vector<model::LogLine> lines, std::unique_lock<std::mutex>& lock) {
  // The shipper is woken even without a line: an unfinished one has its own hour.
  for (model::LogLine& line : lines) {
    if (discarded_) return;
    waiting_bytes_ += cost(line);
    waiting_.push_back(std::move(line));
  }
  wake_shipper_.notify_one();
  wake_writer_.wait(lock, [this] { return discarded_ || closed_ || waiting_bytes_ <= limits_.waiting; });
}

void BuildLog::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  wake_shipper_.notify_all();
  wake_writer_.notify_all();
}

void BuildLog::discard() {
  const std::lock_guard lock(mutex_);
  discarded_ = true;
  waiting_.clear();
  waiting_bytes_ = 0;
  wake_shipper_.notify_all();
  wake_writer_.notify_all();
}

std::optional<std::vector<model::LogLine>> BuildLog::next_batch() {
  std::unique_lock lock(mutex_);
  if (!gather(lock)) return std::nullopt;
  std::vector<model::LogLine> batch = take_batch();
  wake_writer_.notify_all();
  return batch;
}

// Waits until there is something to send, and then a little for what follows it. False: nothing will come.
bool BuildLog::gather(std::unique_lock<std::mutex>& lock) {
  const auto is_ending = [this] { return closed_ || discarded_; };
  while (waiting_.empty()) {
    if (is_ending()) return false;
    if (splitter_.unfinished_since()) {
      const auto began = splitter_.unfinished_since();
      const bool moved = wake_shipper_.wait_for(lock, std::chrono::milliseconds(limits_.unfinished_ms), [&] {
        return is_ending() || !waiting_.empty() || splitter_.unfinished_since() != began;
      });
      if (!moved) flush_unfinished();
    } else {
      wake_shipper_.wait(lock,
                         [&] { return is_ending() || !waiting_.empty() || splitter_.unfinished_since(); });
    }
  }
  wake_shipper_.wait_for(lock, std::chrono::milliseconds(limits_.gather_ms),
                         [&] { return is_ending() || waiting_bytes_ >= limits_.batch; });
  return !discarded_;
}

// The redactor keeps what may be the beginning of a secret; only settled text is let go.
void BuildLog::flush_unfinished() {
  std::vector<model::LogLine> lines;
  splitter_.flush(false, lines);
  for (model::LogLine& line : lines) {
    waiting_bytes_ += cost(line);
    waiting_.push_back(std::move(line));
  }
}

std::vector<model::LogLine> BuildLog::take_batch() {
  std::vector<model::LogLine> batch;
  std::size_t bytes = 0;
  while (!waiting_.empty() && (batch.empty() || bytes + cost(waiting_.front()) <= limits_.batch)) {
    bytes += cost(waiting_.front());
    waiting_bytes_ -= cost(waiting_.front());
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return batch;
}

}  // namespace kiln::runner
