#include "model/scm_event.h"

#include <array>

#include "base/strings.h"

namespace kiln::model {

std::string PushEvent::branch() const {
  constexpr std::string_view heads = "refs/heads/";
  if (ref.compare(0, heads.size(), heads) != 0) return {};
  return ref.substr(heads.size());
}

std::string skip_marker(std::string_view head_message) {
  constexpr std::array<std::string_view, 6> markers = {"[skip ci]", "[ci skip]",       "[skip-ci]",
                                                       "[ci-skip]", "[cf-pages-skip]", "[cf-workers-skip]"};
  for (const std::string_view marker : markers) {
    if (contains_ignoring_case(head_message, marker)) return std::string(marker);
  }
  return {};
}

}  // namespace kiln::model
