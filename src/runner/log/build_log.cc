#include "runner/log/build_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/sizes.h"
#include "wire/runner_protocol.h"

namespace kiln::runner {
namespace {

// What stands behind a line break is set in, so that no command or file's name in a line of ours begins one
// that looks like ours.
std::string set_in(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\r') {
      if (!text.substr(at + 1).starts_with('\n')) out += ' ';
      continue;
    }
    out += text[at];
    if (text[at] == '\n' && at + 1 < text.size()) out += "  ";
  }
  return out;
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
  if (discarded_) return;
  LineSplitter splitter(true);
  take(splitter, set_in(secrets_.mask(text)));
  splitter.flush(true, open_);
  settle(lock);
}

void BuildLog::output(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  if (full_ || discarded_) return;
  const std::size_t room = limits_.total - total_bytes_;
  full_ = bytes.size() > room;
  const std::string_view kept = bytes.substr(0, room);
  total_bytes_ += kept.size();
  settled_.clear();
  redactor_.write(kept, settled_);
  if (full_) redactor_.finish(settled_);
  take(splitter_, settled_);
  if (full_) {
    splitter_.flush(true, open_);
    open_.add(now(),
              fmt::format("The log has reached its limit of {}: further output of this build's commands is "
                          "not kept. The build goes on.",
                          size_words(limits_.total)),
              true);
  }
  settle(lock);
}

void BuildLog::end_output() {
  std::unique_lock lock(mutex_);
  if (discarded_) return;
  settled_.clear();
  redactor_.finish(settled_);
  take(splitter_, settled_);
  const std::size_t begin = open_.text().size();
  splitter_.flush(true, open_);
  remember(begin);
  settle(lock);
}

// Piece by piece, so that not even bytes that are all line feeds, whose lines are longer than they, make a
// chunk too long.
void BuildLog::take(LineSplitter& splitter, std::string_view masked) {
  constexpr std::size_t kPiece = 16U << 10U;
  const TimeMs time = now();
  for (; !masked.empty(); masked.remove_prefix(std::min(kPiece, masked.size()))) {
    const std::size_t begin = open_.text().size();
    splitter.write(masked.substr(0, kPiece), time, open_);
    remember(begin);
    if (open_.text().size() >= limits_.chunk) seal();
  }
}

// After a write: the shipper is woken, and the writer waits for room.
void BuildLog::settle(std::unique_lock<std::mutex>& lock) {
  // The shipper is woken even without a line: an unfinished one has its own hour.
  wake_shipper_.notify_one();
  wake_writer_.wait(lock, [this] {
    return discarded_ || closed_ || sealed_bytes_ + open_.text().size() <= limits_.waiting;
  });
}

void BuildLog::seal() {
  sealed_lines_ += open_.lines();
  sealed_.push_back(open_.chunk(compressor_));
  sealed_bytes_ += sealed_.back().frame.size();
  open_.clear();
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
  open_.clear();
  sealed_.clear();
  story_ = {};
  sealed_bytes_ = 0;
  wake_shipper_.notify_all();
  wake_writer_.notify_all();
}

std::optional<LogBatch> BuildLog::next_batch() {
  std::unique_lock lock(mutex_);
  if (!gather(lock)) return std::nullopt;
  LogBatch batch = take_batch();
  wake_writer_.notify_all();
  return batch;
}

// Waits until there is something to send, and then a little for what follows it. False: nothing will come.
bool BuildLog::gather(std::unique_lock<std::mutex>& lock) {
  const auto is_ending = [this] { return closed_ || discarded_; };
  while (is_empty()) {
    if (is_ending()) return false;
    if (splitter_.unfinished_since()) {
      const auto began = splitter_.unfinished_since();
      const bool moved = wake_shipper_.wait_for(lock, std::chrono::milliseconds(limits_.unfinished_ms), [&] {
        return is_ending() || !is_empty() || splitter_.unfinished_since() != began;
      });
      // The redactor keeps what may be the beginning of a secret; only settled text is let go.
      if (!moved) splitter_.flush(false, open_);
    } else {
      wake_shipper_.wait(lock, [&] { return is_ending() || !is_empty() || splitter_.unfinished_since(); });
    }
  }
  wake_shipper_.wait_for(lock, std::chrono::milliseconds(limits_.gather_ms), [&] {
    return is_ending() || !sealed_.empty() || open_.text().size() > limits_.waiting;
  });
  return !discarded_;
}

LogBatch BuildLog::take_batch() {
  if (sealed_.empty() && open_.lines() > 0) seal();
  LogBatch out{{}, std::exchange(story_, {})};
  std::vector<model::LogChunk>& batch = out.chunks;
  std::size_t bytes = 0;
  while (!sealed_.empty() && batch.size() < wire::kMostChunks &&
         (batch.empty() || bytes + sealed_.front().frame.size() <= limits_.batch)) {
    bytes += sealed_.front().frame.size();
    sealed_bytes_ -= sealed_.front().frame.size();
    batch.push_back(std::move(sealed_.front()));
    sealed_.pop_front();
  }
  return out;
}

}  // namespace kiln::runner
