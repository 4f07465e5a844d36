#include "model/build.h"

#include <array>
#include <utility>

namespace kiln::model {
namespace {

// The one list of each word; reading and writing both look here.
constexpr std::array<std::pair<BuildStatus, std::string_view>, 4> kStatuses = {{
    {BuildStatus::queued, "queued"},
    {BuildStatus::initializing, "initializing"},
    {BuildStatus::running, "running"},
    {BuildStatus::stopped, "stopped"},
}};
constexpr std::array<std::pair<BuildOutcome, std::string_view>, 5> kOutcomes = {{
    {BuildOutcome::success, "success"},
    {BuildOutcome::fail, "fail"},
    {BuildOutcome::skipped, "skipped"},
    {BuildOutcome::cancelled, "cancelled"},
    {BuildOutcome::terminated, "terminated"},
}};
constexpr std::array<std::pair<TriggerSource, std::string_view>, 4> kSources = {{
    {TriggerSource::push, "push"},
    {TriggerSource::pull_request, "pull_request"},
    {TriggerSource::manual, "manual"},
    {TriggerSource::api, "api"},
}};

template <typename Table, typename Value>
std::string_view word_of(const Table& table, Value value) {
  for (const auto& [known, word] : table) {
    if (known == value) return word;
  }
  return {};
}

template <typename Table>
auto value_of(const Table& table, std::string_view text) -> std::optional<decltype(table[0].first)> {
  for (const auto& [known, word] : table) {
    if (word == text) return known;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(BuildStatus status) {
  return word_of(kStatuses, status);
}
std::string_view to_string(BuildOutcome outcome) {
  return word_of(kOutcomes, outcome);
}
std::string_view to_string(TriggerSource source) {
  return word_of(kSources, source);
}

std::optional<BuildStatus> parse_build_status(std::string_view text) {
  if (const auto value = value_of(kStatuses, text)) return *value;
  return std::nullopt;
}

std::optional<BuildOutcome> parse_build_outcome(std::string_view text) {
  if (const auto value = value_of(kOutcomes, text)) return *value;
  return std::nullopt;
}

std::optional<TriggerSource> parse_trigger_source(std::string_view text) {
  if (const auto value = value_of(kSources, text)) return *value;
  return std::nullopt;
}

bool may_move(BuildStatus from, BuildStatus to) {
  switch (from) {
    case BuildStatus::queued:
      return to == BuildStatus::initializing || to == BuildStatus::stopped;
    case BuildStatus::initializing:
      return to == BuildStatus::running || to == BuildStatus::stopped;
    case BuildStatus::running:
      return to == BuildStatus::stopped;
    case BuildStatus::stopped:
      return false;
  }
  return false;
}

}  // namespace kiln::model
