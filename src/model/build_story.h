// What a build went through, for whoever reads it afterwards: the steps of each attempt, the tools it ran
// with, the caches it used, and how it ended in one sentence. Values; any thread. Kept beside the log, by the
// same calls, so that a step and the lines it begins with are stored together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace kiln::model {

// In the order in which a build enters them; those without work are left out.
enum class StepName { initialize, clone, restore, tools, install, build, deploy, save };
enum class StepState { running, done, failed, stopped };
[[nodiscard]] std::string_view to_string(StepName step);
[[nodiscard]] std::string_view to_string(StepState state);
[[nodiscard]] std::optional<StepName> parse_step_name(std::string_view text);
[[nodiscard]] std::optional<StepState> parse_step_state(std::string_view text);

struct BuildStep {
  int attempt = 1;
  int ordinal = 1;  // among those of its attempt
  StepName step = StepName::initialize;
  StepState state = StepState::running;
  TimeMs started_on = 0;
  std::optional<TimeMs> stopped_on{};
  std::string command{};           // the last that it ran; empty: none of the project's
  std::optional<int> exit_code{};  // of the last command that ended
  std::optional<int> signal{};     // that ended it
  // Where its lines begin: counted from 1, by a runner in what it wrote itself, in the store in the whole
  // log.
  std::int64_t first_line = 1;

  bool operator==(const BuildStep&) const = default;
};

struct ToolUsed {
  std::string name;
  std::string version;

  bool operator==(const ToolUsed&) const = default;
};

enum class CacheKind { dependencies, output };
enum class CacheKept { not_saved, saved, unchanged, nothing };
[[nodiscard]] std::string_view to_string(CacheKind kind);
[[nodiscard]] std::string_view to_string(CacheKept kept);
[[nodiscard]] std::optional<CacheKind> parse_cache_kind(std::string_view text);
[[nodiscard]] std::optional<CacheKept> parse_cache_kept(std::string_view text);

struct CacheUse {
  CacheKind kind = CacheKind::dependencies;
  bool restored = false;
  CacheKept kept = CacheKept::not_saved;
  std::optional<std::int64_t> bytes{};  // of the archive, as it is kept or was restored

  bool operator==(const CacheUse&) const = default;
};

// What a runner tells of an attempt beside its log: whatever is new or has changed since the last time. Told
// again it changes nothing.
struct StoryNotes {
  std::vector<BuildStep> steps;
  std::vector<ToolUsed> tools;  // all of them, once they are known
  std::vector<CacheUse> caches;

  [[nodiscard]] bool empty() const { return steps.empty() && tools.empty() && caches.empty(); }
  bool operator==(const StoryNotes&) const = default;
};
inline constexpr std::size_t kMostStepNotes = 100;
inline constexpr std::size_t kMostToolNotes = 50;
inline constexpr std::size_t kLongestCommandNote = 2'000;

// What ended a build that was terminated.
enum class EndCause { unsaid, time_limit, resources, runner_lost };
// One word each; none for unsaid, which any other word is as well.
[[nodiscard]] std::string_view to_string(EndCause cause);
[[nodiscard]] EndCause parse_end_cause(std::string_view text);

// How a build ended.
struct EndWords {
  std::string sentence;  // for people; empty: what its outcome says
  std::optional<StepName> failed_step{};
  EndCause cause = EndCause::unsaid;

  bool operator==(const EndWords&) const = default;
};
inline constexpr std::size_t kLongestSentence = 500;

// `command` as a sentence names it: without its options, and short.
[[nodiscard]] std::string command_words(std::string_view command);

}  // namespace kiln::model
