#include "serving/queues/batch_frame.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <optional>
#include <set>

#include "base/hex.h"

namespace kiln::serving {
namespace {

namespace json = boost::json;

constexpr std::size_t kLengthBytes = 4;

// Of {"delaySeconds": 5}, where there is one: not longer than the platform's.
std::optional<std::int64_t> delay_of(const json::object& object) {
  const json::value* delay = object.if_contains("delaySeconds");
  if (delay == nullptr || !delay->is_int64()) return std::nullopt;
  return std::clamp<std::int64_t>(delay->get_int64(), 0, model::kLongestDelayS);
}

bool truth_at(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

}  // namespace

std::string batch_frame(const store::Batch& batch) {
  json::array messages;
  std::size_t bytes = 0;
  for (const store::QueuedMessage& one : batch.messages) {
    messages.push_back({{"id", to_hex(one.id.raw())},
                        {"timestamp", one.sent_on},
                        {"attempts", one.attempts},
                        {"type", to_string(one.type)},
                        {"size", one.body.size()}});
    bytes += one.body.size();
  }
  const std::string head =
      json::serialize(json::object{{"queue", batch.queue.queue_name},
                                   {"messages", std::move(messages)},
                                   {"metrics",
                                    {{"backlogCount", batch.backlog.count},
                                     {"backlogBytes", batch.backlog.bytes},
                                     {"oldestMessageTimestamp", batch.backlog.oldest_on}}}});
  std::string out;
  out.reserve(kLengthBytes + head.size() + bytes);
  for (std::size_t i = 0; i < kLengthBytes; ++i) out += static_cast<char>(head.size() >> (8 * i) & 0xffU);
  out += head;
  for (const store::QueuedMessage& one : batch.messages) out += one.body;
  return out;
}

BatchVerdict failed_batch(std::string outcome, const store::Batch& batch) {
  BatchVerdict out;
  out.outcome = std::move(outcome);
  for (const store::QueuedMessage& one : batch.messages) out.given_back.push_back({one.lease, std::nullopt});
  return out;
}

// An acknowledgement of a single message goes before all; then its own wish to come again, then what was said
// of the batch, in which the handler's failure is one that all come again.
BatchVerdict read_batch_answer(std::string_view text, const store::Batch& batch) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* outcome = object == nullptr ? nullptr : object->if_contains("outcome");
  if (outcome == nullptr || !outcome->is_string()) return failed_batch("exception", batch);
  BatchVerdict out;
  out.outcome = outcome->get_string();
  std::set<std::string, std::less<>> done;
  if (const json::value* list = object->if_contains("explicitAcks"); list != nullptr && list->is_array()) {
    for (const json::value& id : list->get_array()) {
      if (id.is_string()) done.emplace(id.get_string());
    }
  }
  std::map<std::string, std::optional<std::int64_t>, std::less<>> again;
  if (const json::value* list = object->if_contains("retryMessages"); list != nullptr && list->is_array()) {
    for (const json::value& one : list->get_array()) {
      const json::object* retry = one.if_object();
      const json::value* id = retry == nullptr ? nullptr : retry->if_contains("msgId");
      if (id != nullptr && id->is_string()) again[std::string(id->get_string())] = delay_of(*retry);
    }
  }
  const json::value* whole = object->if_contains("retryBatch");
  const json::object* retry = whole == nullptr ? nullptr : whole->if_object();
  const bool all_again = (retry != nullptr && truth_at(*retry, "retry")) || out.outcome != "ok";
  const std::optional<std::int64_t> delay = retry == nullptr ? std::nullopt : delay_of(*retry);
  const bool all_done = truth_at(*object, "ackAll");
  for (const store::QueuedMessage& one : batch.messages) {
    const std::string id = to_hex(one.id.raw());
    const auto wish = again.find(id);
    if (!done.contains(id) && (wish != again.end() || (all_again && !all_done))) {
      const bool has_own = wish != again.end() && wish->second;
      out.given_back.push_back({one.lease, has_own ? wish->second : delay});
    } else {
      out.done.push_back(one.lease);
    }
  }
  return out;
}

}  // namespace kiln::serving
