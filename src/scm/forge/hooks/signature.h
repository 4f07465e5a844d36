// How deliveries prove themselves. Pure, in constant time over what is secret; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace kiln::scm {

// Whether `text` is 64 hex digits behind `scheme` ("sha256=", or nothing).
[[nodiscard]] bool is_hex_signature(std::string_view scheme, std::string_view text);

// Whether it is HMAC-SHA256 of the bytes in lower-case hex, behind `scheme`.
[[nodiscard]] bool hex_signature_fits(std::string_view scheme, std::string_view secret,
                                      std::string_view bytes, std::string_view signature);

// Standard Webhooks: "v1," and base64 of the HMAC-SHA256 of "id.timestamp.body", several apart by spaces; the
// key is base64 behind "whsec_". Not more than five minutes old or ahead.
struct StandardWebhook {
  std::string_view id;
  std::string_view timestamp;  // Unix seconds
  std::string_view signatures;
};
[[nodiscard]] bool is_standard_webhook_secret(std::string_view secret);
[[nodiscard]] bool standard_webhook_fits(std::string_view secret, const StandardWebhook& webhook,
                                         std::string_view body, TimeMs now);

}  // namespace kiln::scm
