#include "api/runner/notes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/printable.h"

namespace kiln::api {
namespace {

constexpr std::int64_t kGoodForMs = 30'000;
constexpr std::int64_t kSlowStartMs = 60'000;
constexpr std::int64_t kSilentMs = 90'000;  // who waits for a build calls more often
constexpr std::size_t kMostNotes = 1'000;
constexpr std::size_t kMostWords = 2'000;

}  // namespace

void RunnerNotes::heard(const wire::ClaimCall& call) {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = clock_.monotonic_ms();
  if (notes_.size() >= kMostNotes && !notes_.contains(call.runner_id)) {
    std::erase_if(notes_, [now](const auto& entry) {
      return !entry.second.kept && entry.second.heard_ms + kGoodForMs < now;
    });
    if (notes_.size() >= kMostNotes) return;
  }
  Note& note = notes_[call.runner_id];
  note.why = printable(call.paused, kMostWords);
  note.heard_ms = note.called_ms = now;
  note.takes = call.paused.empty();
  if (!call.cannot_start) {
    note.came = true;
    note.ended_early = 0;
  }
  if (call.cannot_start && note.kept) {
    note.cannot_start = note.why;
  } else {
    note.cannot_start.clear();
  }
}

void RunnerNotes::called(std::string_view runner_id) {
  const std::lock_guard lock(mutex_);
  const auto note = notes_.find(runner_id);
  if (note != notes_.end()) note->second.called_ms = clock_.monotonic_ms();
}

void RunnerNotes::started(const std::string& runner_id) {
  const std::lock_guard lock(mutex_);
  Note& note = notes_[runner_id];
  note.kept = true;
  note.came = false;
  note.takes = false;
  note.why.clear();
  note.started_ms = clock_.monotonic_ms();
}

void RunnerNotes::ended(const std::string& runner_id, const std::string& how) {
  const std::lock_guard lock(mutex_);
  Note& note = notes_[runner_id];
  note.takes = false;
  if (note.came) return;
  ++note.ended_early;
  // What it said of itself says more than how it ended.
  if (!note.why.empty()) {
    note.cannot_start = note.why;
  } else if (note.ended_early > 1) {
    note.cannot_start = printable(how, kMostWords);
  }
}

std::string RunnerNotes::start_trouble_of(const Note& note) const {
  if (!note.kept || !note.cannot_start.empty()) return note.cannot_start;
  const std::int64_t waited = clock_.monotonic_ms() - note.started_ms;
  if (note.came || waited < kSlowStartMs) return {};
  return fmt::format(
      "the runner was started {} seconds ago and has not come for a build since; see the server's log",
      waited / 1000);
}

std::string RunnerNotes::trouble_of(const Note& note) const {
  if (std::string start = start_trouble_of(note); !start.empty()) return start;
  return note.heard_ms + kGoodForMs >= clock_.monotonic_ms() ? note.why : std::string();
}

std::map<std::string, std::string> RunnerNotes::paused() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> found;
  for (const auto& [runner, note] : notes_) {
    if (std::string why = trouble_of(note); !why.empty()) found[runner] = std::move(why);
  }
  return found;
}

std::vector<RunnerNotes::Look> RunnerNotes::runners() const {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = clock_.monotonic_ms();
  std::vector<Look> found;
  for (const auto& [runner, note] : notes_)
    found.push_back({runner, trouble_of(note), now - std::max(note.called_ms, note.started_ms) >= kSilentMs});
  return found;
}

std::optional<std::string> RunnerNotes::cannot_start() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [runner, note] : notes_) {
    if (std::string why = start_trouble_of(note); !why.empty()) return why;
  }
  return std::nullopt;
}

std::optional<std::string> RunnerNotes::nobody_takes() const {
  if (draining_) return "the server is being drained; `kiln drain --end` lets builds start again";
  const std::lock_guard lock(mutex_);
  const std::int64_t now = clock_.monotonic_ms();
  std::int64_t last = begun_ms_;
  std::optional<std::string> first;
  for (const auto& [runner, note] : notes_) {
    last = std::max(last, note.called_ms);
    std::string why = trouble_of(note);
    if (why.empty() && note.takes && now - note.called_ms < kSilentMs) return std::nullopt;
    if (!why.empty() && !first) first = std::move(why);
  }
  if (first || now - last < kSilentMs) return first;
  return fmt::format("no runner has called for {} seconds; {}", (now - last) / 1000,
                     notes_.empty() ? "none is started with this server (runner.embedded is false)"
                                    : "see the server's log");
}

}  // namespace kiln::api
