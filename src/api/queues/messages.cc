// Messages: sent, pulled, acknowledged, looked at, taken away.
#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/queues/bodies.h"
#include "api/queues/handlers.h"
#include "base/hex.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "wire/json.h"

namespace kiln::api::queues {
namespace {

namespace json = boost::json;

constexpr int kUsualPeek = 5;
// A hundred messages, each of the largest with every byte escaped.
constexpr std::size_t kBatchBody = 32U << 20U;

json::object metrics_json(const store::Backlog& backlog) {
  return {{"backlog_count", backlog.count},
          {"backlog_bytes", backlog.bytes},
          {"oldest_message_timestamp_ms", backlog.oldest_on}};
}

json::object with_metrics(const store::Backlog& backlog) {
  return {{"metadata", {{"metrics", metrics_json(backlog)}}}};
}

// Texts stand there as they are, everything else in base64.
json::object message_json(const store::QueuedMessage& message) {
  const bool is_text = message.type == model::ContentType::text;
  return {{"id", to_hex(message.id.raw())},
          {"body", is_text ? to_valid_utf8(message.body) : to_base64(message.body)},
          {"timestamp_ms", message.sent_on},
          {"attempts", message.attempts},
          {"metadata", {{"CF-Content-Type", to_string(message.type)}}}};
}

Result<http::Reply> sent(const QueuesDeps& deps, const Call& call,
                         const std::vector<store::NewMessage>& messages) {
  const auto backlog = deps.messages.send(call.account_id, call.request.param("queue_id"), messages);
  if (!backlog) return tl::unexpected<Error>(backlog.error());
  if (deps.sent) deps.sent(call.request.param("queue_id"));
  return success_response(with_metrics(*backlog));
}

Result<http::Reply> send_one(const QueuesDeps& deps, const Call& call) {
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  Result<store::NewMessage> message = read_message(*body, deps.entropy);
  if (!message) return tl::unexpected<Error>(message.error());
  return sent(deps, call, {std::move(*message)});
}

Result<http::Reply> send_batch(const QueuesDeps& deps, const Call& call) {
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<std::vector<store::NewMessage>> messages = read_batch(*body, deps.entropy);
  if (!messages) return tl::unexpected<Error>(messages.error());
  return sent(deps, call, *messages);
}

Result<http::Reply> pull(const QueuesDeps& deps, const Call& call) {
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<PullBody> asked = read_pull(*body);
  if (!asked) return tl::unexpected<Error>(asked.error());
  const auto pulled =
      deps.messages.pull(call.account_id, call.request.param("queue_id"), asked->most, asked->visibility_ms);
  if (!pulled) return tl::unexpected<Error>(pulled.error());
  if (pulled->buried > 0 && deps.sent) deps.sent({});
  json::array messages;
  for (const store::QueuedMessage& one : pulled->messages) {
    json::object message = message_json(one);
    message["lease_id"] = one.lease;
    messages.push_back(std::move(message));
  }
  json::object result = with_metrics(pulled->backlog);
  result["message_backlog_count"] = pulled->backlog.count;
  result["messages"] = std::move(messages);
  return success_response(result);
}

Result<http::Reply> acknowledge(const QueuesDeps& deps, const Call& call) {
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<AckBody> asked = read_acks(*body);
  if (!asked) return tl::unexpected<Error>(asked.error());
  const auto done = deps.messages.acknowledge(call.account_id, call.request.param("queue_id"), asked->done,
                                              asked->given_back);
  if (!done) return tl::unexpected<Error>(done.error());
  if (done->buried > 0 && deps.sent) deps.sent({});
  json::object warnings;
  for (const std::string& lease : done->unknown)
    warnings[lease] = "no message is leased by this id any more: the lease ended, or it was acknowledged";
  return success_response(json::object{
      {"ackCount", done->done}, {"retryCount", done->given_back}, {"warnings", std::move(warnings)}});
}

Result<http::Reply> peek(const QueuesDeps& deps, const Call& call) {
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<PullBody> asked = read_pull(*body);
  if (!asked) return tl::unexpected<Error>(asked.error());
  const auto found =
      deps.messages.peek(call.account_id, call.request.param("queue_id"), asked->most.value_or(kUsualPeek));
  if (!found) return tl::unexpected<Error>(found.error());
  json::array messages;
  for (const store::QueuedMessage& one : *found) {
    json::object message = message_json(one);
    message["ref"] = to_hex(one.id.raw());
    messages.push_back(std::move(message));
  }
  return success_response(json::object{{"messages", std::move(messages)}});
}

Result<http::Reply> remove(const QueuesDeps& deps, const Call& call) {
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  const Result<std::vector<Uuid>> ids = read_refs(*body);
  if (!ids) return tl::unexpected<Error>(ids.error());
  if (const Status gone = deps.messages.remove(call.account_id, call.request.param("queue_id"), *ids); !gone)
    return tl::unexpected<Error>(gone.error());
  return success_response(json::object{{"errors", json::array()}, {"warnings", json::object()}});
}

Result<http::Reply> metrics(const QueuesDeps& deps, const Call& call) {
  const auto backlog = deps.messages.backlog(call.account_id, call.request.param("queue_id"));
  if (!backlog) return tl::unexpected<Error>(backlog.error());
  return success_response(metrics_json(*backlog));
}

Result<http::Reply> purge(const QueuesDeps& deps, const Call& call) {
  const Result<json::object> body = body_of(call);
  if (!body) return tl::unexpected<Error>(body.error());
  wire::Fields fields(*body);
  const bool is_meant = fields.optional_bool("delete_messages_permanently").value_or(false);
  if (const Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  if (!is_meant)
    return fail(Errc::invalid,
                "Invalid request body: delete_messages_permanently must be true, since the messages are gone "
                "after it",
                "delete_messages_permanently");
  const std::string id = call.request.param("queue_id");
  if (const Status purged = deps.messages.purge(call.account_id, id); !purged)
    return tl::unexpected<Error>(purged.error());
  return answer_queue(deps, call, id);
}

Result<http::Reply> purge_state(const QueuesDeps& deps, const Call& call) {
  const auto purged = deps.messages.purged_on(call.account_id, call.request.param("queue_id"));
  if (!purged) return tl::unexpected<Error>(purged.error());
  if (!*purged) return success_response(json::object{{"completed", ""}, {"started_at", ""}});
  return success_response(json::object{{"completed", "true"}, {"started_at", format_rfc3339(**purged)}});
}

}  // namespace

void add_messages(Routes& routes) {
  const std::string queue = "/queues/{queue_id}";
  routes.add("POST", queue + "/messages", Needs::queues_write, send_one);
  routes.add("POST", queue + "/messages/batch", Needs::queues_write, send_batch, {.max_body = kBatchBody});
  routes.add("POST", queue + "/messages/pull", Needs::queues_write, pull);
  routes.add("POST", queue + "/messages/ack", Needs::queues_write, acknowledge);
  routes.add("POST", queue + "/messages/peek", Needs::queues_write, peek, {.work = http::Work::read});
  routes.add("POST", queue + "/messages/purge", Needs::queues_write, remove);
  routes.add("GET", queue + "/metrics", Needs::queues_read, metrics);
  routes.add("POST", queue + "/purge", Needs::queues_write, purge);
  routes.add("GET", queue + "/purge", Needs::queues_read, purge_state);
}

}  // namespace kiln::api::queues
