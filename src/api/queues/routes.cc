#include "api/queues/routes.h"

#include "api/builds/handlers.h"
#include "api/queues/handlers.h"

namespace kiln::api {
namespace queues {

Result<boost::json::object> body_of(const Call& call) {
  if (call.request.body.empty()) return boost::json::object();
  return builds::object_body(call);
}

}  // namespace queues

void add_queue_routes(http::Router& router, const Gate& gate, const QueuesDeps& deps) {
  queues::Routes routes(router, gate, deps);
  queues::add_queues(routes);
  queues::add_messages(routes);
  queues::add_subscriptions(routes);
}

}  // namespace kiln::api
