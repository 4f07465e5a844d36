// What the server's machine can do for builds, and how the server is: `kiln doctor` for those who are
// elsewhere.
#include <boost/json.hpp>

#include "api/control/handlers.h"
#include "api/error_table.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

constexpr int kLongestExaminationMs = 28'000;  // less than clients wait

Result<http::Reply> show_findings(const ControlDeps& deps, const Call& call) {
  std::optional<json::object> found = deps.doctor();
  if (!found && !call.request.last_try) return http::Wait{deps.doctor_topic, kLongestExaminationMs};
  if (!found) return fail(Errc::unavailable, "the machine is still being examined; ask again in a moment");
  json::array& rows = found->at("rows").as_array();
  for (json::value& row : deps.health()) rows.push_back(std::move(row));
  return success_response(json::value(std::move(*found)));
}

}  // namespace

void add_doctor(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("GET", "/kiln/v1/doctor", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return show_findings(*deps, call); }));
}

}  // namespace kiln::api::control
