// The merge request event of GitLab. Pure; any thread. Source: GitLab docs, "Webhook events".
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/scm_event.h"

namespace kiln::scm {

inline constexpr std::string_view kGitlabProvider = "gitlab";

// Actions that change neither the commits nor whether it is open (approvals …) are ignored; an update has new
// commits when it says which were there before. GitLab does not say which commit it asks to be merged into.
// Errors: Errc::invalid with the field.
[[nodiscard]] Result<model::ScmEvent> parse_gitlab_merge_request(const boost::json::object& event,
                                                                 const std::string& delivery_key);

}  // namespace kiln::scm
