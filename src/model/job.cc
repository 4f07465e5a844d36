#include "model/job.h"

#include <array>
#include <utility>

namespace kiln::model {
namespace {

constexpr std::array<std::pair<Step, std::string_view>, 5> kSteps = {{
    {Step::checkout, "checkout"},
    {Step::tools, "tools"},
    {Step::install, "install"},
    {Step::build, "build"},
    {Step::deploy, "deploy"},
}};

}  // namespace

std::string_view to_string(Step step) {
  for (const auto& [known, word] : kSteps) {
    if (known == step) return word;
  }
  return {};
}

std::optional<Step> parse_step(std::string_view text) {
  for (const auto& [known, word] : kSteps) {
    if (word == text) return known;
  }
  return std::nullopt;
}

}  // namespace kiln::model
