// How webhooks are signed: the Standard Webhooks scheme. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/sink.h"

namespace kiln::events {

// webhook-id, webhook-timestamp and webhook-signature over this body, by every secret that is good now.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> signed_headers(
    const model::SinkSecrets& secrets, const std::string& id, TimeMs now, std::string_view body);

}  // namespace kiln::events
