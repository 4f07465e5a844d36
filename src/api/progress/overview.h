// Workers at a glance. Any thread.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "api/progress/routes.h"

namespace kiln::api::progress {

// OverviewWorker of the API's document; nothing when the account has no such Worker.
[[nodiscard]] Result<std::optional<boost::json::object>> overview_worker_json(const ProgressDeps& deps,
                                                                              const std::string& account_id,
                                                                              const std::string& worker_tag);

}  // namespace kiln::api::progress
