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
inline constexpr int kMostQueues = 10'000;               // of an account

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

// Whoever pulls a queue's messages over HTTP: how long each is theirs, and how often it is handed out.
struct QueueConsumer {
  std::string id;  // 32 hex digits
  int batch_size = 5;
  int max_retries = 3;
  TimeMs visibility_ms = 30'000;
  std::int64_t retry_delay_s = 0;
  std::string dead_letter_queue;  // its name; empty: what was handed out too often is dropped
  TimeMs created_on = 0;
};

// Of a message's body; what the words are in messages' metadata.
enum class ContentType { json, text, bytes, v8 };
[[nodiscard]] std::string_view to_string(ContentType type);
[[nodiscard]] std::optional<ContentType> parse_content_type(std::string_view text);

// 1 to 63 letters, digits, '-' and '_', beginning and ending with a letter or digit.
[[nodiscard]] bool is_queue_name(std::string_view name);

}  // namespace kiln::model
