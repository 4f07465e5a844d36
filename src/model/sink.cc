#include "model/sink.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/hex.h"

namespace kiln::model {
namespace {

template <typename T, std::size_t N>
using SinkWords = std::array<std::pair<T, std::string_view>, N>;

constexpr SinkWords<SinkKind, 9> kSinkKindWords = {{{SinkKind::webhook, "webhook"},
                                                    {SinkKind::slack, "slack"},
                                                    {SinkKind::discord, "discord"},
                                                    {SinkKind::teams, "teams"},
                                                    {SinkKind::google_chat, "google_chat"},
                                                    {SinkKind::mattermost, "mattermost"},
                                                    {SinkKind::ntfy, "ntfy"},
                                                    {SinkKind::matrix, "matrix"},
                                                    {SinkKind::email, "email"}}};
constexpr SinkWords<SinkOutcomes, 3> kSinkOutcomeWords = {
    {{SinkOutcomes::all, "all"}, {SinkOutcomes::failures, "failures"}, {SinkOutcomes::changes, "changes"}}};
constexpr SinkWords<DeliveryState, 3> kDeliveryStateWords = {{{DeliveryState::waiting, "waiting"},
                                                              {DeliveryState::delivered, "delivered"},
                                                              {DeliveryState::parked, "parked"}}};

template <typename T, std::size_t N>
std::string_view sink_word(const SinkWords<T, N>& words, T value) {
  for (const auto& [known, word] : words) {
    if (known == value) return word;
  }
  return {};
}

template <typename T, std::size_t N>
std::optional<T> of_sink_word(const SinkWords<T, N>& words, std::string_view text) {
  for (const auto& [value, word] : words) {
    if (word == text) return value;
  }
  return std::nullopt;
}

bool has_failed(BuildOutcome outcome) {
  return outcome == BuildOutcome::fail || outcome == BuildOutcome::terminated;
}

}  // namespace

std::string_view to_string(SinkKind kind) {
  return sink_word(kSinkKindWords, kind);
}

std::optional<SinkKind> parse_sink_kind(std::string_view text) {
  return of_sink_word(kSinkKindWords, text);
}

const std::vector<std::string_view>& sink_kinds() {
  static const std::vector<std::string_view> words = [] {
    std::vector<std::string_view> out;
    for (const auto& [kind, word] : kSinkKindWords) out.push_back(word);
    return out;
  }();
  return words;
}

std::string_view to_string(SinkOutcomes outcomes) {
  return sink_word(kSinkOutcomeWords, outcomes);
}

std::optional<SinkOutcomes> parse_sink_outcomes(std::string_view text) {
  return of_sink_word(kSinkOutcomeWords, text);
}

std::string_view to_string(DeliveryState state) {
  return sink_word(kDeliveryStateWords, state);
}

std::optional<DeliveryState> parse_delivery_state(std::string_view text) {
  return of_sink_word(kDeliveryStateWords, text);
}

std::string shown_secret(std::string_view signing) {
  return "whsec_" + to_base64(signing);
}

bool wants(const Sink& sink, EventKind kind, std::string_view worker_name) {
  if (!sink.enabled) return false;
  if (!sink.worker_name.empty() && sink.worker_name != worker_name) return false;
  return std::find(sink.events.begin(), sink.events.end(), kind) != sink.events.end();
}

bool wants_ending(SinkOutcomes outcomes, EventKind kind, std::optional<BuildOutcome> before) {
  const bool failed = kind == EventKind::build_failed;
  switch (outcomes) {
    case SinkOutcomes::all:
      return true;
    case SinkOutcomes::failures:
      return failed;
    case SinkOutcomes::changes:
      break;
  }
  const bool had_failed = before && has_failed(*before);
  if (failed) return !had_failed;
  return kind == EventKind::build_succeeded && had_failed;
}

}  // namespace kiln::model
