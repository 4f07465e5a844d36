#include "model/build_story.h"

#include <array>
#include <utility>

#include "base/strings.h"
#include "base/utf8.h"

namespace kiln::model {
namespace {

template <typename Word>
using Named = std::pair<Word, std::string_view>;

constexpr std::array<Named<StepName>, 8> kStepNames = {{{StepName::initialize, "initialize"},
                                                        {StepName::clone, "clone"},
                                                        {StepName::restore, "restore"},
                                                        {StepName::tools, "tools"},
                                                        {StepName::install, "install"},
                                                        {StepName::build, "build"},
                                                        {StepName::deploy, "deploy"},
                                                        {StepName::save, "save"}}};
constexpr std::array<Named<StepState>, 4> kStepStates = {{{StepState::running, "running"},
                                                          {StepState::done, "done"},
                                                          {StepState::failed, "failed"},
                                                          {StepState::stopped, "stopped"}}};
constexpr std::array<Named<CacheKind>, 2> kCacheKinds = {
    {{CacheKind::dependencies, "dependencies"}, {CacheKind::output, "output"}}};
constexpr std::array<Named<CacheKept>, 4> kCacheKept = {{{CacheKept::not_saved, "not_saved"},
                                                         {CacheKept::saved, "saved"},
                                                         {CacheKept::unchanged, "unchanged"},
                                                         {CacheKept::nothing, "nothing"}}};
constexpr std::array<Named<EndCause>, 3> kEndCauses = {{{EndCause::time_limit, "time_limit"},
                                                        {EndCause::resources, "resources"},
                                                        {EndCause::runner_lost, "runner_lost"}}};

template <typename Table, typename Word>
std::string_view word_in(const Table& table, Word value) {
  for (const auto& [word, text] : table) {
    if (word == value) return text;
  }
  return {};
}

template <typename Table>
auto value_in(const Table& table, std::string_view text) {
  std::optional<typename Table::value_type::first_type> found;
  for (const auto& [word, known] : table) {
    if (known == text) found = word;
  }
  return found;
}

}  // namespace

std::string_view to_string(StepName step) {
  return word_in(kStepNames, step);
}
std::string_view to_string(StepState state) {
  return word_in(kStepStates, state);
}
std::string_view to_string(CacheKind kind) {
  return word_in(kCacheKinds, kind);
}
std::string_view to_string(CacheKept kept) {
  return word_in(kCacheKept, kept);
}
std::string_view to_string(EndCause cause) {
  return word_in(kEndCauses, cause);
}
std::optional<StepName> parse_step_name(std::string_view text) {
  return value_in(kStepNames, text);
}
std::optional<StepState> parse_step_state(std::string_view text) {
  return value_in(kStepStates, text);
}
std::optional<CacheKind> parse_cache_kind(std::string_view text) {
  return value_in(kCacheKinds, text);
}
std::optional<CacheKept> parse_cache_kept(std::string_view text) {
  return value_in(kCacheKept, text);
}
EndCause parse_end_cause(std::string_view text) {
  return value_in(kEndCauses, text).value_or(EndCause::unsaid);
}

std::string command_words(std::string_view command) {
  constexpr std::size_t longest = 60;
  command = trim(command.substr(0, command.find('\n')));
  if (const std::size_t option = command.find(" -"); option != command.npos && option > 0)
    command = command.substr(0, option);
  if (command.size() <= longest) return std::string(command);
  return std::string(utf8_beginning(command, longest)) + "…";
}

}  // namespace kiln::model
