#include "workers/kv_rules.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <charconv>

#include "base/strings.h"

namespace kiln::workers {
namespace {

constexpr TimeMs kSecondMs = 1000;

std::optional<std::int64_t> whole_seconds(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  // Beyond, milliseconds are no 64-bit number.
  constexpr std::int64_t kMost = 1'000'000'000'000;
  return number > kMost ? std::nullopt : std::optional(number);
}

tl::unexpected<Error> bad_end(const char* field, const std::string& text, std::string_view advice) {
  return fail(Errc::invalid, fmt::format("Invalid {} of {}. {}", field, to_valid_utf8(text), advice), field);
}

}  // namespace

Status check_kv_key(std::string_view name) {
  if (name.empty()) return fail(Errc::invalid, "Key names must not be empty", "key_name");
  if (name == "." || name == "..")
    return fail(Errc::invalid, fmt::format("Illegal key name \"{}\". Please use a different name.", name),
                "key_name");
  if (to_valid_utf8(name) != name) return fail(Errc::invalid, "Key names must be UTF-8", "key_name");
  if (name.size() > model::kLongestKvKey)
    return fail(Errc::too_large,
                fmt::format("UTF-8 encoded length of {} exceeds key length limit of {}.", name.size(),
                            model::kLongestKvKey),
                "key_name");
  return {};
}

Status check_kv_entry(const store::KvEntry& entry) {
  if (Status key = check_kv_key(entry.key.name); !key) return key;
  if (entry.value.size() > model::kLargestKvValue)
    return fail(
        Errc::too_large,
        fmt::format("Value length of {} exceeds limit of {}.", entry.value.size(), model::kLargestKvValue),
        "value");
  const std::string& metadata = entry.key.metadata;
  if (metadata.size() > model::kLargestKvMetadata)
    return fail(
        Errc::too_large,
        fmt::format("Metadata length of {} exceeds limit of {}.", metadata.size(), model::kLargestKvMetadata),
        "metadata");
  boost::system::error_code error;
  if (!metadata.empty()) (void)boost::json::parse(metadata, error);
  if (error) return fail(Errc::invalid, "Metadata must be valid JSON.", "metadata");
  return {};
}

Result<std::optional<TimeMs>> kv_end(const std::optional<std::string>& ttl,
                                     const std::optional<std::string>& at, TimeMs now) {
  const std::int64_t second = now / kSecondMs;
  if (ttl) {
    const std::optional<std::int64_t> life = whole_seconds(*ttl);
    if (!life || *life <= 0) return bad_end("expiration_ttl", *ttl, "Please specify integer greater than 0.");
    if (*life < model::kShortestKvLifeS)
      return bad_end("expiration_ttl", *ttl,
                     fmt::format("Expiration TTL must be at least {}.", model::kShortestKvLifeS));
    return std::optional((second + *life) * kSecondMs);
  }
  if (!at) return std::optional<TimeMs>();
  const std::optional<std::int64_t> end = whole_seconds(*at);
  if (!end || *end <= second)
    return bad_end("expiration", *at,
                   "Please specify integer greater than the current number of seconds since the UNIX epoch.");
  if (*end < second + model::kShortestKvLifeS)
    return bad_end(
        "expiration", *at,
        fmt::format("Expiration times must be at least {} seconds in the future.", model::kShortestKvLifeS));
  return std::optional(*end * kSecondMs);
}

}  // namespace kiln::workers
