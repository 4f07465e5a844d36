// The pull_request event of GitHub. Only for scm/hooks. Pure; any thread.
// Source: GitHub docs, "Webhook events and payloads", pull_request.
#pragma once

#include <boost/json/object.hpp>

#include "base/result.h"
#include "model/scm_event.h"
#include "scm/hooks/github.h"

namespace kiln::scm {

// Actions that change neither the commits nor whether it is open (labels, reviewers …) are ignored. A head
// repository that is null has been deleted: that is a fork too. Errors: Errc::invalid with the field.
[[nodiscard]] Result<model::ScmEvent> parse_github_pull_request(const boost::json::object& event,
                                                                const GithubDelivery& delivery);

}  // namespace kiln::scm
