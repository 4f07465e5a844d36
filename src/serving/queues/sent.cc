#include "serving/queues/sent.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "base/hex.h"

namespace kiln::serving {
namespace {

namespace json = boost::json;

Result<std::optional<std::int64_t>> checked_delay(std::int64_t seconds) {
  if (seconds >= 0 && seconds <= model::kLongestDelayS) return seconds;
  return fail(Errc::invalid, fmt::format("delaySeconds must be between 0 and {}", model::kLongestDelayS));
}

Result<std::optional<std::int64_t>> delay_in(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return checked_delay(-1);
  return checked_delay(seconds);
}

// Where no format is named, v8 wrote it.
Result<model::ContentType> type_in(std::string_view word) {
  if (word.empty()) return model::ContentType::v8;
  const std::optional<model::ContentType> type = model::parse_content_type(word);
  if (!type) return fail(Errc::invalid, "the message's content type must be json, text, bytes or v8");
  return *type;
}

Status check_size(std::size_t bytes) {
  if (bytes <= model::kLargestMessage) return {};
  return fail(Errc::too_large,
              fmt::format("message length of {} bytes exceeds limit of {}", bytes, model::kLargestMessage));
}

Result<store::NewMessage> message_in(const json::value& value, std::optional<std::int64_t> delay_s,
                                     Entropy& entropy) {
  const json::object* object = value.if_object();
  const json::value* body = object == nullptr ? nullptr : object->if_contains("body");
  if (body == nullptr || !body->is_string()) return fail(Errc::invalid, "a message of the batch has no body");
  std::optional<std::string> bytes = from_base64(body->get_string());
  if (!bytes) return fail(Errc::invalid, "a message of the batch has a body that is not base64");
  store::NewMessage out;
  out.body = *std::move(bytes);
  if (const Status fits = check_size(out.body.size()); !fits) return tl::unexpected<Error>(fits.error());
  const json::value* word = object->if_contains("contentType");
  const Result<model::ContentType> type = type_in(
      word != nullptr && word->is_string() ? std::string_view(word->get_string()) : std::string_view());
  if (!type) return tl::unexpected<Error>(type.error());
  out.type = *type;
  out.delay_s = delay_s;
  if (const json::value* own = object->if_contains("delaySecs"); own != nullptr && !own->is_null()) {
    if (!own->is_int64()) return fail(Errc::invalid, "a message of the batch has a delay that is no number");
    const auto delay = checked_delay(own->get_int64());
    if (!delay) return tl::unexpected<Error>(delay.error());
    out.delay_s = *delay;
  }
  out.id = entropy.uuid();
  return out;
}

}  // namespace

Result<store::NewMessage> read_sent_message(const SentFields& fields, std::string body, Entropy& entropy) {
  if (const Status fits = check_size(body.size()); !fits) return tl::unexpected<Error>(fits.error());
  const Result<model::ContentType> type = type_in(fields.format);
  if (!type) return tl::unexpected<Error>(type.error());
  const auto delay = delay_in(fields.delay);
  if (!delay) return tl::unexpected<Error>(delay.error());
  return store::NewMessage{entropy.uuid(), std::move(body), *type, *delay};
}

Result<std::vector<store::NewMessage>> read_sent_batch(const SentFields& fields, std::string_view body,
                                                       Entropy& entropy) {
  const auto delay = delay_in(fields.delay);
  if (!delay) return tl::unexpected<Error>(delay.error());
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(body.data(), body.size()), error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* list = object == nullptr ? nullptr : object->if_contains("messages");
  if (list == nullptr || !list->is_array() || list->get_array().empty())
    return fail(Errc::invalid, "the batch is no list of messages");
  if (list->get_array().size() > static_cast<std::size_t>(model::kMostSent))
    return fail(Errc::too_large, fmt::format("batch message count of {} exceeds limit of {}",
                                             list->get_array().size(), model::kMostSent));
  std::vector<store::NewMessage> out;
  std::size_t bytes = 0;
  for (const json::value& one : list->get_array()) {
    Result<store::NewMessage> message = message_in(one, *delay, entropy);
    if (!message) return tl::unexpected<Error>(message.error());
    bytes += message->body.size();
    out.push_back(*std::move(message));
  }
  if (bytes > model::kLargestSent)
    return fail(Errc::too_large,
                fmt::format("batch size of {} bytes exceeds limit of {}", bytes, model::kLargestSent));
  return out;
}

}  // namespace kiln::serving
