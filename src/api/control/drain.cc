// How the server is, and taking it out of service: no build begins, those that run end, all else is answered.
#include <boost/json.hpp>

#include "api/control/handlers.h"
#include "api/error_table.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

Result<http::Reply> state_of(const ControlDeps& deps) {
  const Result<std::int64_t> running = deps.running();
  if (!running) return tl::unexpected<Error>(running.error());
  return success_response({{"draining", deps.is_draining()}, {"running", *running}});
}

Result<http::Reply> set(const ControlDeps& deps, const Call& call) {
  const Result<json::value> body = wire::parse_json(call.request.body);
  if (!body) return tl::unexpected<Error>(body.error());
  if (!body->is_object()) return fail(Errc::invalid, "the body must be an object");
  wire::Fields fields(body->get_object());
  const std::optional<bool> draining = fields.optional_bool("draining");
  if (!draining) fields.refuse("draining", "must be true or false");
  if (const Status sound = fields.status(); !sound) return tl::unexpected<Error>(sound.error());
  deps.drain(*draining);
  return state_of(deps);
}

}  // namespace

void add_drain(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("GET", "/kiln/v1/drain", {},
             gate.guard(Needs::admin, [deps](const Call& /*call*/) { return state_of(*deps); }));
  router.add("PUT", "/kiln/v1/drain", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return set(*deps, call); }));
  router.add("GET", "/kiln/v1/health", {},
             gate.guard(Needs::admin, [deps](const Call& /*call*/) -> Result<http::Reply> {
               return success_response({{"rows", deps->health()}});
             }));
}

}  // namespace kiln::api::control
