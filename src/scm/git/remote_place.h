// Where a remote's URL leads: the host that git will ask. Internal to scm/git. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace kiln::scm {

enum class Transport : std::uint8_t { local, http, https, ssh };

struct RemotePlace {
  Transport transport = Transport::local;
  std::string host;  // lower case, without the brackets of an IPv6 address; empty for local
  std::string port;  // as digits; of http(s) always there, of ssh only when the URL names one
};

// Of a URL that check_remote_url() takes. Errors: Errc::invalid, field "url", for hosts that two programs
// could read in two ways: percent signs, a dot at the end, anything but letters, digits, '.', '-' and '_'.
[[nodiscard]] Result<RemotePlace> place_of(const std::string& url);

}  // namespace kiln::scm
