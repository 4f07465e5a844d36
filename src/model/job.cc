#include "model/job.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kiln::model {
namespace {

constexpr std::array<std::pair<Step, std::string_view>, 6> kSteps = {{
    {Step::checkout, "checkout"},
    {Step::tools, "tools"},
    {Step::install, "install"},
    {Step::build, "build"},
    {Step::deploy, "deploy"},
    {Step::deployed, "deployed"},
}};

constexpr std::array<std::pair<CacheTrust, std::string_view>, 3> kTrusts = {{
    {CacheTrust::production, "production"},
    {CacheTrust::branch, "branch"},
    {CacheTrust::fork, "fork"},
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

std::string_view to_string(CacheTrust trust) {
  for (const auto& [known, word] : kTrusts) {
    if (known == trust) return word;
  }
  return {};
}

std::optional<CacheTrust> parse_cache_trust(std::string_view text) {
  for (const auto& [known, word] : kTrusts) {
    if (word == text) return known;
  }
  return std::nullopt;
}

CacheTrust cache_trust_of(const std::vector<std::string>& branch_includes, std::string_view branch) {
  // "owner:branch" is how a fork's pull request is filed; no branch of a repository has a colon in its name.
  if (branch.find(':') != branch.npos) return CacheTrust::fork;
  const bool named =
      std::find(branch_includes.begin(), branch_includes.end(), branch) != branch_includes.end();
  return named && branch.find('*') == branch.npos ? CacheTrust::production : CacheTrust::branch;
}

}  // namespace kiln::model
