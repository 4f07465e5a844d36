// The way to a version's process: its sockets, and connections to them. Functions without state: any thread.
#pragma once

#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "serving/runtimes.h"

namespace kiln::serving {

// Non-blocking. Errors: Errc::conflict when its queue is full now, so that it has to be asked again; Errc::io
// when nobody listens there; Errc::unavailable.
[[nodiscard]] Result<Fd> connect_unix(const std::string& path);

// Where a called entrypoint of the process is; null: the version has none of that name.
[[nodiscard]] const std::string* entrypoint_path(const Endpoint& endpoint, const std::string& entrypoint);
[[nodiscard]] tl::unexpected<Error> no_entrypoint(const std::string& entrypoint);

}  // namespace kiln::serving
