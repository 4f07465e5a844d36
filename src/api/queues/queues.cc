// Queues and their consumers.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <set>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "api/queues/bodies.h"
#include "api/queues/handlers.h"
#include "base/strings.h"
#include "base/time_format.h"

namespace kiln::api::queues {
namespace {

namespace json = boost::json;

json::object consumer_json(const model::QueueConsumer& consumer, const model::MessageQueue& queue) {
  json::object settings{{"batch_size", consumer.batch_size},
                        {"max_retries", consumer.max_retries},
                        {"retry_delay", consumer.retry_delay_s}};
  json::object out{{"consumer_id", consumer.id},
                   {"queue_id", queue.id},
                   {"queue_name", queue.name},
                   {"type", to_string(consumer.kind)},
                   {"dead_letter_queue", consumer.dead_letter_queue},
                   {"created_on", format_rfc3339(consumer.created_on)}};
  if (consumer.kind == model::ConsumerKind::worker) {
    out["script"] = consumer.worker_name;
    out["script_name"] = consumer.worker_name;
    settings["max_wait_time_ms"] = consumer.max_wait_ms;
    settings["max_concurrency"] =
        consumer.max_concurrency == 0 ? json::value(nullptr) : json::value(consumer.max_concurrency);
  } else {
    settings["visibility_timeout_ms"] = consumer.visibility_ms;
  }
  out["settings"] = std::move(settings);
  return out;
}

std::set<std::string> producers_at(const std::map<std::string, std::set<std::string>>& all,
                                   const std::string& name) {
  const auto found = all.find(name);
  return found == all.end() ? std::set<std::string>() : found->second;
}

// A build deploys its own Worker, and so has that one alone consume, or consume no more.
Status check_consumer(const Call& call, const model::QueueConsumer& consumer) {
  if (!call.who.build || consumer.kind != model::ConsumerKind::worker ||
      consumer.worker_name == call.who.build->worker_name)
    return {};
  return fail(Errc::wrong_worker,
              fmt::format("This build may have its own Worker '{}' consume, and not '{}'.",
                          call.who.build->worker_name, to_valid_utf8(consumer.worker_name)),
              "script_name");
}

Result<http::Reply> list_queues(const QueuesDeps& deps, const Call& call) {
  const Result<store::Page> page = builds::page_of(call.request);
  if (!page) return tl::unexpected<Error>(page.error());
  std::vector<std::string> names;
  if (call.request.query_value("name")) {
    for (const auto& [name, value] : call.request.query) {
      if (name == "name") names.push_back(value);
    }
  }
  const auto found = deps.queues.queues(call.account_id, names, *page);
  if (!found) return tl::unexpected<Error>(found.error());
  const auto producers = deps.queues.producers(call.account_id);
  if (!producers) return tl::unexpected<Error>(producers.error());
  json::array out;
  for (const store::QueueView& view : found->items)
    out.push_back(queue_json(view, producers_at(*producers, view.queue.name)));
  return builds::list_response(std::move(out), *page, found->total);
}

Result<http::Reply> create_queue(const QueuesDeps& deps, const Call& call) {
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  model::MessageQueue queue;
  if (const Status fine = read_queue(*body, true, queue); !fine) return tl::unexpected<Error>(fine.error());
  queue.id = deps.entropy.hex32();
  queue.account_id = call.account_id;
  queue.created_on = deps.clock.now();
  queue.modified_on = queue.created_on;
  if (const Status added = deps.queues.add_queue(queue); !added) return tl::unexpected<Error>(added.error());
  return answer_queue(deps, call, queue.id);
}

Result<http::Reply> get_queue(const QueuesDeps& deps, const Call& call) {
  return answer_queue(deps, call, call.request.param("queue_id"));
}

Result<http::Reply> change_queue(const QueuesDeps& deps, const Call& call) {
  Result<store::QueueView> view = deps.queues.queue(call.account_id, call.request.param("queue_id"));
  if (!view) return tl::unexpected<Error>(view.error());
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  if (const Status fine = read_queue(*body, false, view->queue); !fine)
    return tl::unexpected<Error>(fine.error());
  view->queue.modified_on = deps.clock.now();
  if (const Status changed = deps.queues.change_queue(view->queue); !changed)
    return tl::unexpected<Error>(changed.error());
  if (deps.consumers_changed) deps.consumers_changed();
  return answer_queue(deps, call, view->queue.id);
}

Result<http::Reply> delete_queue(const QueuesDeps& deps, const Call& call) {
  if (const Status gone = deps.queues.delete_queue(call.account_id, call.request.param("queue_id")); !gone)
    return tl::unexpected<Error>(gone.error());
  return success_response(nullptr);
}

Result<http::Reply> list_consumers(const QueuesDeps& deps, const Call& call) {
  const Result<store::QueueView> view = deps.queues.queue(call.account_id, call.request.param("queue_id"));
  if (!view) return tl::unexpected<Error>(view.error());
  json::array out;
  for (const model::QueueConsumer& one : view->consumers) out.push_back(consumer_json(one, view->queue));
  return success_response(out);
}

struct Consumed {
  model::MessageQueue queue;
  model::QueueConsumer consumer;
};
Result<Consumed> find_consumer(const QueuesDeps& deps, const Call& call, const std::string& id) {
  const Result<store::QueueView> view = deps.queues.queue(call.account_id, call.request.param("queue_id"));
  if (!view) return tl::unexpected<Error>(view.error());
  for (const model::QueueConsumer& one : view->consumers) {
    if (one.id == id) return Consumed{view->queue, one};
  }
  return store::no_such_consumer();
}
// The one that is there and is to be another, or gone.
Result<model::QueueConsumer> consumer_to_change(const QueuesDeps& deps, const Call& call) {
  Result<Consumed> found = find_consumer(deps, call, call.request.param("consumer_id"));
  if (!found) return tl::unexpected<Error>(found.error());
  if (const Status may = check_consumer(call, found->consumer); !may)
    return tl::unexpected<Error>(may.error());
  return std::move(found->consumer);
}

Result<http::Reply> answer_consumer(const QueuesDeps& deps, const Call& call, const std::string& id) {
  const Result<Consumed> found = find_consumer(deps, call, id);
  if (!found) return tl::unexpected<Error>(found.error());
  return success_response(consumer_json(found->consumer, found->queue));
}

Result<http::Reply> create_consumer(const QueuesDeps& deps, const Call& call) {
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  Result<model::QueueConsumer> consumer = read_consumer(*body, std::nullopt);
  if (!consumer) return tl::unexpected<Error>(consumer.error());
  if (const Status may = check_consumer(call, *consumer); !may) return tl::unexpected<Error>(may.error());
  consumer->id = deps.entropy.hex32();
  consumer->created_on = deps.clock.now();
  if (const Status added =
          deps.queues.add_consumer(call.account_id, call.request.param("queue_id"), *consumer);
      !added)
    return tl::unexpected<Error>(added.error());
  if (deps.consumers_changed) deps.consumers_changed();
  return answer_consumer(deps, call, consumer->id);
}

Result<http::Reply> get_consumer(const QueuesDeps& deps, const Call& call) {
  return answer_consumer(deps, call, call.request.param("consumer_id"));
}

Result<http::Reply> change_consumer(const QueuesDeps& deps, const Call& call) {
  const std::string queue_id = call.request.param("queue_id");
  const Result<model::QueueConsumer> before = consumer_to_change(deps, call);
  if (!before) return tl::unexpected<Error>(before.error());
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<model::QueueConsumer> consumer = read_consumer(*body, *before);
  if (!consumer) return tl::unexpected<Error>(consumer.error());
  if (const Status may = check_consumer(call, *consumer); !may) return tl::unexpected<Error>(may.error());
  if (const Status changed = deps.queues.change_consumer(call.account_id, queue_id, *consumer); !changed)
    return tl::unexpected<Error>(changed.error());
  if (deps.consumers_changed) deps.consumers_changed();
  return answer_consumer(deps, call, consumer->id);
}

Result<http::Reply> delete_consumer(const QueuesDeps& deps, const Call& call) {
  const Result<model::QueueConsumer> before = consumer_to_change(deps, call);
  if (!before) return tl::unexpected<Error>(before.error());
  if (const Status gone =
          deps.queues.delete_consumer(call.account_id, call.request.param("queue_id"), before->id);
      !gone)
    return tl::unexpected<Error>(gone.error());
  if (deps.consumers_changed) deps.consumers_changed();
  return success_response(nullptr);
}

}  // namespace

json::object queue_json(const store::QueueView& view, const std::set<std::string>& producers) {
  const model::MessageQueue& queue = view.queue;
  json::array consumers;
  for (const model::QueueConsumer& one : view.consumers) consumers.push_back(consumer_json(one, queue));
  json::array senders;
  for (const std::string& worker : producers) senders.push_back({{"type", "worker"}, {"script", worker}});
  const std::size_t count = consumers.size();
  return {{"queue_id", queue.id},
          {"queue_name", queue.name},
          {"created_on", format_rfc3339(queue.created_on)},
          {"modified_on", format_rfc3339(queue.modified_on)},
          {"producers", std::move(senders)},
          {"producers_total_count", producers.size()},
          {"consumers", std::move(consumers)},
          {"consumers_total_count", count},
          {"backlog_count", view.backlog_count},
          {"backlog_bytes", view.backlog_bytes},
          {"settings",
           {{"delivery_delay", queue.settings.delivery_delay_s},
            {"delivery_paused", queue.settings.paused},
            {"message_retention_period", queue.settings.retention_s}}}};
}

Result<http::Reply> answer_queue(const QueuesDeps& deps, const Call& call, const std::string& id) {
  const Result<store::QueueView> view = deps.queues.queue(call.account_id, id);
  if (!view) return tl::unexpected<Error>(view.error());
  const auto producers = deps.queues.producers(call.account_id);
  if (!producers) return tl::unexpected<Error>(producers.error());
  return success_response(queue_json(*view, producers_at(*producers, view->queue.name)));
}

void add_queues(Routes& routes) {
  routes.add("GET", "/queues", Needs::queues_list, list_queues);
  routes.add("POST", "/queues", Needs::queues_write, create_queue);
  routes.add("GET", "/queues/{queue_id}", Needs::queues_read, get_queue);
  routes.add("PATCH", "/queues/{queue_id}", Needs::queues_write, change_queue);
  routes.add("PUT", "/queues/{queue_id}", Needs::queues_write, change_queue);
  routes.add("DELETE", "/queues/{queue_id}", Needs::queues_write, delete_queue);
  routes.add("GET", "/queues/{queue_id}/consumers", Needs::queues_read, list_consumers);
  routes.add("POST", "/queues/{queue_id}/consumers", Needs::queues_write, create_consumer);
  routes.add("GET", "/queues/{queue_id}/consumers/{consumer_id}", Needs::queues_read, get_consumer);
  routes.add("PUT", "/queues/{queue_id}/consumers/{consumer_id}", Needs::queues_write, change_consumer);
  routes.add("DELETE", "/queues/{queue_id}/consumers/{consumer_id}", Needs::queues_write, delete_consumer);
}

}  // namespace kiln::api::queues
