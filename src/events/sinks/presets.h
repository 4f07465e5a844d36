// A notice in each chat's own form. What strangers chose is escaped as the chat asks, and mentions nobody.
// Pure; any thread.
#pragma once

#include <string>

#include "base/http_client.h"
#include "base/ids.h"
#include "events/sinks/notice.h"
#include "model/sink.h"

namespace kiln::events {

// The call that says it there; of every kind but webhook and email. `delivery` keeps chats that know of it
// from saying a message twice.
[[nodiscard]] HttpRequest chat_request(model::SinkKind kind, const model::SinkSecrets& secrets,
                                       const Notice& notice, const Uuid& delivery);

}  // namespace kiln::events
