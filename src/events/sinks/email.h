// A notice as a mail. Pure; any thread.
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "base/mail.h"
#include "events/sinks/notice.h"
#include "model/sink.h"

namespace kiln::events {

// `delivery` is in its Message-ID, so that whoever gets it twice sees that.
[[nodiscard]] Mail mail_of(const model::SinkSecrets& secrets, const Notice& notice, const Uuid& delivery,
                           TimeMs now);

}  // namespace kiln::events
