// Dates as the headers of HTTP (RFC 9110 5.6.7) and of mail (RFC 5322 3.3) have them. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace kiln {

// Whole seconds; nothing for what is no date.
[[nodiscard]] std::optional<TimeMs> parse_http_date(std::string_view text);

// "Sun, 06 Nov 1994 08:49:37 GMT", and with "+0000" at its end; English whatever the locale.
[[nodiscard]] std::string format_http_date(TimeMs time);
[[nodiscard]] std::string format_mail_date(TimeMs time);

}  // namespace kiln
