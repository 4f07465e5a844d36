// Account limits. This version sets no quota of build minutes, so the limit is never reached and refreshes at
// the start of the next month, as the hosted service's does.
#include <boost/json.hpp>
#include <ctime>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "base/time_format.h"

namespace kiln::api::builds {
namespace {

TimeMs start_of_next_month(TimeMs now) {
  const std::time_t seconds = now / 1000;
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  std::tm next{};
  next.tm_year = tm.tm_year + (tm.tm_mon == 11 ? 1 : 0);
  next.tm_mon = (tm.tm_mon + 1) % 12;
  next.tm_mday = 1;
  return static_cast<TimeMs>(timegm(&next)) * 1000;
}

}  // namespace

void add_account(Adder& routes, const Deps& deps) {
  routes.add("GET", "/account/limits", Needs::ci_read, [deps](const Call&) -> Result<http::Reply> {
    return success_response(
        {{"has_reached_build_minutes_limit", false},
         {"build_minutes_refresh_on", format_rfc3339(start_of_next_month(deps->clock.now()))}});
  });
}

}  // namespace kiln::api::builds
