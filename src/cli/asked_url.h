// A URL that somebody asks about: which version answers there? Pure but for asking the server; one thread.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/server.h"

namespace kiln::cli {

struct AskedUrl {
  std::string scheme;  // "https" or whatever stood there
  std::string host;
  std::string target;  // path and query
};

// Of a URL, or of one without its scheme that has a dot in its host.
[[nodiscard]] std::optional<AskedUrl> parse_asked(std::string_view url);

// What answers there now: "account_id", "worker", "versions".
[[nodiscard]] Result<boost::json::value> route_of(Server& server, const AskedUrl& url);

}  // namespace kiln::cli
