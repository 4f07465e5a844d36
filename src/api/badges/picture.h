// What a badge says, and its picture. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/build.h"
#include "store/glance_store.h"

namespace kiln::api::badges {

enum class Tone { good, bad, odd, live, quiet };

// Nothing of them names a Worker, a repository, a branch or a person.
struct Words {
  std::string label;
  std::string message;
  Tone tone = Tone::quiet;
};

// How the newest build ended that says something of the code.
[[nodiscard]] Words words_of(std::optional<model::BuildOutcome> outcome);
// What answers requests: the commit that most of them get, or the version where no commit is known.
[[nodiscard]] Words words_of(const std::vector<store::LiveVersion>& live);

// An SVG image without script, style sheet or anything that is loaded, legible on light and dark ground.
[[nodiscard]] std::string picture_of(const Words& words);

}  // namespace kiln::api::badges
