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

}  // namespace

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

bool is_queue_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestQueueName) return false;
  if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

}  // namespace kiln::model
