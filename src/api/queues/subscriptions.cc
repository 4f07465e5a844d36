// Event subscriptions: which events of which Worker's builds go into which queue.
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "api/queues/bodies.h"
#include "api/queues/handlers.h"
#include "base/time_format.h"

namespace kiln::api::queues {
namespace {

namespace json = boost::json;

json::object subscription_json(const model::EventSubscription& one) {
  json::array events;
  for (const model::EventKind kind : one.events) events.push_back(json::value(model::name_of(kind)));
  return {{"id", one.id},
          {"name", one.name},
          {"enabled", one.enabled},
          {"source", {{"type", "workersBuilds.worker"}, {"worker_name", one.worker_name}}},
          {"destination", {{"type", "queues.queue"}, {"queue_id", one.queue_id}}},
          {"events", std::move(events)},
          {"created_at", format_rfc3339(one.created_on)},
          {"modified_at", format_rfc3339(one.modified_on)}};
}

Result<http::Reply> list_subscriptions(const QueuesDeps& deps, const Call& call) {
  const Result<store::Page> page = builds::page_of(call.request);
  if (!page) return tl::unexpected<Error>(page.error());
  const std::string queue = call.request.query_value("queue_id").value_or("");
  const auto found = deps.subscriptions.subscriptions(call.account_id, queue, *page);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array out;
  for (const model::EventSubscription& one : found->items) out.push_back(subscription_json(one));
  return builds::list_response(std::move(out), *page, found->total);
}

Result<http::Reply> create_subscription(const QueuesDeps& deps, const Call& call) {
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  model::EventSubscription made;
  if (const Status fine = read_subscription(*body, true, made); !fine)
    return tl::unexpected<Error>(fine.error());
  made.id = deps.entropy.hex32();
  made.account_id = call.account_id;
  made.created_on = deps.clock.now();
  made.modified_on = made.created_on;
  if (const Status added = deps.subscriptions.add_subscription(made); !added)
    return tl::unexpected<Error>(added.error());
  return success_response(subscription_json(made));
}

Result<http::Reply> get_subscription(const QueuesDeps& deps, const Call& call) {
  const auto found = deps.subscriptions.subscription(call.account_id, call.request.param("subscription_id"));
  if (!found) return tl::unexpected<Error>(found.error());
  return success_response(subscription_json(*found));
}

Result<http::Reply> change_subscription(const QueuesDeps& deps, const Call& call) {
  auto found = deps.subscriptions.subscription(call.account_id, call.request.param("subscription_id"));
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  if (const Status fine = read_subscription(*body, false, *found); !fine)
    return tl::unexpected<Error>(fine.error());
  found->modified_on = deps.clock.now();
  if (const Status changed = deps.subscriptions.change_subscription(*found); !changed)
    return tl::unexpected<Error>(changed.error());
  return success_response(subscription_json(*found));
}

Result<http::Reply> delete_subscription(const QueuesDeps& deps, const Call& call) {
  const std::string id = call.request.param("subscription_id");
  const auto found = deps.subscriptions.subscription(call.account_id, id);
  if (!found) return tl::unexpected<Error>(found.error());
  if (const Status gone = deps.subscriptions.delete_subscription(call.account_id, id); !gone)
    return tl::unexpected<Error>(gone.error());
  return success_response(subscription_json(*found));
}

}  // namespace

void add_subscriptions(Routes& routes) {
  const std::string all = "/event_subscriptions/subscriptions";
  routes.add("GET", all, Needs::ci_read, list_subscriptions);
  routes.add("POST", all, Needs::ci_write, create_subscription);
  routes.add("GET", all + "/{subscription_id}", Needs::ci_read, get_subscription);
  routes.add("PATCH", all + "/{subscription_id}", Needs::ci_write, change_subscription);
  routes.add("DELETE", all + "/{subscription_id}", Needs::ci_write, delete_subscription);
}

}  // namespace kiln::api::queues
