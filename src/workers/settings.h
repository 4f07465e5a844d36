// The settings of a Worker that are not part of its versions: tags, observability, log push, tail consumers,
// cron schedules, and whether it and its previews have addresses. Stateless over the ports; any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>

#include "base/result.h"
#include "workers/ports.h"

namespace kiln::workers {

// settings_json as an object; `{}` when it does not parse.
[[nodiscard]] boost::json::object settings_of(const model::Worker& worker);

// Puts these script settings (see script_settings_of) over the stored ones. Returns the Worker as it is now.
// Errors: as check_tail_consumers.
[[nodiscard]] Result<model::Worker> change_settings(Ports& ports, model::Worker worker,
                                                    const boost::json::object& changes);

// [{"cron":"*/5 * * * *"}] replaces the schedules. Errors: Errc::invalid, also of an expression that cannot
// be read or names no day that there is.
[[nodiscard]] Result<model::Worker> change_schedules(Ports& ports, model::Worker worker,
                                                     const boost::json::array& schedules);

// Without `previews` they keep their state.
[[nodiscard]] Result<model::Worker> change_addresses(Ports& ports, model::Worker worker, bool enabled,
                                                     std::optional<bool> previews);

}  // namespace kiln::workers
