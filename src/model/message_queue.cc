#include "model/message_queue.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kiln::model {
namespace {

constexpr std::size_t kLongestQueueName = 63;
constexpr std::array<std::pair<ContentType, std::string_view>, 4> kContentTypeWords = {
    {{ContentType::json, "json"},
     {ContentType::text, "text"},
     {ContentType::bytes, "bytes"},
     {ContentType::v8, "v8"}}};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr int kUsualBatch = 10;
constexpr TimeMs kUsualBatchWaitMs = 5'000;

}  // namespace

std::string_view to_string(ConsumerKind kind) {
  switch (kind) {
    case ConsumerKind::http_pull:
      return "http_pull";
    case ConsumerKind::worker:
      return "worker";
  }
  return {};
}

std::optional<ConsumerKind> parse_consumer_kind(std::string_view text) {
  for (const ConsumerKind kind : {ConsumerKind::http_pull, ConsumerKind::worker}) {
    if (to_string(kind) == text) return kind;
  }
  return std::nullopt;
}

QueueConsumer usual_worker_consumer() {
  QueueConsumer out;
  out.kind = ConsumerKind::worker;
  out.batch_size = kUsualBatch;
  out.max_wait_ms = kUsualBatchWaitMs;
  return out;
}

std::string_view to_string(ContentType type) {
  for (const auto& [known, word] : kContentTypeWords) {
    if (known == type) return word;
  }
  return {};
}

std::optional<ContentType> parse_content_type(std::string_view text) {
  for (const auto& [type, word] : kContentTypeWords) {
    if (word == text) return type;
  }
  return std::nullopt;
}

// No part has a point in it.
std::string sent_queue_name(const SentQueue& queue) {
  std::string out = queue.account_id + '.' + queue.name;
  if (!queue.copy.empty()) out += '.' + queue.copy;
  return out;
}

SentQueue read_sent_queue(std::string_view text) {
  const std::size_t name = text.find('.');
  if (name == std::string_view::npos) return {std::string(text), {}, {}};
  const std::size_t copy = text.find('.', name + 1);
  SentQueue out{std::string(text.substr(0, name)), std::string(text.substr(name + 1, copy - name - 1)), {}};
  if (copy != std::string_view::npos) out.copy = text.substr(copy + 1);
  return out;
}

bool is_queue_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestQueueName) return false;
  if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

}  // namespace kiln::model
