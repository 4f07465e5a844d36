// What a queue binding sends, in the protocol of workerd: POST /message with one body, POST /batch with a
// JSON list of them. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/entropy.h"
#include "base/result.h"
#include "store/message_store.h"

namespace kiln::serving {

// The fields of a request beside its body; empty: there is none.
struct SentFields {
  std::string_view format;  // X-Msg-Fmt
  std::string_view delay;   // X-Msg-Delay-Secs
};

// Errors: Errc::invalid; Errc::too_large where a message, or a batch, has more than the platform takes.
[[nodiscard]] Result<store::NewMessage> read_sent_message(const SentFields& fields, std::string body,
                                                          Entropy& entropy);
// {"messages": [{"body": base64, "contentType": "json", "delaySecs": 5}]}.
[[nodiscard]] Result<std::vector<store::NewMessage>> read_sent_batch(const SentFields& fields,
                                                                     std::string_view body, Entropy& entropy);

}  // namespace kiln::serving
