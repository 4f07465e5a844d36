// What clients send to queues and subscriptions, read. Pure; any thread. Errors everywhere: Errc::invalid
// naming the first field at fault.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/result.h"
#include "model/event_subscription.h"
#include "model/message_queue.h"
#include "store/message_store.h"

namespace kiln::api::queues {

// {queue_name, settings: {delivery_delay, delivery_paused, message_retention_period}} over what it was;
// `is_new`: the name must be there.
[[nodiscard]] Status read_queue(const boost::json::object& body, bool is_new, model::MessageQueue& queue);

// {type: "http_pull", dead_letter_queue, settings: {batch_size, max_retries, retry_delay,
// visibility_timeout_ms}}, or {type: "worker", script_name, …, settings: {…, max_wait_time_ms,
// max_concurrency}}. What is not named is as it is usual; of one that pulls, as `before`, the same consumer,
// had it.
[[nodiscard]] Result<model::QueueConsumer> read_consumer(const boost::json::object& body,
                                                         const std::optional<model::QueueConsumer>& before);

// {body, content_type, delay_seconds}; of a batch {messages: [{…}], delay_seconds}. Ids come from `entropy`.
[[nodiscard]] Result<store::NewMessage> read_message(const boost::json::object& body, Entropy& entropy);
[[nodiscard]] Result<std::vector<store::NewMessage>> read_batch(const boost::json::object& body,
                                                                Entropy& entropy);

// {batch_size, visibility_timeout_ms}.
struct PullBody {
  std::optional<int> most;
  std::optional<TimeMs> visibility_ms;
};
[[nodiscard]] Result<PullBody> read_pull(const boost::json::object& body);

// {acks: [{lease_id}], retries: [{lease_id, delay_seconds}]}.
struct AckBody {
  std::vector<std::string> done;
  std::vector<store::GivenBack> given_back;
};
[[nodiscard]] Result<AckBody> read_acks(const boost::json::object& body);

// {refs: [{ref}]}.
[[nodiscard]] Result<std::vector<Uuid>> read_refs(const boost::json::object& body);

// {name, enabled, source: {type, worker_name}, destination: {type, queue_id}, events} over what it was;
// `is_new`: all but enabled must be there.
[[nodiscard]] Status read_subscription(const boost::json::object& body, bool is_new,
                                       model::EventSubscription& subscription);

// "build.started", …; of Workers Builds and of Kiln. Names nobody knows are refused with those that are.
[[nodiscard]] Result<std::vector<model::EventKind>> read_events(const std::vector<std::string>& names);

}  // namespace kiln::api::queues
