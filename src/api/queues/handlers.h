// What the files of api/queues share. Only for api/queues.
#pragma once

#include <boost/json.hpp>
#include <set>
#include <string>

#include "api/account_routes.h"
#include "api/queues/routes.h"

namespace kiln::api::queues {

using Routes = AccountRoutes<QueuesDeps>;

void add_queues(Routes& routes);
void add_messages(Routes& routes);
void add_subscriptions(Routes& routes);

// The body as an object; none is an empty one. Errors: Errc::invalid.
[[nodiscard]] Result<boost::json::object> body_of(const Call& call);

// As the API writes them; `producers`: the Workers that are bound to it.
[[nodiscard]] boost::json::object queue_json(const store::QueueView& view,
                                             const std::set<std::string>& producers);

// That queue with its producers.
[[nodiscard]] Result<http::Reply> answer_queue(const QueuesDeps& deps, const Call& call,
                                               const std::string& id);

}  // namespace kiln::api::queues
