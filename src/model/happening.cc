#include "model/happening.h"

#include <array>
#include <utility>

namespace kiln::model {
namespace {

constexpr std::array<std::pair<Happening, std::string_view>, 11> kHappeningWords = {
    {{Happening::queued, "queued"},
     {Happening::initializing, "initializing"},
     {Happening::running, "running"},
     {Happening::stopped, "stopped"},
     {Happening::uploaded, "uploaded"},
     {Happening::linked, "linked"},
     {Happening::runner_lost, "runner_lost"},
     {Happening::deployed, "deployed"},
     {Happening::preview_ended, "preview_ended"},
     {Happening::delivery_refused, "delivery_refused"},
     {Happening::disk_low, "disk_low"}}};

}  // namespace

std::string_view to_string(Happening move) {
  for (const auto& [known, word] : kHappeningWords) {
    if (known == move) return word;
  }
  return {};
}

std::optional<Happening> parse_happening(std::string_view text) {
  for (const auto& [move, word] : kHappeningWords) {
    if (word == text) return move;
  }
  return std::nullopt;
}

bool is_reported(Happening move) {
  switch (move) {
    case Happening::queued:
    case Happening::initializing:
    case Happening::running:
    case Happening::stopped:
    case Happening::uploaded:
    case Happening::linked:
      return true;
    case Happening::runner_lost:
    case Happening::deployed:
    case Happening::preview_ended:
    case Happening::delivery_refused:
    case Happening::disk_low:
      break;
  }
  return false;
}

}  // namespace kiln::model
