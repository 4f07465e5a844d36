#include "serving/front/choose.h"

#include "base/strings.h"

namespace kiln::serving {
namespace {

// The value of `worker="value"` as one member of a list.
std::optional<std::string_view> member(std::string_view list, std::string_view worker) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view item = trim(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos || trim(item.substr(0, equals)) != worker) continue;
    const std::string_view value = trim(item.substr(equals + 1));
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::nullopt;
    return value.substr(1, value.size() - 2);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Uuid> overridden(std::string_view header, std::string_view worker,
                               const std::vector<model::DeploymentTarget>& versions) {
  const std::optional<std::string_view> value = member(header, worker);
  const std::optional<Uuid> wanted = value ? Uuid::parse(*value) : std::nullopt;
  if (!wanted) return std::nullopt;
  for (const model::DeploymentTarget& target : versions) {
    if (target.version_id == *wanted) return wanted;
  }
  return std::nullopt;
}

std::uint64_t Chooser::draw() {
  // xorshift64*: plenty for spreading requests.
  state_ ^= state_ >> 12U;
  state_ ^= state_ << 25U;
  state_ ^= state_ >> 27U;
  return state_ * 0x2545f4914f6cdd1dULL;
}

const Uuid& Chooser::choose(const std::vector<model::DeploymentTarget>& versions) {
  if (versions.size() == 1) return versions.front().version_id;
  constexpr double kScale = 1.0 / static_cast<double>(std::uint64_t{1} << 53U);
  double at = static_cast<double>(draw() >> 11U) * kScale;
  double sum = 0;
  for (const model::DeploymentTarget& target : versions) sum += target.percentage;
  at *= sum;
  for (const model::DeploymentTarget& target : versions) {
    if (at < target.percentage) return target.version_id;
    at -= target.percentage;
  }
  return versions.back().version_id;
}

}  // namespace kiln::serving
