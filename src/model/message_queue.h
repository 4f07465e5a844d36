// Message queues of an account, and who takes messages out of them. Values: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace kiln::model {

inline constexpr std::int64_t kShortestRetentionS = 60;
inline constexpr std::int64_t kUsualRetentionS = std::int64_t{4} * 86'400;
inline constexpr std::int64_t kLongestRetentionS = std::int64_t{14} * 86'400;
inline constexpr std::int64_t kLongestDelayS = 86'400;
inline constexpr TimeMs kLongestVisibilityMs = TimeMs{12} * 3'600'000;
inline constexpr int kMostPulled = 100;  // messages at once
inline constexpr int kMostRetries = 100;
inline constexpr int kMostSent = 100;                    // messages at once
inline constexpr std::size_t kLargestMessage = 128'000;  // bytes
inline constexpr std::size_t kLargestSent = 256'000;     // bytes of messages that a Worker sends at once
inline constexpr TimeMs kLongestBatchWaitMs = 60'000;
inline constexpr int kMostConcurrent = 250;  // batches of a queue at once
inline constexpr int kMostQueues = 10'000;   // of an account

struct QueueSettings {
  std::int64_t delivery_delay_s = 0;  // before a message that names none can be taken
  std::int64_t retention_s = kUsualRetentionS;
  bool paused = false;  // nothing is taken out
};

struct MessageQueue {
  std::string id;  // 32 hex digits
  std::string account_id;
  std::string name;
  QueueSettings settings;
  TimeMs created_on = 0;
  TimeMs modified_on = 0;
};

// Who takes a queue's messages: whoever pulls them over HTTP, or a Worker that is called with them.
enum class ConsumerKind { http_pull, worker };
[[nodiscard]] std::string_view to_string(ConsumerKind kind);
[[nodiscard]] std::optional<ConsumerKind> parse_consumer_kind(std::string_view text);

// How often a message is handed out, and how many at once.
struct QueueConsumer {
  std::string id;  // 32 hex digits
  int batch_size = 5;
  int max_retries = 3;
  TimeMs visibility_ms = 30'000;  // of one that is pulled: how long it is whose pulled it
  std::int64_t retry_delay_s = 0;
  std::string dead_letter_queue;  // its name; empty: what was handed out too often is dropped
  TimeMs created_on = 0;
  ConsumerKind kind = ConsumerKind::http_pull;
  // Of a Worker alone.
  std::string worker_tag{};
  std::string worker_name{};
  TimeMs max_wait_ms = 0;   // for messages that fill the batch
  int max_concurrency = 0;  // batches at once; 0: as many as the server has room for
};

// As a Worker's consumer is made where nothing else is said.
[[nodiscard]] QueueConsumer usual_worker_consumer();

// Of a message's body; what the words are in messages' metadata.
enum class ContentType { json, text, bytes, v8 };
[[nodiscard]] std::string_view to_string(ContentType type);
[[nodiscard]] std::optional<ContentType> parse_content_type(std::string_view text);

// 1 to 63 letters, digits, '-' and '_', beginning and ending with a letter or digit.
[[nodiscard]] bool is_queue_name(std::string_view name);

// A queue as a version's binding leads to it.
struct SentQueue {
  std::string account_id;
  std::string name;
  std::string copy{};  // the version, where it may never be live; empty: it may
};
[[nodiscard]] std::string sent_queue_name(const SentQueue& queue);
[[nodiscard]] SentQueue read_sent_queue(std::string_view text);

}  // namespace kiln::model
