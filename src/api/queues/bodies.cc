#include "api/queues/bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/hex.h"
#include "base/ids.h"
#include "wire/json.h"

namespace kiln::api::queues {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestName = 256;
constexpr std::size_t kLongestWorkerName = 255;
constexpr std::size_t kMostEvents = 50;
constexpr std::size_t kMostAcks = 1'000;

Status read_settings(wire::Fields& fields, model::QueueSettings& settings) {
  const json::object* object = fields.optional_object("settings");
  if (object == nullptr) return {};
  wire::Fields within(*object, "settings.");
  if (const auto delay = within.optional_integer("delivery_delay", 0, model::kLongestDelayS))
    settings.delivery_delay_s = *delay;
  if (const auto paused = within.optional_bool("delivery_paused")) settings.paused = *paused;
  if (const auto kept = within.optional_integer("message_retention_period", model::kShortestRetentionS,
                                                model::kLongestRetentionS))
    settings.retention_s = *kept;
  return within.status();
}

std::string event_words() {
  std::string words;
  for (const std::string_view name : model::event_names())
    words += (words.empty() ? "" : ", ") + std::string(name);
  return words;
}

// The body of a message in the bytes that are kept.
Result<std::string> message_bytes(const json::object& object, model::ContentType type) {
  const json::value* body = object.if_contains("body");
  if (body == nullptr) return fail(Errc::invalid, "Invalid request body: body is required", "body");
  if (type == model::ContentType::json) return json::serialize(*body);
  if (!body->is_string())
    return fail(Errc::invalid, "Invalid request body: body must be a string, unless content_type is json",
                "body");
  const std::string text(body->get_string());
  if (type != model::ContentType::bytes) return text;
  std::optional<std::string> bytes = from_base64(text);
  if (!bytes)
    return fail(Errc::invalid, "Invalid request body: body must be base64 where content_type is bytes",
                "body");
  return std::move(*bytes);
}

Result<store::NewMessage> message_of(const json::object& object, std::optional<std::int64_t> delay_s,
                                     Entropy& entropy) {
  wire::Fields fields(object);
  store::NewMessage message;
  const std::string type = fields.optional_text("content_type", {1, 16, false}).value_or("json");
  const std::optional<model::ContentType> known = model::parse_content_type(type);
  if (!known || *known == model::ContentType::v8)
    fields.refuse("content_type", "must be json, text or bytes");
  message.delay_s = delay_s;
  if (const auto own = fields.optional_integer("delay_seconds", 0, model::kLongestDelayS))
    message.delay_s = *own;
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  Result<std::string> bytes = message_bytes(object, *known);
  if (!bytes) return tl::unexpected<Error>(bytes.error());
  if (bytes->size() > model::kLargestMessage)
    return fail(Errc::too_large,
                fmt::format("a message of {} bytes; {} are the most", bytes->size(), model::kLargestMessage),
                "body");
  message.id = entropy.uuid();
  message.type = *known;
  message.body = std::move(*bytes);
  return message;
}

}  // namespace

Status read_queue(const json::object& body, bool is_new, model::MessageQueue& queue) {
  wire::Fields fields(body);
  const std::optional<std::string> name = is_new
                                              ? fields.required_text("queue_name", {1, kLongestName, false})
                                              : fields.optional_text("queue_name", {1, kLongestName, false});
  if (name) {
    queue.name = *name;
    if (!model::is_queue_name(queue.name) && !queue.name.empty())
      fields.refuse("queue_name",
                    "must be 1 to 63 letters, digits, '-' and '_', and begin and end with a letter or digit");
  }
  Status settings = read_settings(fields, queue.settings);
  if (Status fine = fields.status(); !fine) return fine;
  return settings;
}

Result<model::QueueConsumer> read_consumer(const json::object& body,
                                           const std::optional<model::QueueConsumer>& before) {
  wire::Fields fields(body);
  const std::string type = fields.required_text("type", {1, 64, false});
  const std::optional<model::ConsumerKind> kind = model::parse_consumer_kind(type);
  if (!kind && !type.empty()) fields.refuse("type", "must be worker or http_pull");
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  const bool is_worker = *kind == model::ConsumerKind::worker;
  model::QueueConsumer consumer = is_worker ? model::usual_worker_consumer() : model::QueueConsumer();
  if (before) {
    // A deployment tells all of a Worker's: what it does not name is as it is usual again.
    if (before->kind == *kind && !is_worker) consumer = *before;
    if (before->kind == *kind) consumer.worker_name = before->worker_name;
    consumer.id = before->id;
    consumer.created_on = before->created_on;
  }
  if (is_worker) {
    for (const char* name : {"script", "script_name"}) {
      if (const auto worker = fields.optional_text(name, {1, kLongestWorkerName, false}))
        consumer.worker_name = *worker;
    }
    if (consumer.worker_name.empty()) fields.refuse("script_name", "is required: the Worker that consumes");
    if (const auto where = fields.optional_text("environment_name", {0, kLongestName, false});
        where && !where->empty() && *where != "production")
      fields.refuse("environment_name", "must be empty: a Worker of Kiln has no environments");
  }
  if (const auto dead = fields.optional_text("dead_letter_queue", {0, kLongestName, false}))
    consumer.dead_letter_queue = *dead;
  const json::object* object = fields.optional_object("settings");
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  if (object == nullptr) return consumer;
  wire::Fields within(*object, "settings.");
  if (const auto size = within.optional_integer("batch_size", 1, model::kMostPulled))
    consumer.batch_size = static_cast<int>(*size);
  if (const auto most = within.optional_integer("max_retries", 0, model::kMostRetries))
    consumer.max_retries = static_cast<int>(*most);
  if (const auto delay = within.optional_integer("retry_delay", 0, model::kLongestDelayS))
    consumer.retry_delay_s = *delay;
  if (is_worker) {
    if (const auto wait = within.optional_integer("max_wait_time_ms", 0, model::kLongestBatchWaitMs))
      consumer.max_wait_ms = *wait;
    if (const auto most = within.optional_integer("max_concurrency", 1, model::kMostConcurrent))
      consumer.max_concurrency = static_cast<int>(*most);
  } else if (const auto visible =
                 within.optional_integer("visibility_timeout_ms", 0, model::kLongestVisibilityMs)) {
    consumer.visibility_ms = *visible;
  }
  if (Status fine = within.status(); !fine) return tl::unexpected<Error>(fine.error());
  return consumer;
}

Result<store::NewMessage> read_message(const json::object& body, Entropy& entropy) {
  return message_of(body, std::nullopt, entropy);
}

Result<std::vector<store::NewMessage>> read_batch(const json::object& body, Entropy& entropy) {
  wire::Fields fields(body);
  const auto delay = fields.optional_integer("delay_seconds", 0, model::kLongestDelayS);
  const auto messages = fields.optional_objects("messages", model::kMostSent);
  if (const Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  if (messages.empty())
    return fail(Errc::invalid, "Invalid request body: messages must be a list with a message in it",
                "messages");
  std::vector<store::NewMessage> out;
  for (const json::object* one : messages) {
    Result<store::NewMessage> message = message_of(*one, delay, entropy);
    if (!message) return context(message.error(), fmt::format("messages[{}]", out.size()));
    out.push_back(std::move(*message));
  }
  return out;
}

Result<PullBody> read_pull(const json::object& body) {
  wire::Fields fields(body);
  PullBody out;
  if (const auto most = fields.optional_integer("batch_size", 1, model::kMostPulled))
    out.most = static_cast<int>(*most);
  // The name in wrangler's own words for people.
  if (const auto visible = fields.optional_integer("visibility_timeout", 0, model::kLongestVisibilityMs))
    out.visibility_ms = *visible;
  if (const auto visible = fields.optional_integer("visibility_timeout_ms", 0, model::kLongestVisibilityMs))
    out.visibility_ms = *visible;
  if (const Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  return out;
}

Result<AckBody> read_acks(const json::object& body) {
  wire::Fields fields(body);
  const auto acks = fields.optional_objects("acks", kMostAcks);
  const auto retries = fields.optional_objects("retries", kMostAcks);
  if (const Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  AckBody out;
  for (const json::object* one : acks) {
    wire::Fields within(*one, "acks.");
    out.done.push_back(within.required_text("lease_id", {1, 256, false}));
    if (const Status fine = within.status(); !fine) return tl::unexpected<Error>(fine.error());
  }
  for (const json::object* one : retries) {
    wire::Fields within(*one, "retries.");
    store::GivenBack back;
    back.lease = within.required_text("lease_id", {1, 256, false});
    back.delay_s = within.optional_integer("delay_seconds", 0, model::kLongestDelayS);
    if (const Status fine = within.status(); !fine) return tl::unexpected<Error>(fine.error());
    out.given_back.push_back(std::move(back));
  }
  return out;
}

Result<std::vector<Uuid>> read_refs(const json::object& body) {
  wire::Fields fields(body);
  const auto refs = fields.optional_objects("refs", kMostAcks);
  if (const Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  std::vector<Uuid> out;
  for (const json::object* one : refs) {
    wire::Fields within(*one, "refs.");
    const std::optional<std::string> raw = from_hex(within.required_text("ref", {1, 256, false}));
    const std::optional<Uuid> id = raw ? Uuid::from_raw(*raw) : std::nullopt;
    if (!id) within.refuse("ref", "must be a ref that a peek answered");
    if (Status fine = within.status(); !fine) return tl::unexpected<Error>(fine.error());
    out.push_back(*id);
  }
  return out;
}

Result<std::vector<model::EventKind>> read_events(const std::vector<std::string>& names) {
  std::vector<model::EventKind> out;
  for (const std::string& name : names) {
    const std::optional<model::EventKind> kind = model::event_of_name(name);
    if (!kind)
      return fail(Errc::invalid,
                  fmt::format("Invalid request body: events has '{}', which is none; there are {}", name,
                              event_words()),
                  "events");
    if (std::find(out.begin(), out.end(), *kind) == out.end()) out.push_back(*kind);
  }
  if (out.empty())
    return fail(Errc::invalid,
                fmt::format("Invalid request body: events must name one at least, of {}", event_words()),
                "events");
  return out;
}

Status read_subscription(const json::object& body, bool is_new, model::EventSubscription& subscription) {
  wire::Fields fields(body);
  if (const auto name = fields.optional_text("name", {1, kLongestName, false})) subscription.name = *name;
  if (is_new && subscription.name.empty()) fields.refuse("name", "is required");
  if (const auto enabled = fields.optional_bool("enabled")) subscription.enabled = *enabled;
  if (const json::object* source = fields.optional_object("source"); source != nullptr && is_new) {
    wire::Fields within(*source, "source.");
    const std::string type = within.required_text("type", {1, 64, false});
    if (!type.empty() && type != "workersBuilds.worker")
      within.refuse("type", "must be workersBuilds.worker: Kiln has events of builds alone");
    subscription.worker_name = within.required_text("worker_name", {1, kLongestWorkerName, false});
    if (Status fine = within.status(); !fine) return fine;
  } else if (is_new) {
    fields.refuse("source", "is required");
  }
  if (const json::object* destination = fields.optional_object("destination")) {
    wire::Fields within(*destination, "destination.");
    const std::string type = within.required_text("type", {1, 64, false});
    if (!type.empty() && type != "queues.queue") within.refuse("type", "must be queues.queue");
    subscription.queue_id = within.required_text("queue_id", {1, 64, false});
    if (Status fine = within.status(); !fine) return fine;
  } else if (is_new) {
    fields.refuse("destination", "is required");
  }
  const auto names = fields.optional_list("events", kMostEvents, {1, 64, false});
  if (Status fine = fields.status(); !fine) return fine;
  if (!names && !is_new) return {};
  Result<std::vector<model::EventKind>> events = read_events(names.value_or(std::vector<std::string>()));
  if (!events) return tl::unexpected<Error>(events.error());
  subscription.events = std::move(*events);
  return {};
}

}  // namespace kiln::api::queues
