// What a version is made of: its modules, assets and bindings, for `kiln show`. One thread. Internal to cli.
#pragma once

#include "base/result.h"
#include "cli/context.h"
#include "cli/ids.h"
#include "cli/server.h"

namespace kiln::cli {

[[nodiscard]] Status show_version(Context& context, Server& server, const FoundId& version);

}  // namespace kiln::cli
