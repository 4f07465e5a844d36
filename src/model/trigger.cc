#include "model/trigger.h"

namespace kiln::model {

std::string_view to_string(ForkBuilds builds) {
  switch (builds) {
    case ForkBuilds::never:
      return "never";
    case ForkBuilds::approve:
      return "approve";
    case ForkBuilds::without_secrets:
      return "without_secrets";
    case ForkBuilds::with_secrets:
      return "with_secrets";
  }
  return {};
}

std::optional<ForkBuilds> parse_fork_builds(std::string_view text) {
  for (const ForkBuilds builds :
       {ForkBuilds::never, ForkBuilds::approve, ForkBuilds::without_secrets, ForkBuilds::with_secrets}) {
    if (to_string(builds) == text) return builds;
  }
  return std::nullopt;
}

}  // namespace kiln::model
