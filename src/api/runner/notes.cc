#include "api/runner/notes.h"

namespace kiln::api {
namespace {

constexpr std::int64_t kGoodForMs = 30'000;
constexpr std::size_t kMostNotes = 1'000;

}  // namespace

void RunnerNotes::heard(const std::string& runner_id, const std::string& paused) {
  const std::lock_guard lock(mutex_);
  if (paused.empty()) {
    notes_.erase(runner_id);
    return;
  }
  const std::int64_t now = clock_.monotonic_ms();
  std::erase_if(notes_, [now](const auto& note) { return note.second.heard_ms + kGoodForMs < now; });
  if (notes_.size() < kMostNotes || notes_.contains(runner_id)) notes_[runner_id] = {paused, now};
}

std::map<std::string, std::string> RunnerNotes::paused() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> found;
  for (const auto& [runner, note] : notes_) {
    if (note.heard_ms + kGoodForMs >= clock_.monotonic_ms()) found[runner] = note.why;
  }
  return found;
}

}  // namespace kiln::api
