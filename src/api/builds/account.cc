// Account limits: the month's build minutes, used and left. Kiln's own: both numbers, since a program that
// asks whether the limit is reached wants to know how far away it is.
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "base/time_format.h"

namespace kiln::api::builds {
namespace {

Result<http::Reply> limits(const BuildsDeps& deps, const Call& call) {
  const Result<model::BuildMinutes> minutes = deps.queue.build_minutes(call.account_id);
  if (!minutes) return tl::unexpected<Error>(minutes.error());
  return success_response({{"has_reached_build_minutes_limit", minutes->is_reached()},
                           {"build_minutes_refresh_on", format_rfc3339(minutes->month.end)},
                           {"build_minutes_used", minutes->used()},
                           {"build_minutes_limit", boost::json::value_from(minutes->quota)}});
}

}  // namespace

void add_account(Adder& routes, const Deps& deps) {
  routes.add("GET", "/account/limits", Needs::ci_read,
             [deps](const Call& call) { return limits(*deps, call); });
}

}  // namespace kiln::api::builds
