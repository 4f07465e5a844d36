#include "scm/forge/hooks/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/hash.h"
#include "base/hex.h"

namespace kiln::scm {
namespace {

constexpr std::string_view kSecretScheme = "whsec_";
constexpr TimeMs kMostAgeMs = TimeMs{5} * 60'000;

bool is_timely(std::string_view timestamp, TimeMs now) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
  if (error != std::errc() || end != timestamp.data() + timestamp.size()) return false;
  constexpr std::int64_t most = std::int64_t{1} << 40U;
  if (seconds < 0 || seconds > most) return false;
  return std::abs(now - seconds * 1000) <= kMostAgeMs;
}

}  // namespace

bool is_hex_signature(std::string_view scheme, std::string_view text) {
  constexpr std::size_t digits = 64;
  if (!text.starts_with(scheme) || text.size() != scheme.size() + digits) return false;
  text.remove_prefix(scheme.size());
  return std::all_of(text.begin(), text.end(), [](char c) { return hex_value(c) >= 0; });
}

bool hex_signature_fits(std::string_view scheme, std::string_view secret, std::string_view bytes,
                        std::string_view signature) {
  const bool same = equal_constant_time(std::string(scheme) + to_hex(hmac_sha256(secret, bytes)), signature);
  return same && !secret.empty();
}

bool is_standard_webhook_secret(std::string_view secret) {
  return secret.starts_with(kSecretScheme) && secret.size() > kSecretScheme.size();
}

bool standard_webhook_fits(std::string_view secret, const StandardWebhook& webhook, std::string_view body,
                           TimeMs now) {
  if (!is_standard_webhook_secret(secret)) return false;
  const std::optional<std::string> key = from_base64(secret.substr(kSecretScheme.size()));
  if (!key || key->empty()) return false;
  const std::string signed_text = fmt::format("{}.{}.{}", webhook.id, webhook.timestamp, body);
  const std::string expected = "v1," + to_base64(hmac_sha256(*key, signed_text));
  bool fits = false;
  std::string_view rest = webhook.signatures;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (equal_constant_time(expected, rest.substr(0, end))) fits = true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return fits && is_timely(webhook.timestamp, now);
}

}  // namespace kiln::scm
