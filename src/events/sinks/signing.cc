#include "events/sinks/signing.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "base/hex.h"

namespace kiln::events {

std::vector<std::pair<std::string, std::string>> signed_headers(const model::SinkSecrets& secrets,
                                                                const std::string& id, TimeMs now,
                                                                std::string_view body) {
  const std::string timestamp = std::to_string(now / 1'000);
  const std::string content = fmt::format("{}.{}.{}", id, timestamp, body);
  std::string signatures = "v1," + to_base64(hmac_sha256(secrets.signing, content));
  if (!secrets.previous_signing.empty() && now < secrets.previous_signing_until)
    signatures += " v1," + to_base64(hmac_sha256(secrets.previous_signing, content));
  return {{"webhook-id", id}, {"webhook-timestamp", timestamp}, {"webhook-signature", std::move(signatures)}};
}

}  // namespace kiln::events
