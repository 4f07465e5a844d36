// The pull_request event as GitHub writes it, and Gitea and Forgejo after it. Pure; any thread.
// Sources: GitHub docs, "Webhook events and payloads"; Gitea's modules/structs.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "base/result.h"
#include "model/scm_event.h"

namespace kiln::scm {

// Actions that change neither the commits nor whether it is open (labels, reviewers …) are ignored. A head
// repository that is null has been deleted: that is a fork too. Errors: Errc::invalid with the field.
[[nodiscard]] Result<model::ScmEvent> parse_pull_request(const boost::json::object& event,
                                                         std::string_view provider,
                                                         const std::string& delivery_key);

}  // namespace kiln::scm
